import type { RegressionSums } from './units.ts'

/**
 * How much of the absolute error is bias: |Σe| / Σ|e|, from 0 (errors cancel) to 1 (all on one side). `direction` tells the side.
 * Undefined without error.
 */
export function biasShare(
  sums: Pick<RegressionSums, 'error' | 'absError'>,
): { share: number; direction: 'over' | 'under' | 'none' } | undefined {
  if (!(sums.absError > 0)) return undefined
  const direction = sums.error > 0 ? 'over' : sums.error < 0 ? 'under' : 'none'
  return { share: Math.abs(sums.error) / sums.absError, direction }
}

/** Splits the mean squared error into squared bias and variance of the errors; they add up to it. */
export function squaredErrorParts(
  sums: Pick<RegressionSums, 'n' | 'error' | 'squaredError'>,
): { bias: number; variance: number } | undefined {
  if (sums.n === 0) return undefined
  const bias = (sums.error / sums.n) ** 2
  return { bias, variance: Math.max(0, sums.squaredError / sums.n - bias) }
}

/** A feature's part in a change of performance: effect (D or total variation) × importance, largest first. */
export function rankCauses<T extends { effect: number | undefined; importance: number | undefined }>(
  features: readonly T[],
): (T & { weight: number })[] {
  const known = features.some((f) => f.importance !== undefined)
  return features
    .map((f) => ({ ...f, weight: (f.effect ?? 0) * (known ? (f.importance ?? 0) : 1) }))
    .sort((a, b) => b.weight - a.weight)
}

/**
 * How one segment adds to a change of a ratio of sums (WAPE) between two windows: `within` is its own error growing, `mix` its
 * weight changing. Over all segments within + mix add up to the whole change. Undefined when a window has no weight.
 */
export function segmentContributions(
  segments: readonly {
    name: string
    before: { total: number; weight: number }
    after: { total: number; weight: number }
  }[],
): { name: string; within: number; mix: number }[] | undefined {
  const weightBefore = segments.reduce((sum, s) => sum + s.before.weight, 0)
  const weightAfter = segments.reduce((sum, s) => sum + s.after.weight, 0)
  if (!(weightBefore > 0) || !(weightAfter > 0)) return undefined
  const overall = segments.reduce((sum, s) => sum + s.before.total, 0) / weightBefore
  return segments.map(({ name, before, after }) => {
    const shareBefore = before.weight / weightBefore
    const shareAfter = after.weight / weightAfter
    const rateAfter = after.weight > 0 ? after.total / after.weight : undefined
    const rateBefore = before.weight > 0 ? before.total / before.weight : overall
    const within = rateAfter === undefined ? 0 : shareAfter * (rateAfter - rateBefore)
    return { name, within, mix: (shareAfter - shareBefore) * (rateBefore - overall) }
  })
}
