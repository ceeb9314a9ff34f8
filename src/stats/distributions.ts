import { betaI, erfc, gammaQ, logChoose } from './special.ts'

/** P(Z ≤ x) of the standard normal. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x / Math.SQRT2)
}

/** P(Z > x), computed directly in the upper tail. */
export function normalSf(x: number): number {
  return 0.5 * erfc(x / Math.SQRT2)
}

const LOW = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
]
const LOW_BELOW = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1]
const TAIL = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const TAIL_BELOW = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1]
const polynomial = (coefficients: number[], x: number) => coefficients.reduce((sum, c) => sum * x + c, 0)

/**
 * The z with P(Z ≤ z) = p. Acklam's rational approximation and one Halley step, error about 1e-15 relative.
 * p = 0 and 1 give ∓Infinity.
 */
export function normalQuantile(p: number): number {
  if (p <= 0) return -Infinity
  if (p >= 1) return Infinity
  if (p > 0.5) return -normalQuantile(1 - p)
  let z: number
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p))
    z = polynomial(TAIL, q) / polynomial(TAIL_BELOW, q)
  } else {
    const q = p - 0.5
    z = (polynomial(LOW, q * q) * q) / polynomial(LOW_BELOW, q * q)
  }
  const u = (normalCdf(z) - p) * Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2)
  return z - u / (1 + (z * u) / 2)
}

/** P(X > x) of χ² with `df` degrees of freedom; 1 when df is 0 and x is 0. */
export function chiSquareSf(x: number, df: number): number {
  if (df <= 0) return x > 0 ? 0 : 1
  return x === Infinity ? 0 : gammaQ(df / 2, x / 2)
}

/** Solves tail(x) = p for a decreasing tail on [0, ∞) by bracketing, then the Illinois form of false position in log p. */
function invertTail(tail: (x: number) => number, p: number): number {
  let low = 0
  let high = 1
  while (tail(high) > p) {
    low = high
    high *= 2
    if (high > 1e300) return Infinity
  }
  const target = Math.log(p)
  let fLow = Math.log(tail(low)) - target
  let fHigh = Math.log(Math.max(tail(high), 1e-320)) - target
  let side = 0
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    let x = (low * fHigh - high * fLow) / (fHigh - fLow)
    if (!(x > low && x < high) || i % 8 === 7) x = (low + high) / 2
    const f = Math.log(Math.max(tail(x), 1e-320)) - target
    // Closer than this the tail itself is not known.
    if (Math.abs(f) < 4e-15) return x
    if (f > 0) {
      low = x
      fLow = f
      if (side === 1) fHigh /= 2
      side = 1
    } else {
      high = x
      fHigh = f
      if (side === -1) fLow /= 2
      side = -1
    }
  }
  return (low + high) / 2
}

/** The x with P(X ≤ x) = p for χ² with `df` degrees of freedom. */
export function chiSquareQuantile(p: number, df: number): number {
  return invertTail((x) => chiSquareSf(x, df), 1 - p)
}

/** P(T > t) of Student's t, computed directly in the upper tail; `df` > 0, fractions allowed. */
export function studentSf(t: number, df: number): number {
  if (t === Infinity) return 0
  if (t === -Infinity) return 1
  const square = t * t
  const tail = 0.5 * betaI(df / 2, 0.5, df / (df + square), square / (df + square))
  return t >= 0 ? tail : 1 - tail
}

/** P(T ≤ t) of Student's t. */
export function studentCdf(t: number, df: number): number {
  return studentSf(-t, df)
}

/** P(|T| > |t|). */
export function studentTwoSided(t: number, df: number): number {
  return Math.min(1, 2 * studentSf(Math.abs(t), df))
}

/** The t > 0 with P(T > t) = tail, for a tail below one half; exact for the tiny tails of sequential looks. */
export function studentUpperQuantile(tail: number, df: number): number {
  if (tail >= 0.5) return tail === 0.5 ? 0 : -studentUpperQuantile(1 - tail, df)
  return invertTail((t) => studentSf(t, df), tail)
}

/** The t with P(T ≤ t) = p. */
export function studentQuantile(p: number, df: number): number {
  return p >= 0.5 ? studentUpperQuantile(1 - p, df) : -studentUpperQuantile(p, df)
}

/** P(F > f) of the F distribution with (d1, d2) degrees of freedom. */
export function fSf(f: number, d1: number, d2: number): number {
  if (f <= 0) return 1
  const scaled = d1 * f
  return betaI(d2 / 2, d1 / 2, d2 / (d2 + scaled), scaled / (d2 + scaled))
}

/** P(X = k) of the binomial with n trials and chance p. */
export function binomialPmf(k: number, n: number, p: number): number {
  if (p <= 0) return k === 0 ? 1 : 0
  if (p >= 1) return k === n ? 1 : 0
  return Math.exp(logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p))
}

/** P(X ≥ k) of the binomial. */
export function binomialSfInclusive(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  if (k > n) return 0
  return betaI(k, n - k + 1, p)
}

/**
 * Kolmogorov's limiting law P(K > x), x = √n·D. The alternating series above 1, Jacobi's theta form below,
 * where the alternating one loses all digits.
 */
export function kolmogorovSf(x: number): number {
  if (x <= 0) return 1
  if (x < 1) {
    let cdf = 0
    for (let k = 1; k <= 20; k++) cdf += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * x * x))
    return 1 - (Math.sqrt(2 * Math.PI) / x) * cdf
  }
  let sum = 0
  for (let k = 1; k <= 20; k++) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x)
  return Math.min(1, 2 * sum)
}

/** The x with P(K > x) = tail under Kolmogorov's limiting law. */
export function kolmogorovUpperQuantile(tail: number): number {
  return invertTail(kolmogorovSf, tail)
}
