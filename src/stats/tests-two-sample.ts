import { normalSf, studentTwoSided } from './distributions.ts'
import { momentsOf, populationVariance, sampleVariance } from './moments.ts'
import { averageRanks } from './quantile.ts'

type Sample = readonly number[]

/** Student's (pooled) and Welch's t of reference − current, two-sided; undefined below two values or without variance. */
export function tTests(
  reference: Sample,
  current: Sample,
): { studentT: number; studentP: number; welchT: number; welchP: number } | undefined {
  const a = momentsOf(reference)
  const b = momentsOf(current)
  const va = sampleVariance(a)
  const vb = sampleVariance(b)
  if (va === undefined || vb === undefined || va + vb === 0) return undefined
  const difference = a.mean - b.mean
  const df = a.n + b.n - 2
  const studentT = difference / Math.sqrt(((a.m2 + b.m2) / df) * (1 / a.n + 1 / b.n))
  const ea = va / a.n
  const eb = vb / b.n
  const welchT = difference / Math.sqrt(ea + eb)
  const welchDf = (ea + eb) ** 2 / (ea ** 2 / (a.n - 1) + eb ** 2 / (b.n - 1))
  return { studentT, studentP: studentTwoSided(studentT, df), welchT, welchP: studentTwoSided(welchT, welchDf) }
}

/** Cohen's d, (current − reference) over the pooled standard deviation; undefined without variance. */
export function cohensD(reference: Sample, current: Sample): number | undefined {
  const a = momentsOf(reference)
  const b = momentsOf(current)
  const pooled = (a.m2 + b.m2) / (a.n + b.n - 2)
  return pooled > 0 && a.n + b.n > 2 ? (b.mean - a.mean) / Math.sqrt(pooled) : undefined
}

/**
 * Mann–Whitney U of the reference, normal approximation with ties and continuity, two-sided and lower tail. `effect` is
 * P(reference > current) + ½P(equal). Undefined when a sample is empty or all values are equal.
 */
export function mannWhitney(
  reference: Sample,
  current: Sample,
): { u: number; p: number; pLess: number; effect: number } | undefined {
  const n = reference.length
  const m = current.length
  const all = n + m
  const { ranks, tieSum } = averageRanks([...reference, ...current])
  const rankSum = ranks.slice(0, n).reduce((sum, rank) => sum + rank, 0)
  const u = rankSum - (n * (n + 1)) / 2
  const sd = Math.sqrt(((n * m) / 12) * (all + 1 - tieSum / (all * (all - 1))))
  if (!(sd > 0)) return undefined
  const upper = normalSf((Math.max(u, n * m - u) - (n * m) / 2 - 0.5) / sd)
  return { u, p: Math.min(1, 2 * upper), pLess: normalSf(((n * m) / 2 - u - 0.5) / sd), effect: u / (n * m) }
}

/** Exact two-sided p of U without ties, from the counts of rank partitions; O(n·m·n·m), for small samples. */
export function mannWhitneyExactP(u: number, n: number, m: number): number {
  const most = n * m
  let ways = new Float64Array(most + 1)
  ways[0] = 1
  for (let i = 1; i <= n; i++) {
    const next = ways.slice()
    for (let s = m + i; s <= most; s++) next[s] = (next[s] as number) - (ways[s - m - i] as number)
    for (let s = i; s <= most; s++) next[s] = (next[s] as number) + (next[s - i] as number)
    ways = next
  }
  const total = ways.reduce((sum, x) => sum + x, 0)
  let tail = 0
  for (let s = Math.floor(Math.max(u, most - u)); s <= most; s++) tail += ways[s] as number
  return Math.min(1, (2 * tail) / total)
}

/** Wasserstein-1 ∫|F − G|dx in the column's units, and over the reference's population sd (at least 0.001). */
export function wasserstein(reference: Sample, current: Sample): { distance: number; normalized: number } | undefined {
  const gap = integrateGap(reference, current, Math.abs)
  const variance = populationVariance(momentsOf(reference))
  if (gap === undefined || variance === undefined) return undefined
  return { distance: gap, normalized: gap / Math.max(Math.sqrt(variance), 0.001) }
}

/** Energy distance √(2∫(F − G)²dx). */
export function energyDistance(reference: Sample, current: Sample): number | undefined {
  const gap = integrateGap(reference, current, (x) => x * x)
  return gap === undefined ? undefined : Math.sqrt(2 * gap)
}

