import { kolmogorovSf } from './distributions.ts'

const sorted = (values: readonly number[]) => Float64Array.from(values).sort()

/** Two-sample D = max|F − G| over all values; undefined when a sample is empty. */
export function ksStatistic(reference: readonly number[], current: readonly number[]): number | undefined {
  const a = sorted(reference)
  const b = sorted(current)
  if (a.length === 0 || b.length === 0) return undefined
  let i = 0
  let j = 0
  let largest = 0
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i] as number, b[j] as number)
    while (i < a.length && a[i] === x) i++
    while (j < b.length && b[j] === x) j++
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length))
  }
  return largest
}

/**
 * Exact P(D ≥ d) for samples of n and m without ties: chance that a random lattice path from (0, 0) to (n, m) touches
 * |i/n − j/m| ≥ d. O(n·m); with ties it is conservative. Source: Hodges 1957.
 */
export function ksExactP(d: number, n: number, m: number): number {
  const limit = d - 1e-10
  // before[j]: chance of having touched, over paths to (i, j); mixed over the last step, so nothing overflows.
  const touched = new Float64Array(m + 1)
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      if (Math.abs(i / n - j / m) >= limit) touched[j] = 1
      else if (i === 0 && j === 0) touched[j] = 0
      else if (i === 0) touched[j] = touched[j - 1] as number
      else if (j > 0) touched[j] = (i * (touched[j] as number) + j * (touched[j - 1] as number)) / (i + j)
    }
  }
  return touched[m] as number
}

/** Limiting P(D > d): Kolmogorov's law at √en·d, and Stephens' small-sample form of it. `en` = n·m/(n + m). */
export function ksLimitingP(d: number, en: number): number {
  return kolmogorovSf(Math.sqrt(en) * d)
}

export function ksStephensP(d: number, en: number): number {
  const root = Math.sqrt(en)
  return kolmogorovSf((root + 0.12 + 0.11 / root) * d)
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const c = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const x = a[i * size + k] as number
      if (x === 0) continue
      for (let j = 0; j < size; j++) c[i * size + j] = (c[i * size + j] as number) + x * (b[k * size + j] as number)
    }
  }
  return c
}

/**
 * P(D_n ≥ d) of the one-sample statistic, exact: Durbin's matrix raised to n (Marsaglia, Tsang and Wang, JSS 8(18), 2003).
 * scipy takes it at n = round(en) as the two-sample asymptotic p. Meant for n up to a few hundred; use the limit above.
 */
export function ksOneSampleSf(d: number, n: number): number {
  if (d <= 0) return 1
  if (d >= 1) return 0
  const k = Math.floor(n * d) + 1
  const size = 2 * k - 1
  const h = k - n * d
  const base = new Float64Array(size * size)
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) base[i * size + j] = i - j + 1 < 0 ? 0 : 1
  for (let i = 0; i < size; i++) {
    base[i * size] = (base[i * size] as number) - h ** (i + 1)
    base[(size - 1) * size + i] = (base[(size - 1) * size + i] as number) - h ** (size - i)
  }
  base[(size - 1) * size] = (base[(size - 1) * size] as number) + (2 * h - 1 > 0 ? (2 * h - 1) ** size : 0)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let g = 1; g <= i - j + 1; g++) base[i * size + j] = (base[i * size + j] as number) / g
    }
  }
  let power: Float64Array | undefined
  let powerLog = 0
  let square: Float64Array = base
  let squareLog = 0
  const middle = (k - 1) * size + k - 1
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      power = power ? multiply(power, square, size) : square
      powerLog += squareLog
    }
    square = multiply(square, square, size)
    squareLog *= 2
    const scale = square[middle] as number
    if (scale > 1e140) {
      square = square.map((x) => x * 1e-140)
      squareLog += 140
    }
    if (power && (power[middle] as number) > 1e140) {
      power = power.map((x) => x * 1e-140)
      powerLog += 140
    }
  }
  let cdf = power ? (power[middle] as number) : 0
  for (let i = 1; i <= n; i++) {
    cdf = (cdf * i) / n
    if (cdf < 1e-140) {
      cdf *= 1e140
      powerLog -= 140
    }
  }
  return Math.min(1, Math.max(0, 1 - cdf * 10 ** powerLog))
}
