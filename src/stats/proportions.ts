import { normalQuantile, normalSf } from './distributions.ts'
import { logChoose } from './special.ts'

/** Wilson's score interval of k out of n (JASA 22, 1927); undefined when n is 0. */
export function wilsonInterval(k: number, n: number, confidence = 0.95): { lower: number; upper: number } | undefined {
  if (n <= 0) return undefined
  const z = -normalQuantile((1 - confidence) / 2)
  const share = k / n
  const scale = 1 + (z * z) / n
  const centre = (share + (z * z) / (2 * n)) / scale
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))
  return { lower: k === 0 ? 0 : Math.max(0, centre - half), upper: k === n ? 1 : Math.min(1, centre + half) }
}

/** Pooled two-proportion z-test of x1/n1 against x2/n2; undefined when a sample is empty or nothing varies. */
export function twoProportionZ(
  x1: number,
  n1: number,
  x2: number,
  n2: number,
): { z: number; p: number; difference: number } | undefined {
  if (n1 <= 0 || n2 <= 0) return undefined
  const pooled = (x1 + x2) / (n1 + n2)
  const se = Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
  if (!(se > 0)) return undefined
  const z = (x1 / n1 - x2 / n2) / se
  return { z, p: Math.min(1, 2 * normalSf(Math.abs(z))), difference: x2 / n2 - x1 / n1 }
}

/** Cohen's h, the difference of arcsine-transformed proportions. */
export function cohensH(p1: number, p2: number): number {
  return 2 * Math.asin(Math.sqrt(p2)) - 2 * Math.asin(Math.sqrt(p1))
}

/** Rows per group that show `base` turning into `base + delta` with the given power (unpooled variances, two-sided). */
export function twoProportionSampleSize(base: number, delta: number, alpha = 0.05, power = 0.8): number | undefined {
  const other = base + delta
  if (delta === 0 || other < 0 || other > 1) return undefined
  const z = -normalQuantile(alpha / 2) + normalQuantile(power)
  const za = -normalQuantile(alpha / 2)
  const zb = normalQuantile(power)
  const mean = (base + other) / 2
  const root = za * Math.sqrt(2 * mean * (1 - mean)) + zb * Math.sqrt(base * (1 - base) + other * (1 - other))
  return z > 0 ? (root / delta) ** 2 : undefined
}

/** Fisher's exact test of a 2 × 2 table [[a, b], [c, d]], two-sided by summing the tables no likelier than the seen one. */
export function fisherExact(a: number, b: number, c: number, d: number): { oddsRatio: number; p: number } {
  const row = a + b
  const column = a + c
  const all = a + b + c + d
  const logP = (x: number) => logChoose(column, x) + logChoose(all - column, row - x) - logChoose(all, row)
  const seen = logP(a)
  let p = 0
  for (let x = Math.max(0, row + column - all); x <= Math.min(row, column); x++) {
    const chance = logP(x)
    if (chance <= seen + 1e-7) p += Math.exp(chance)
  }
  return { oddsRatio: (a * d) / (b * c), p: Math.min(1, p) }
}
