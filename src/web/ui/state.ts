/** What a thing can be. Unknown is a state of its own: it is never shown as ok. */
export type State = 'ok' | 'warn' | 'crit' | 'unknown' | 'running' | 'skipped'

const colours: Record<State, string> = {
  ok: 'ok',
  warn: 'warn',
  crit: 'crit',
  unknown: 'unknown',
  running: 'accent',
  skipped: 'unknown',
}

export const stateColour = (state: State): string => `var(--${colours[state]})`
export const stateGround = (state: State): string => `var(--${colours[state]}-ground)`
