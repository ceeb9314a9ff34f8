import { logProportionE } from './eprocess.ts'

/**
 * Ranks that may be the q-quantile after n values, at any number of looks: all counts c whose Beta(1, 1) e-value at chance q is
 * below 1/alpha. The quantile then lies between the order statistics lower and upper. Distribution-free.
 */
export function rankSequence(n: number, q: number, alpha = 0.05): { lower: number; upper: number } | undefined {
  if (n < 1) return undefined
  const limit = -Math.log(alpha)
  const fits = (count: number) => logProportionE(count, n, q) < limit
  const centre = Math.min(n, Math.max(0, Math.round(n * q)))
  if (!fits(centre)) return undefined
  const edge = (outer: number) => {
    let inside = centre
    let outside = outer
    if (fits(outer)) return outer
    while (Math.abs(outside - inside) > 1) {
      const middle = Math.trunc((inside + outside) / 2)
      if (fits(middle)) inside = middle
      else outside = middle
    }
    return inside
  }
  return { lower: edge(0), upper: edge(n) }
}

/** Counts of a histogram with ascending `edges` (one more than counts); the last edge may be Infinity. */
export type TailHistogram = { edges: readonly number[]; counts: readonly number[] }

export type QuantileBounds = { n: number; lower: number; upper: number }

/**
 * Always-valid bounds of the q-quantile of one arm, from a histogram: the edges around the ranks of `rankSequence`. The upper
 * bound is Infinity while n is too small to bound the tail. Undefined without values.
 */
export function quantileSequence(histogram: TailHistogram, q: number, alpha = 0.05): QuantileBounds | undefined {
  const n = histogram.counts.reduce((sum, count) => sum + count, 0)
  const ranks = rankSequence(n, q, alpha)
  if (!ranks) return undefined
  let seen = 0
  let lower = 0
  let upper = Infinity
  let lowerFound = ranks.lower === 0
  for (let i = 0; i < histogram.counts.length; i++) {
    seen += histogram.counts[i] as number
    if (!lowerFound && seen >= ranks.lower) {
      lower = histogram.edges[i] as number
      lowerFound = true
    }
    if (ranks.upper < n && seen >= ranks.upper + 1) {
      upper = histogram.edges[i + 1] as number
      break
    }
  }
  return { n, lower, upper }
}

export type LatencyVerdict = 'harm' | 'non_inferior' | 'continue'

/**
 * Is the candidate's q-quantile above `tolerance` times the champion's (1.2 = 20 % slower)? Each arm has its own rank sequence
 * at alpha/2, so that both hold at every look together with chance 1 − alpha, for any distribution and any ramp. Harm
 * when the candidate's lower bound exceeds the tolerated upper bound of the champion. Counts are to be of units.
 */
export function compareTailQuantile(
  champion: TailHistogram,
  candidate: TailHistogram,
  options: { q: number; alpha: number; tolerance: number },
): { verdict: LatencyVerdict; champion: QuantileBounds | undefined; candidate: QuantileBounds | undefined } {
  const a = quantileSequence(champion, options.q, options.alpha / 2)
  const b = quantileSequence(candidate, options.q, options.alpha / 2)
  let verdict: LatencyVerdict = 'continue'
  if (a && b && b.lower > a.upper * options.tolerance) verdict = 'harm'
  else if (a && b && b.upper <= a.lower * options.tolerance) verdict = 'non_inferior'
  return { verdict, champion: a, candidate: b }
}

/** Logarithmic edges from `from` to `to` with relative width `step` (0.02 = 2 %), then Infinity: bins for latencies. */
export function logEdges(from: number, to: number, step = 0.02): number[] {
  const edges = [0]
  for (let edge = from; edge < to; edge *= 1 + step) edges.push(edge)
  edges.push(to, Infinity)
  return edges
}

/**
 * Radius of a band around the whole empirical distribution function, valid at all n ≥ m together (Howard and Ramdas,
 * arXiv 1906.09712, with their closed-form constant).
 */
export function distributionBandRadius(n: number, m: number, alpha = 0.05): number | undefined {
  if (n < m || m < 1) return undefined
  return 0.85 * Math.sqrt((Math.log(Math.log((Math.E * n) / m)) + 0.8 * Math.log(1612 / alpha)) / n)
}
