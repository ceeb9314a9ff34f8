import type { TailHistogram } from '../../../stats/quantile-sequence.ts'
import type { ComparedUnit } from './units.ts'

/**
 * The families share α = 0.05 of rolling an equal version back (loop.md 14). Promoting a worse one has 0.05 of its own: 0.02
 * by looking at every unit, and `end` at the one look when the time is up.
 */
export const alphas = { errors: 0.02, quality: 0.02, latency: 0.01, end: 0.03 } as const

export interface Evidence {
  stage: 'shadow' | 'canary'
  weight: number
  /** Since the rollout began, oldest first. */
  units: readonly ComparedUnit[]
  /** Length of a unit, ms. */
  unit: number
  /** Rows of an entity are alike whatever day they lie in, so chance is measured between entities too. */
  byEntity: boolean
  /** How many of them lie wholly in the present step. */
  unitsInStep: number
  /** How many of them will have their labels when the time is up; that look is taken once, on them alone. */
  unitsAtEnd: number
  /** True when the next step is all traffic. */
  isLastStep: boolean
  metric: string
  /** Absolute limit on the candidate's metric, if one is declared. */
  limit: number | null
  /** By what the limit is on, where that is no loss of rows (AUC, F1); null where it is the metric above. */
  limited: { value: number | undefined } | null
  margin: number
  errors: {
    candidateErrors: number
    candidateRows: number
    championErrors: number
    championRows: number
    logE: number
    hurtRows: number
  } | null
  latency: { champion: TailHistogram; candidate: TailHistogram } | null
  split: { counts: readonly [champion: number, candidate: number]; weight: number; at: number } | null
  /** KS distance of both versions' predictions for the same requests. */
  predictions: { distance: number; n: number } | null
  answersDrift: boolean
  pausedBy: string | null
  /** Event time that the rollout has taken, and may take, in ms. */
  age: number
  maxAge: number
  frozen: boolean
}