function integrateGap(reference: Sample, current: Sample, shape: (gap: number) => number): number | undefined {
  const a = Float64Array.from(reference).sort()
  const b = Float64Array.from(current).sort()
  if (a.length === 0 || b.length === 0) return undefined
  let i = 0
  let j = 0
  let area = 0
  let before = Math.min(a[0] as number, b[0] as number)
  while (i < a.length || j < b.length) {
    const x = Math.min(a[i] ?? Infinity, b[j] ?? Infinity)
    area += shape(i / a.length - j / b.length) * (x - before)
    while (i < a.length && a[i] === x) i++
    while (j < b.length && b[j] === x) j++
    before = x
  }
  return area
}

/** Modified Bessel function K of order 1/4 by the trapezoid rule on ∫exp(−x·cosh t)·cosh(t/4)dt, to about 1e-14. */
function besselKQuarter(x: number): number {
  const step = 1 / 64
  let sum = Math.exp(-x) / 2
  for (let t = step; ; t += step) {
    const term = Math.exp(-x * Math.cosh(t)) * Math.cosh(t / 4)
    sum += term
    if (term < sum * 1e-18) break
  }
  return sum * step
}

/** Limiting distribution function of the Cramér–von Mises statistic (Csörgő and Faraway 1996, 1.2). */
function cramerVonMisesCdf(x: number): number {
  let sum = 0
  let coefficient = 1
  for (let k = 0; k < 60; k++) {
    const y = 4 * k + 1
    const z = (y * y) / (16 * x)
    const term = coefficient * Math.sqrt(y) * Math.exp(-z) * besselKQuarter(z)
    sum += term
    if (Math.abs(term) < 1e-17) break
    coefficient *= (k + 0.5) / (k + 1)
  }
  return sum / (Math.PI * Math.sqrt(x))
}

/** Two-sample Cramér–von Mises T with average ranks and its asymptotic p (Anderson 1962; scipy's normalisation). */
export function cramerVonMises(reference: Sample, current: Sample): { statistic: number; p: number } | undefined {
  const n = reference.length
  const m = current.length
  if (n < 2 || m < 2) return undefined
  const { ranks } = averageRanks([...Float64Array.from(reference).sort(), ...Float64Array.from(current).sort()])
  const all = n + m
  let u = 0
  for (let i = 0; i < n; i++) u += n * ((ranks[i] as number) - i - 1) ** 2
  for (let j = 0; j < m; j++) u += m * ((ranks[n + j] as number) - j - 1) ** 2
  const statistic = u / (n * m * all) - (4 * n * m - 1) / (6 * all)
  const mean = (1 + 1 / all) / 6
  const variance = ((all + 1) * (4 * n * m * all - 3 * (n * n + m * m) - 2 * n * m)) / (45 * all * all * 4 * n * m)
  const scaled = 1 / 6 + (statistic - mean) / Math.sqrt(45 * variance)
  return { statistic, p: scaled < 0.003 ? 1 : Math.min(1, Math.max(0, 1 - cramerVonMisesCdf(scaled))) }
}

/** Anderson–Darling k-sample statistic with midranks for two samples, standardised (Scholz and Stephens 1987). */
export function andersonDarling(reference: Sample, current: Sample): number | undefined {
  const samples = [Float64Array.from(reference).sort(), Float64Array.from(current).sort()]
  const pooled = Float64Array.from([...reference, ...current]).sort()
  const N = pooled.length
  const distinct = [...new Set(pooled)]
  if (distinct.length < 2 || reference.length < 2 || current.length < 2) return undefined
  const counts = (sample: Float64Array, x: number) => {
    const upTo = sample.filter((v) => v <= x).length
    const at = sample.filter((v) => v === x).length
    return { middle: upTo - at / 2, at }
  }
  let statistic = 0
  for (const sample of samples) {
    let inner = 0
    for (const x of distinct) {
      const all = counts(pooled, x)
      const own = counts(sample, x)
      const l = all.at / N
      inner +=
        (l * (N * own.middle - all.middle * sample.length) ** 2) / (all.middle * (N - all.middle) - (N * all.at) / 4)
    }
    statistic += inner / sample.length
  }
  statistic *= (N - 1) / N
  const H = 1 / reference.length + 1 / current.length
  let h = 0
  let g = 0
  for (let i = 1; i < N; i++) h += 1 / i
  let partial = 0
  for (let i = 1; i <= N - 2; i++) {
    partial += 1 / (N - i)
    g += partial / (i + 1)
  }
  const a = 4 * g - 6 + (10 - 6 * g) * H
  const b = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * H - 8 * h + 4 * g - 6
  const c = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * H + 4 * h
  const d = (2 * h + 6) * 4 - 8 * h
  const variance = (a * N ** 3 + b * N ** 2 + c * N + d) / ((N - 1) * (N - 2) * (N - 3))
  return (statistic - 1) / Math.sqrt(variance)
}
