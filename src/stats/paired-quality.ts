import { sequenceOneSidedP, sequenceOneSidedWidth } from './confidence-sequence.ts'
import { normalCdf, normalSf, studentSf, studentUpperQuantile } from './distributions.ts'
import { momentsOf, sampleVariance } from './moments.ts'
import { twoWayVariance } from './two-way-variance.ts'

export type QualityVerdict = 'harm' | 'non_inferior' | 'better' | 'continue'

/** Paired comparison after `n` units. Bounds are one-sided, each at alpha, valid at every look; undefined below two units. */
export type PairedQuality = {
  verdict: QualityVerdict
  n: number
  mean: number | undefined
  lower: number | undefined
  upper: number | undefined
  /**
   * Always-valid p-value at this look of "the candidate is not worse"; near alpha means near a rollback. Worse by a tenth of the
   * margin or less is not meant: with enough units a difference in the sixth digit is certain, too.
   */
  harmP: number
  method: 'paired_t' | 'confidence_sequence'
}

/** Where the rows of an entity are alike in their difference: see `twoWayVariance`; `filled` slices have rows (on both sides). */
export type Sliced = { slices: readonly (readonly number[])[]; filled: number }

/** From this many units on the asymptotic sequence replaces the spent t-tests. */
export const SEQUENCE_FROM = 50
const BEST_AT = 100

/** What the bounds need: the mean, the variance of one unit, and on how much evidence that variance stands. */
type Spread = { n: number; mean: number; variance: number; df: number }

/**
 * What rows with a loss between 0 and 1 may still hide: that in so many rows two versions differed alike, or never, leaves
 * room for ln(1/alpha) of them to differ. Added to the upper bound, as in Bernstein's inequality; nothing where losses have
 * no bound. A t-test alone takes two units in which nobody differed for proof: equal right answers on two rows.
 */
const unseenShare = (alpha: number, rows: number | undefined): number =>
  rows === undefined ? 0 : Math.log(1 / alpha) / Math.max(1, rows)

/** The alpha that the look at n units spends: these sum to alpha over all n ≥ 2. */
const spentAt = (n: number, alpha: number): number => alpha / (n * (n - 1))

/** Units that differ by the very same amount have no t-test; that all have one sign is chance in 1 of 2ⁿ cases. */
const sameSignP = (n: number): number => Math.min(1, 0.5 ** n * n * (n - 1))

function spreadOf(differences: readonly number[], sliced: Sliced | undefined): Spread | undefined {
  const moments = momentsOf(differences)
  const variance = sliced ? twoWayVariance(differences, sliced.slices) : sampleVariance(moments)
  if (variance === undefined) return undefined
  const df = moments.n - 1
  return { n: moments.n, mean: moments.mean, variance, df: sliced ? Math.max(1, Math.min(df, sliced.filled - 1)) : df }
}

/**
 * Is the candidate worse, not worse, or better than the champion on the same units? Input: per unit, mean loss of the
 * candidate minus mean loss of the champion, oldest first. Below 50 units Student's t at look k spends alpha/(k(k − 1)),
 * which sums to alpha over k ≥ 2; from 50 units the one-sided asymptotic confidence sequence. `margin` is the tolerated
 * loss (5 % of the champion's by default rule). Better: upper < 0. Non-inferior: upper < margin. Harm: lower > 0 while a loss
 * beyond the margin is still possible. Losses must be correlated within units only, or within the slices of `sliced`.
 * `rows` is how many rows the units hold, where a row's loss lies between 0 and 1: see `unseenShare`.
 *
 * Measured, 1000 A/A runs of 300 looks at alpha 0.02: harm in 2.3 % (normal), 2.2 % (Laplace). Differences of equal versions are
 * symmetric; a mean of 0 with a long tail downwards (1 − exponential) is called harm in 13 %.
 */
export function pairedQuality(
  differences: readonly number[],
  options: { alpha: number; margin: number; sliced?: Sliced | undefined; rows?: number | undefined },
): PairedQuality {
  const { alpha, margin, sliced, rows } = options
  const n = differences.length
  const spread = spreadOf(differences, sliced)
  const method = n < SEQUENCE_FROM ? 'paired_t' : 'confidence_sequence'
  if (!spread)
    return { verdict: 'continue', n, mean: differences[0], lower: undefined, upper: undefined, harmP: 1, method }
  const { mean } = spread
  const width = widthAt(spread, alpha)
  const lower = mean - width
  const upper = mean + width + unseenShare(spentAt(n, alpha), rows)
  const isHarm = lower > 0 && (spread.variance > 0 || sameSignP(n) <= alpha)
  const verdict = upper < 0 ? 'better' : upper < margin ? 'non_inferior' : isHarm ? 'harm' : 'continue'
  return { verdict, n, mean, lower, upper, harmP: harmPOf({ ...spread, mean: mean - margin / 10 }, alpha), method }
}

