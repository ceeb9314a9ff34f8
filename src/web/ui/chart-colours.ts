import type { Slot } from '../lib/colour.ts'
import type { State } from './state.ts'

/** The tokens as a canvas needs them: computed, for the theme that is on. */
export interface ChartColours {
  text: string
  quiet: string
  grid: string
  zero: string
  ground: string
  slot: (slot: Slot) => string
  state: (state: State) => string
  stateGround: (state: State) => string
}

const names: Record<State, string> = {
  ok: 'ok',
  warn: 'warn',
  crit: 'crit',
  unknown: 'unknown',
  running: 'accent',
  skipped: 'unknown',
}

export function chartColours(): ChartColours {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    text: token('t2'),
    quiet: token('t3'),
    grid: token('line2'),
    zero: token('t3'),
    ground: token('bg'),
    slot: (slot) => token(`s${slot}`),
    state: (state) => token(names[state]),
    stateGround: (state) => token(`${names[state]}-ground`),
  }
}

/** `#rrggbb` with an opacity between 0 and 1. */
export const faded = (colour: string, opacity: number): string =>
  `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`
