import { studentUpperQuantile } from './distributions.ts'
import { momentsOf, sampleVariance } from './moments.ts'

/** An estimate from n units; the interval is undefined when there are too few units to have one. */
export type Estimate = {
  value: number
  n: number
  se: number | undefined
  lower: number | undefined
  upper: number | undefined
}

/** value ± t(n − 1) · se, or no interval below two units. */
function withInterval(value: number, se: number | undefined, n: number, confidence: number): Estimate {
  if (se === undefined || n < 2) return { value, n, se: undefined, lower: undefined, upper: undefined }
  const half = studentUpperQuantile((1 - confidence) / 2, n - 1) * se
  return { value, n, se, lower: value - half, upper: value + half }
}

/**
 * A statistic of all units with the interval that its values without one unit each give:
 * se² = (n − 1)/n · Σ(θ₍ᵢ₎ − θ̄)², quantile t(n − 1). No interval when it does not exist without some unit.
 * Source: Efron and Tibshirani, An Introduction to the Bootstrap, 11.
 */
export function jackknife(value: number, without: readonly (number | undefined)[], confidence = 0.95): Estimate {
  const n = without.length
  const known = without.filter((one) => one !== undefined)
  const mean = known.reduce((sum, one) => sum + one, 0) / n
  const squares = known.reduce((sum, one) => sum + (one - mean) ** 2, 0)
  const se = known.length < n || n < 2 ? undefined : Math.sqrt(((n - 1) / n) * squares)
  return withInterval(value, se, n, confidence)
}

/** Mean of unit values with Student's two-sided interval; undefined without units. */
export function meanOfUnits(values: readonly number[], confidence = 0.95): Estimate | undefined {
  if (values.length === 0) return undefined
  const moments = momentsOf(values)
  const variance = sampleVariance(moments)
  return withInterval(
    moments.mean,
    variance === undefined ? undefined : Math.sqrt(variance / moments.n),
    moments.n,
    confidence,
  )
}

/** One unit's sums; `weight` is what the metric divides by: Σ|y| for WAPE, rows for a mean per row. */
export type UnitSums = { total: number; weight: number }

/**
 * Ratio of sums R = ΣA/ΣB over units with a linearised interval: d_u = A_u − R·B_u,
 * se² = n/(n − 1) · Σd_u² / (ΣB)², quantile t(n − 1). Units with weight 0 and total 0 count as units without influence.
 * Undefined when ΣB is not positive. Source: Cochran, Sampling Techniques, 6.3 to 6.5.
 */
export function ratioOfSums(units: readonly UnitSums[], confidence = 0.95): Estimate | undefined {
  let totals = 0
  let weights = 0
  for (const { total, weight } of units) {
    totals += total
    weights += weight
  }
  if (!(weights > 0)) return undefined
  const ratio = totals / weights
  const n = units.length
  const squares = units.reduce((sum, { total, weight }) => sum + (total - ratio * weight) ** 2, 0)
  const se = n < 2 ? undefined : Math.sqrt((n / (n - 1)) * squares) / weights
  return withInterval(ratio, se, n, confidence)
}

/** Sums that one unit of a regression needs; they add up over rows, replicas and rows of late labels. */
export type RegressionSums = {
  n: number
  error: number
  absError: number
  squaredError: number
  actual: number
  absActual: number
}

export function emptyRegressionSums(): RegressionSums {
  return { n: 0, error: 0, absError: 0, squaredError: 0, actual: 0, absActual: 0 }
}

/** Adds one labelled row in place; error = predicted − actual. */
export function addRegressionRow(sums: RegressionSums, actual: number, predicted: number): void {
  const error = predicted - actual
  sums.n++
  sums.error += error
  sums.absError += Math.abs(error)
  sums.squaredError += error * error
  sums.actual += actual
  sums.absActual += Math.abs(actual)
}

/** Sums over units: those of all their rows. */
export function totalOf(units: readonly RegressionSums[]): RegressionSums {
  const total = emptyRegressionSums()
  for (const unit of units) {
    total.n += unit.n
    total.error += unit.error
    total.absError += unit.absError
    total.squaredError += unit.squaredError
    total.actual += unit.actual
    total.absActual += unit.absActual
  }
  return total
}

/** WAPE Σ|e|/Σ|y| with its unit-blocked interval; undefined when every actual is 0. */
export function wapeOfUnits(units: readonly RegressionSums[], confidence = 0.95): Estimate | undefined {
  return ratioOfSums(
    units.map((u) => ({ total: u.absError, weight: u.absActual })),
    confidence,
  )
}

/** Signed bias Σe/Σ|y|, positive when predictions are too high; equals Σe/Σy for targets that are never negative. */
export function biasOfUnits(units: readonly RegressionSums[], confidence = 0.95): Estimate | undefined {
  return ratioOfSums(
    units.map((u) => ({ total: u.error, weight: u.absActual })),
    confidence,
  )
}

/** Mean per row over units of different size (MAE, log loss, error share) with its unit-blocked interval. */
export function rowMeanOfUnits(units: readonly { sum: number; n: number }[], confidence = 0.95): Estimate | undefined {
  return ratioOfSums(
    units.map((u) => ({ total: u.sum, weight: u.n })),
    confidence,
  )
}

/**
 * Difference of the ratios of two paired segments over the same units (candidate − champion), each with its own sums:
 * d_u = (A_u − R_A·B_u)/ΣB − (C_u − R_C·D_u)/ΣD, se² = n/(n − 1)·Σd_u². Pairing keeps what units have in common out of se.
 */
export function pairedRatioDifference(
  units: readonly { candidate: UnitSums; champion: UnitSums }[],
  confidence = 0.95,
): Estimate | undefined {
  const candidate = ratioOfSums(units.map((u) => u.candidate))
  const champion = ratioOfSums(units.map((u) => u.champion))
  if (!candidate || !champion) return undefined
  const candidateWeight = units.reduce((sum, u) => sum + u.candidate.weight, 0)
  const championWeight = units.reduce((sum, u) => sum + u.champion.weight, 0)
  const squares = units.reduce((sum, u) => {
    const a = (u.candidate.total - candidate.value * u.candidate.weight) / candidateWeight
    const b = (u.champion.total - champion.value * u.champion.weight) / championWeight
    return sum + (a - b) ** 2
  }, 0)
  const n = units.length
  return withInterval(
    candidate.value - champion.value,
    n < 2 ? undefined : Math.sqrt((n / (n - 1)) * squares),
    n,
    confidence,
  )
}
