import { sequenceOneSidedP, sequenceOneSidedWidth } from './confidence-sequence.ts'
import { studentSf, studentUpperQuantile } from './distributions.ts'
import { momentsOf, sampleVariance } from './moments.ts'

export type QualityVerdict = 'harm' | 'non_inferior' | 'better' | 'continue'

/** Paired comparison after `n` units. Bounds are one-sided, each at alpha, valid at every look; undefined below two units. */
export type PairedQuality = {
  verdict: QualityVerdict
  n: number
  mean: number | undefined
  lower: number | undefined
  upper: number | undefined
  /** Always-valid p-value at this look of "the candidate is not worse"; near alpha means near a rollback. */
  harmP: number
  method: 'paired_t' | 'confidence_sequence'
}

/** From this many units on the asymptotic sequence replaces the spent t-tests. */
export const SEQUENCE_FROM = 50
const BEST_AT = 100

/**
 * Is the candidate worse, not worse, or better than the champion on the same units? Input: per unit, mean loss of the
 * candidate minus mean loss of the champion, oldest first. Below 50 units Student's t at look k spends alpha/(k(k − 1)),
 * which sums to alpha over k ≥ 2; from 50 units the one-sided asymptotic confidence sequence. `margin` is the tolerated
 * loss (5 % of the champion's by default rule). Better: upper < 0. Non-inferior: upper < margin. Harm: lower > 0 while a loss
 * beyond the margin is still possible. Losses must be correlated within units only.
 *
 * Measured, 1000 A/A runs of 300 looks at alpha 0.02: harm in 2.3 % (normal), 2.2 % (Laplace). Differences of equal versions are
 * symmetric; a mean of 0 with a long tail downwards (1 − exponential) is called harm in 13 %.
 */
export function pairedQuality(
  differences: readonly number[],
  options: { alpha: number; margin: number },
): PairedQuality {
  const { alpha, margin } = options
  const moments = momentsOf(differences)
  const n = moments.n
  const variance = sampleVariance(moments)
  const method = n < SEQUENCE_FROM ? 'paired_t' : 'confidence_sequence'
  if (variance === undefined) {
    return {
      verdict: 'continue',
      n,
      mean: n ? moments.mean : undefined,
      lower: undefined,
      upper: undefined,
      harmP: 1,
      method,
    }
  }
  const mean = moments.mean
  const { width, harmP } = method === 'paired_t' ? spentT(mean, variance, n, alpha) : sequence(mean, variance, n, alpha)
  const lower = mean - width
  const upper = mean + width
  const verdict = upper < 0 ? 'better' : upper < margin ? 'non_inferior' : lower > 0 ? 'harm' : 'continue'
  return { verdict, n, mean, lower, upper, harmP, method }
}

function spentT(mean: number, variance: number, n: number, alpha: number): { width: number; harmP: number } {
  const looks = n * (n - 1)
  const se = Math.sqrt(variance / n)
  const tail = se > 0 ? studentSf(mean / se, n - 1) : mean > 0 ? 0 : 1
  return { width: se * studentUpperQuantile(alpha / looks, n - 1), harmP: Math.min(1, tail * looks) }
}

function sequence(mean: number, variance: number, n: number, alpha: number): { width: number; harmP: number } {
  const harmP = variance > 0 ? sequenceOneSidedP(mean, variance, n, alpha, BEST_AT) : mean > 0 ? 0 : 1
  return { width: sequenceOneSidedWidth(variance, n, alpha, BEST_AT), harmP }
}
