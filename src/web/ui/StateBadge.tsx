import { StateIcon } from './StateIcon.tsx'
import { stateColour, stateGround, type State } from './state.ts'
import css from './StateBadge.module.css'

/** The pill for the main state of a page or a row. */
export function StateBadge({ state, word }: { state: State; word: string }) {
  return (
    <span className={css['pill']} style={{ color: stateColour(state), background: stateGround(state) }}>
      <StateIcon state={state} />
      {word}
    </span>
  )
}

/** Icon and plain word, for dense columns and lists. */
export function StateWord({ state, word }: { state: State; word: string }) {
  return (
    <span className={css['plain']}>
      <StateIcon state={state} />
      {word}
    </span>
  )
}
