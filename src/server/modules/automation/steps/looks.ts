import { dayText } from '../../../../contract/format.ts'
import type { Look } from '../queries/looks.ts'

/** An undecided gate looks again so often, one window later each time; then a person decides (loop.md 10). */
export const furtherLooks = 3

export interface GateRange {
  from: number
  to: number
}

export type NextLook =
  | { kind: 'decided'; look: Look }
  | { kind: 'look'; look: number; range: GateRange }
  | { kind: 'wait'; sentence: string }
  | { kind: 'ask'; sentence: string }

/**
 * What a gate does next, from the looks it has taken and how far labels are known: each look sees the first window and as
 * many more of that length. The candidate has seen none of them, so they are as good as the first.
 */
export function nextLook(looks: readonly Look[], range: GateRange, matureUntil: number): NextLook {
  const last = looks.at(-1)
  if (!last) return { kind: 'look', look: 0, range }
  if (last.verdict !== 'insufficient') return { kind: 'decided', look: last }
  if (last.look >= furtherLooks)
    return { kind: 'ask', sentence: `${last.sentence} It looked ${furtherLooks + 1} times; a person decides.` }
  const to = range.to + (last.look + 1) * (range.to - range.from)
  return matureUntil < to
    ? {
        kind: 'wait',
        sentence: `${last.sentence} It looks again when labels up to ${dayText(to)} are known.`,
      }
    : { kind: 'look', look: last.look + 1, range: { from: range.from, to } }
}
