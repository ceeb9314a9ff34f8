import { normalCdf } from './distributions.ts'

/** Mixture scale ρ that makes an asymptotic sequence tightest at `bestAt` units. One-sided sequences pass 2·alpha. */
export function sequenceRho(alpha: number, bestAt: number): number {
  const log = -2 * Math.log(alpha)
  return Math.sqrt((log + Math.log(log + 1)) / bestAt)
}

/**
 * Half-width of the two-sided asymptotic confidence sequence of a mean after n units of variance `variance`. It covers at all n
 * together, once n is large enough for the normal approximation (≥ 50 units here). Source: Waudby-Smith et al.,
 * arXiv 2103.06476; the form GrowthBook uses. `bestAt` is the number of units at which a decision is expected.
 */
export function sequenceHalfWidth(variance: number, n: number, alpha: number, bestAt: number): number {
  const rho = sequenceRho(alpha, bestAt)
  const spread = n * rho * rho + 1
  return Math.sqrt(variance) * Math.sqrt(((2 * spread) / (n * rho) ** 2) * Math.log(Math.sqrt(spread) / alpha))
}

/** Distance from the mean to either one-sided bound, each of them at `alpha`. */
export function sequenceOneSidedWidth(variance: number, n: number, alpha: number, bestAt: number): number {
  const rho = sequenceRho(2 * alpha, bestAt)
  const spread = n * rho * rho + 1
  return Math.sqrt(variance) * Math.sqrt(((2 * spread) / (n * rho) ** 2) * Math.log1p(Math.sqrt(spread) / (2 * alpha)))
}

/** Always-valid two-sided p-value of mean = 0: min(1, 1/E) at this look. */
export function sequenceP(mean: number, variance: number, n: number, alpha: number, bestAt: number): number {
  const rho = sequenceRho(alpha, bestAt)
  const spread = n * rho * rho + 1
  const s = (mean * mean * n * n) / variance
  return Math.min(1, Math.exp(-(rho * rho * s) / (2 * spread)) * Math.sqrt(spread))
}

/** The alpha at which the one-sided lower bound of a positive mean would touch 0; 1 when the mean is not positive. */
export function sequenceOneSidedP(mean: number, variance: number, n: number, alpha: number, bestAt: number): number {
  if (!(mean > 0)) return 1
  const rho = sequenceRho(2 * alpha, bestAt)
  const spread = n * rho * rho + 1
  const s = (mean * mean * n * n) / variance
  return Math.min(1, Math.sqrt(spread) / (2 * Math.expm1((rho * rho * s) / (2 * spread))))
}

/**
 * Ramp-safe contribution of one unit to the difference of means (candidate − champion): the inverse of the chance it had of
 * its arm. The mean of these is unbiased for any history of propensities.
 */
export function propensityWeighted(value: number, isCandidate: boolean, propensity: number): number {
  return isCandidate ? value / propensity : -value / (1 - propensity)
}

/** State of the predictable plug-in empirical-Bernstein sequence for values in [0, 1]. */
export type BoundedState = {
  n: number
  sum: number
  deviations: number
  weights: number
  weighted: number
  penalty: number
}

export function startBounded(): BoundedState {
  return { n: 0, sum: 0, deviations: 0, weights: 0, weighted: 0, penalty: 0 }
}

/**
 * Adds one value of [0, 1] in place. λ_t = min(½, √(2·ln(2/α)/(v_{t−1}·t·ln(1 + t)))), with the running mean and variance of
 * the values before. Exact at any n and any number of looks. Source: Waudby-Smith and Ramdas, arXiv 2010.09686.
 */
export function updateBounded(state: BoundedState, x: number, alpha: number): void {
  const t = state.n + 1
  const meanBefore = (0.5 + state.sum) / t
  const varianceBefore = (0.25 + state.deviations) / t
  const lambda = Math.min(0.5, Math.sqrt((2 * Math.log(2 / alpha)) / (varianceBefore * t * Math.log1p(t))))
  state.weights += lambda
  state.weighted += lambda * x
  state.penalty += 4 * (x - meanBefore) ** 2 * ((-Math.log1p(-lambda) - lambda) / 4)
  state.n = t
  state.sum += x
  state.deviations += (x - (0.5 + state.sum) / (t + 1)) ** 2
}

/** Centre and radius of the bounded sequence; undefined before the first value. */
export function boundedSequence(state: BoundedState, alpha: number): { centre: number; radius: number } | undefined {
  if (state.n === 0) return undefined
  return { centre: state.weighted / state.weights, radius: (Math.log(2 / alpha) + state.penalty) / state.weights }
}

/** Two-sided normal mixture for sums S with variance process v (confseq): its scale, ln of its value, and its bound. */
export function normalMixture(
  bestAt: number,
  alpha: number,
): { rho: number; logMixture: (s: number, v: number) => number; bound: (v: number) => number } {
  const rho = bestAt / (2 * Math.log(1 / alpha) + Math.log(1 + 2 * Math.log(1 / alpha)))
  return {
    rho,
    logMixture: (s, v) => 0.5 * Math.log(rho / (v + rho)) + (s * s) / (2 * (v + rho)),
    bound: (v) => Math.sqrt((v + rho) * (Math.log((v + rho) / rho) + 2 * Math.log(1 / alpha))),
  }
}

/** Mixture sequential probability ratio of a difference d with n per arm and variance s2 (Johari et al., arXiv 1512.04922). */
export function mixtureRatio(d: number, n: number, s2: number, tau2: number): number {
  const spread = 2 * s2 + n * tau2
  return Math.sqrt((2 * s2) / spread) * Math.exp((n * n * tau2 * d * d) / (4 * s2 * spread))
}

/** Normal posterior under a flat prior, for reports only (it is not safe to peek at): P(effect > 0) and expected losses. */
export function bayesNormal(
  effect: number,
  se: number,
): { chanceToWin: number; lossIfChosen: number; lossIfRefused: number } {
  const z = effect / se
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  const chanceToWin = normalCdf(z)
  return {
    chanceToWin,
    lossIfChosen: se * density - effect * (1 - chanceToWin),
    lossIfRefused: se * density + effect * chanceToWin,
  }
}
