import type { Run } from '../../../contract/experiments.ts'
import { slotAt, type Slot } from '../../lib/colour.ts'
import { useUrl } from '../../lib/url.ts'

export interface ChosenRun {
  id: string
  slot: Slot
}

/** So many of the first runs are chosen as long as nobody chose. */
const usual = 6
const nobody = '-'

/** `runs=a,,c`: the place in the list is the colour, so a hole keeps the colours of those behind it. */
export const parseChosen = (text: string): ChosenRun[] =>
  text === nobody ? [] : text.split(',').flatMap((id, index) => (id === '' ? [] : [{ id, slot: slotAt(index) }]))

function toggled(text: string, id: string): string {
  const places = text === nobody || text === '' ? [] : text.split(',')
  const at = places.indexOf(id)
  if (at >= 0) places[at] = ''
  else {
    const hole = places.indexOf('')
    places[hole === -1 ? places.length : hole] = id
  }
  return places.join(',').replace(/,+$/, '') || nobody
}

/** The chosen runs with their colours; the choice stands in the URL. */
export function useChosenRuns(runs: readonly Run[]) {
  const [text, setText] = useUrl('runs', '')
  const whole =
    text ||
    runs
      .slice(0, usual)
      .map((run) => run.id)
      .join(',')
  const chosen = parseChosen(whole)
  return {
    /** As it stands in a link. */
    text: whole,
    chosen,
    slotOf: (id: string): Slot | undefined => chosen.find((one) => one.id === id)?.slot,
    toggle: (id: string): void => setText(toggled(whole, id)),
  }
}