/** Where either bound lies: where Student's tail beyond it is so much, or at a width that is known. */
type Bound = { se: number; tail: number } | { width: number }

function boundAt({ n, variance, df }: Spread, alpha: number): Bound {
  const se = Math.sqrt(variance / n)
  if (se === 0) return { width: 0 }
  if (n < SEQUENCE_FROM) return { se, tail: spentAt(n, alpha) }
  const width = sequenceOneSidedWidth(variance, n, alpha, BEST_AT)
  // A variance from few slices is as uncertain as one from few units: the same tail of Student's t.
  return df < SEQUENCE_FROM - 1 ? { se, tail: normalSf(width / se) } : { width }
}

/** Distance from the mean to either bound after the spread's n units. */
function widthAt(spread: Spread, alpha: number): number {
  const bound = boundAt(spread, alpha)
  return 'width' in bound ? bound.width : bound.se * studentUpperQuantile(bound.tail, spread.df)
}

/** Whether that distance is below another: by the tail there, which costs a fortieth of the quantile. */
function isNarrower(spread: Spread, alpha: number, distance: number): boolean {
  const bound = boundAt(spread, alpha)
  return 'width' in bound ? bound.width < distance : studentSf(distance / bound.se, spread.df) < bound.tail
}

function harmPOf(spread: Spread, alpha: number): number {
  const { n, mean, variance, df } = spread
  if (!(variance > 0)) return mean > 0 ? sameSignP(n) : 1
  if (n < SEQUENCE_FROM) return Math.min(1, studentSf(mean / Math.sqrt(variance / n), df) * n * (n - 1))
  const widened = (widthAt(spread, alpha) / sequenceOneSidedWidth(variance, n, alpha, BEST_AT)) ** 2
  return sequenceOneSidedP(mean, variance * widened, n, alpha, BEST_AT)
}

export type QualityForecast = {
  /** Units until the bounds decide if mean and noise stay as they are; undefined when that is beyond `end`. */
  units: number | undefined
  /** Chance that a version as good as the champion is found non-inferior by the one look at `end`. */
  powerAtEnd: number
}

/** How long an undecided comparison still takes at the noise seen so far, and what the look after `end` units could show. */
export function forecastQuality(
  differences: readonly number[],
  options: {
    alpha: number
    margin: number
    endAlpha: number
    end: number
    sliced?: Sliced | undefined
    rows?: number | undefined
  },
): QualityForecast | undefined {
  const { alpha, margin, endAlpha, sliced, rows } = options
  const spread = spreadOf(differences, sliced)
  if (!spread || !(margin > 0)) return undefined
  const end = Math.max(options.end, spread.n)
  const at = (n: number): Spread => ({ ...spread, n, df: sliced ? spread.df : n - 1 })
  const { mean } = spread
  // Whichever bound lies on its side first: harm above 0, or non-inferiority below the margin.
  const target = Math.max(mean, margin - mean)
  const rowsAt = (n: number): number | undefined => rows && (rows * n) / spread.n
  const decides = (n: number): boolean =>
    isNarrower(at(n), alpha, target - (target > mean ? unseenShare(spentAt(n, alpha), rowsAt(n)) : 0))
  let [open, decided] = decides(end) ? [spread.n, end] : [end, end + 1]
  while (decided - open > 1) {
    const middle = (open + decided) >> 1
    if (decides(middle)) decided = middle
    else open = middle
  }
  const se = Math.sqrt(spread.variance / end)
  const room = margin - unseenShare(endAlpha, rowsAt(end))
  const reach = room / se - studentUpperQuantile(endAlpha, at(end).df)
  const powerAtEnd = se > 0 ? normalCdf(reach) : Number(room > 0)
  return { units: decided > end ? undefined : decided - spread.n, powerAtEnd }
}

/**
 * One look at a number of units fixed beforehand: Student's upper bound of the mean at `alpha` below the margin. It spends an
 * alpha of its own, so that what is looked at every day may also be looked at once at the end for the price of one look.
 */
export function nonInferiorAt(
  differences: readonly number[],
  options: { alpha: number; margin: number; sliced?: Sliced | undefined; rows?: number | undefined },
): { nonInferior: boolean; upper: number | undefined } {
  const spread = spreadOf(differences, options.sliced)
  if (!spread) return { nonInferior: false, upper: undefined }
  const { n, mean, variance, df } = spread
  const unseen = unseenShare(options.alpha, options.rows)
  const upper = mean + Math.sqrt(variance / n) * studentUpperQuantile(options.alpha, df) + unseen
  return { nonInferior: upper < options.margin, upper }
}
