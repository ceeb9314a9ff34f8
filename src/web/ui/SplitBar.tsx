import { percent } from '../lib/format.ts'
import { slotColour, type Slot } from '../lib/colour.ts'
import css from './SplitBar.module.css'

export interface SplitPart {
  name: string
  /** Share of one. */
  share: number
  slot: Slot
}

/** A little further from the words on it than a line's colour is. */
const ground = (slot: Slot): string => `color-mix(in srgb, ${slotColour(slot)} 86%, var(--t1))`

/** Who gets which share of the traffic. */
export function SplitBar({ parts }: { parts: readonly SplitPart[] }) {
  const words = parts.map((part) => `${part.name} · ${percent(part.share)}`)
  return (
    <div className={css['bar']} role="img" aria-label={`Traffic: ${words.join(', ')}`}>
      {parts.map((part, index) => (
        <div
          key={part.name}
          className={css['part']}
          title={words[index]}
          style={{ flexGrow: part.share, background: ground(part.slot) }}
        >
          {words[index]}
        </div>
      ))}
    </div>
  )
}

/** A small square in the colour of a run or variant. */
export function Swatch({ slot }: { slot: Slot }) {
  return <span className={css['swatch']} style={{ background: slotColour(slot) }} aria-hidden="true" />
}
