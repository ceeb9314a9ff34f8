import { number, percent } from '../../../contract/format.ts'
import { biasShare } from '../../../stats/performance-cause.ts'
import type { RegressionSums } from '../../../stats/units.ts'

export interface CauseInput {
  sums: RegressionSums
  /** Share of rows with at least one value outside the training range, by column. */
  outside: readonly { column: string; share: number }[]
  /** What matters most first. */
  drifted: readonly { column: string; effect: number; impact: number | null }[]
  /** How many inputs could be compared with the training rows; without any nobody knows whether they moved. */
  compared: number
  /** For classifiers, in place of bias: shares of the answer 1; empty where answers are not 0 and 1. */
  classes: Classes | undefined
}

export interface Classes {
  predicted?: number
  actual?: number
}

export interface Cause {
  sentence: string
  kind: 'inputs_left_training_range' | 'concept_change' | 'unexplained'
  numbers: Record<string, unknown>
}

/** Shares of the answer 1 that lie further apart than this are worth a sentence. */
const classGap = 0.02

/**
 * Why the error grew, measured: how much of it is bias, which columns left the training range, which drifted.
 * Bias that grows while features hold is concept change (loop.md 8).
 */
export function explain({ sums, classes, outside, drifted, compared }: CauseInput): Cause {
  const bias = classes ? undefined : biasShare(sums)
  const parts: string[] = []
  if (bias) {
    const perRow = sums.n > 0 ? Math.abs(sums.error) / sums.n : 0
    const side = bias.direction === 'under' ? 'too low' : 'too high'
    parts.push(`${percent(bias.share)} of the error is bias (predictions are ${number(perRow)} ${side} a row)`)
  }
  const gap = (classes?.predicted ?? 0) - (classes?.actual ?? 0)
  if (Math.abs(gap) >= classGap)
    parts.push(
      `The model answers 1 in ${percent(classes?.predicted ?? 0)} of the rows, the truth is 1 in ${percent(classes?.actual ?? 0)}`,
    )
  const far = outside.filter(({ share }) => share >= 0.01).slice(0, 3)
  if (far.length > 0)
    parts.push(
      far
        .map(({ column, share }) => `${column} is outside its training range in ${percent(share)} of the rows`)
        .join(', '),
    )
  const moved = drifted.filter(({ column }) => !far.some((known) => known.column === column)).slice(0, 3)
  if (moved.length > 0) parts.push(`${moved.map(({ column }) => column).join(', ')} drifted`)
  const featuresHold = far.length === 0 && drifted.length === 0 && compared > 0
  const kind =
    far.length > 0 || drifted.length > 0
      ? 'inputs_left_training_range'
      : featuresHold && ((bias && bias.share >= 0.3) || Math.abs(gap) >= classGap)
        ? 'concept_change'
        : 'unexplained'
  const no = parts.length === 0 ? 'No' : 'no'
  if (kind === 'concept_change') parts.push(`${no} input drifted: the relation itself changed`)
  else if (featuresHold) parts.push(`${no} input moved by itself: the relation changed, or several moved together`)
  else if (compared === 0)
    parts.push(`${no} input can be compared with the training rows: whether one moved is not known`)
  return {
    sentence: `${parts.join('; ')}.`,
    kind,
    numbers: { bias: bias ?? null, classes: classes ?? null, outside: far, drifted: moved, rows: sums.n },
  }
}
