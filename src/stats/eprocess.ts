import { logBeta, logGamma } from './special.ts'

/**
 * Sample ratio mismatch: ln of the e-value of counts against the intended shares, valid at every look. Multinomial against
 * a Dirichlet mixture centred on the shares with `concentration` k (ssrm's default 10 000), or with its own alphas.
 * Under a ramp, compute it per step and add the logarithms. Source: Lindon and Malek, arXiv 2011.03567.
 */
export function logRatioMismatch(
  counts: readonly number[],
  shares: readonly number[],
  concentration: number | readonly number[] = 10_000,
): number {
  let alphaSum = 0
  let n = 0
  let log = 0
  for (let i = 0; i < counts.length; i++) {
    const x = counts[i] as number
    const share = shares[i] as number
    const alpha = typeof concentration === 'number' ? concentration * share : (concentration[i] as number)
    if (share <= 0) {
      if (x > 0) return Infinity
      continue
    }
    alphaSum += alpha
    n += x
    log += logGamma(alpha + x) - logGamma(alpha) - x * Math.log(share)
  }
  return log + logGamma(alphaSum) - logGamma(alphaSum + n)
}

/** Rate ratios that the harm process bets on; 20 and 50 stop a version that always fails after three events at 10 %. */
export const RATE_RATIOS: readonly number[] = [1.25, 1.5, 2, 3, 5, 8, 20, 50]

/** Evidence that the candidate has more events than its share: ln E per rate ratio, and the largest ln E ever reached. */
export type RateRatioState = {
  ratios: number[]
  logE: number[]
  events: number
  candidateEvents: number
  peakLogE: number
}

export function startRateRatio(ratios: readonly number[] = RATE_RATIOS): RateRatioState {
  return { ratios: [...ratios], logE: ratios.map(() => 0), events: 0, candidateEvents: 0, peakLogE: 0 }
}

/**
 * Takes one event (an error), in place. `propensity` w is the chance that this row was given to the candidate; it may
 * change with every row, so ramps are safe (0.5 where both score every request, as in replay and shadow). Under equal
 * rates an event is the candidate's with chance w; for ratio L with q = L·w/(L·w + 1 − w), E grows by q/w or
 * (1 − q)/(1 − w). Exact from the first event. At w = 0 or 1 an event tells nothing. Source: as `logRatioMismatch`.
 */
export function updateRateRatio(state: RateRatioState, event: { isCandidate: boolean; propensity: number }): void {
  const w = event.propensity
  state.events++
  if (event.isCandidate) state.candidateEvents++
  if (!(w > 0 && w < 1)) return
  for (let i = 0; i < state.ratios.length; i++) {
    const ratio = state.ratios[i] as number
    const step = (event.isCandidate ? ratio : 1) / (ratio * w + 1 - w)
    state.logE[i] = (state.logE[i] as number) + Math.log(step)
  }
  state.peakLogE = Math.max(state.peakLogE, rateRatioLogE(state))
}

/** ln of the mean E over the grid. */
export function rateRatioLogE(state: RateRatioState): number {
  return logMeanExp(state.logE)
}

/** True once E has reached 1/alpha: stop the candidate. At most alpha of harmless candidates ever get there (Ville). */
export function isRateHarmful(state: RateRatioState, alpha: number): boolean {
  return state.peakLogE >= -Math.log(alpha)
}

/** Always-valid p-value: the smallest 1/E so far. */
export function rateRatioP(state: RateRatioState): number {
  return Math.min(1, Math.exp(-state.peakLogE))
}

/**
 * Two-sided rate ratio under one constant split w: x of n events fell on the candidate. ln E with a Beta(k·w, k·(1 − w))
 * mixture.
 */
export function logRateRatioTwoSided(x: number, n: number, w: number, k = 10): number {
  return (
    logBeta(k * w + x, k * (1 - w) + n - x) - logBeta(k * w, k * (1 - w)) - x * Math.log(w) - (n - x) * Math.log1p(-w)
  )
}

/**
 * Sequential McNemar: of the pairs on which exactly one version was right, `candidate` and `champion` counts. ln E against
 * a fair coin with a Beta(a, a) mixture, valid at every look.
 */
export function logSequentialMcNemar(candidate: number, champion: number, a = 10): number {
  return logBeta(a + candidate, a + champion) - logBeta(a, a) + (candidate + champion) * Math.LN2
}

/** ln E of x successes in n against chance p with a Beta(a, b) mixture. */
export function logProportionE(x: number, n: number, p: number, a = 1, b = 1): number {
  const hits = x > 0 ? x * Math.log(p) : 0
  const misses = n - x > 0 ? (n - x) * Math.log1p(-p) : 0
  return logBeta(a + x, b + n - x) - logBeta(a, b) - hits - misses
}

/**
 * Confidence sequence of a proportion: every p whose E is below 1/alpha, at any number of looks. Ends found by bisection,
 * to 1e-12.
 */
export function proportionSequence(x: number, n: number, alpha = 0.05, a = 1, b = 1): { lower: number; upper: number } {
  const limit = -Math.log(alpha)
  const peak = n === 0 ? 0.5 : x / n
  const edge = (outer: number) => {
    if (n === 0 || logProportionE(x, n, outer, a, b) < limit) return outer
    let inside = peak
    let outside = outer
    for (let i = 0; i < 60; i++) {
      const middle = (inside + outside) / 2
      if (logProportionE(x, n, middle, a, b) < limit) inside = middle
      else outside = middle
    }
    return inside
  }
  return { lower: edge(0), upper: edge(1) }
}

/** ln of the mean of exp(values), without overflow. */
export function logMeanExp(values: readonly number[]): number {
  let most = -Infinity
  for (const value of values) if (value > most) most = value
  if (most === -Infinity || most === Infinity) return most
  let sum = 0
  for (const value of values) sum += Math.exp(value - most)
  return most + Math.log(sum / values.length)
}
