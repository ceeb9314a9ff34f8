import { expect, test } from 'vitest'
import { bucketGrowthBook, fnv1a, pickVariant, stickyBucket } from './assignment.ts'
import {
  bayesNormal,
  boundedSequence,
  mixtureRatio,
  normalMixture,
  sequenceHalfWidth,
  sequenceP,
  sequenceRho,
  startBounded,
  updateBounded,
} from './confidence-sequence.ts'
import { chiSquareSf } from './distributions.ts'
import {
  isRateHarmful,
  logRateRatioTwoSided,
  logRatioMismatch,
  logSequentialMcNemar,
  proportionSequence,
  rateRatioP,
  startRateRatio,
  updateRateRatio,
} from './eprocess.ts'
import { eBenjaminiHochberg } from './multiplicity.ts'
import { forecastQuality, pairedQuality } from './paired-quality.ts'
import { compareTailQuantile, distributionBandRadius, logEdges, rankSequence } from './quantile-sequence.ts'
import { countValues, binSetFromEdges } from './histogram.ts'
import { seededRandom } from './seeded-random.ts'
import { twoWayVariance } from './two-way-variance.ts'

test('sample ratio mismatch gives the known e-values (A)', () => {
  expect(logRatioMismatch([2, 2, 1], [0.4, 0.4, 0.2], [1, 1, 1])).toBeCloseTo(-1.1711189795, 9)
  expect(logRatioMismatch([9000, 1100], [0.9, 0.1], 100)).toBeCloseTo(1.94314, 5)
  expect(logRatioMismatch([9000, 1100], [0.9, 0.1])).toBeCloseTo(1.841241, 5)
  expect(logRatioMismatch([50_000, 49_000], [0.5, 0.5])).toBeCloseTo(3.392858, 5)
  expect(logRatioMismatch([9000, 1000], [0.9, 0.1])).toBeCloseTo(-0.346616, 5)
})

test('rate ratio under a constant split gives the known e-values (B)', () => {
  expect(logRateRatioTwoSided(20, 100, 0.1, 1)).toBeCloseTo(1.293631, 5)
  expect(logRateRatioTwoSided(20, 100, 0.1, 10)).toBeCloseTo(2.555282, 5)
  expect(logRateRatioTwoSided(20, 100, 0.1, 100)).toBeCloseTo(1.920724, 5)
  expect(logRateRatioTwoSided(30, 200, 0.1, 10)).toBeCloseTo(0.573709, 5)
})

test('a version that always fails is stopped after three events at 10 % and alpha 0.02', () => {
  const state = startRateRatio()
  for (let i = 0; i < 2; i++) updateRateRatio(state, { isCandidate: true, propensity: 0.1 })
  expect(isRateHarmful(state, 0.02)).toBe(false)
  updateRateRatio(state, { isCandidate: true, propensity: 0.1 })
  expect(isRateHarmful(state, 0.02)).toBe(true)
  expect(rateRatioP(JSON.parse(JSON.stringify(state)))).toBeLessThan(0.02)
})

test('events at full or no traffic say nothing about the candidate', () => {
  const state = startRateRatio()
  for (let i = 0; i < 50; i++) updateRateRatio(state, { isCandidate: i % 2 === 0, propensity: i % 2 === 0 ? 1 : 0 })
  expect(rateRatioP(state)).toBe(1)
})

test('asymptotic sequences give the known widths and p-values (C)', () => {
  expect(sequenceRho(0.05, 1000)).toBeCloseTo(0.0890851, 7)
  expect(sequenceRho(0.05, 5000)).toBeCloseTo(0.03984007, 7)
  expect(sequenceRho(0.1, 5000)).toBeCloseTo(0.03557769, 7)
  const variance = (x: number, n: number) => ((x / n) * (1 - x / n) * n) / (n - 1)
  const n = 20_000
  const s2 = n * (variance(1000, 10_000) / 10_000 + variance(1150, 10_000) / 10_000)
  expect(sequenceHalfWidth(s2, n, 0.05, 5000)).toBeCloseTo(0.0136949814, 9)
  expect(sequenceP(0.015, s2, n, 0.05, 5000)).toBeCloseTo(0.0194062533, 8)
  const m0 = 1396.87 / 3000
  const m1 = 2422.7 / 3461
  const v0 = (52377.9767 - 3000 * m0 * m0) / 2999
  const v1 = (134698.29 - 3461 * m1 * m1) / 3460
  const relative = v1 / 3461 / m0 ** 2 + (m1 ** 2 * v0) / 3000 / m0 ** 4
  expect((m1 - m0) / m0).toBeCloseTo(0.50336, 5)
  expect((m1 - m0) / m0 - sequenceHalfWidth(relative * 6461, 6461, 0.05, 1000)).toBeCloseTo(-0.55844, 4)
})

test('bounded sequences give the known centre and radius (D)', () => {
  const run = (x: (i: number) => number) => {
    const state = startBounded()
    for (let i = 0; i < 1000; i++) updateBounded(state, x(i), 0.05)
    return boundedSequence(state, 0.05)
  }
  const alternating = run((i) => i % 2)
  expect(alternating?.centre).toBeCloseTo(0.49922156, 7)
  expect(alternating?.radius).toBeCloseTo(0.06303044, 7)
  const stepped = run((i) => ((37 * i) % 100) / 100)
  expect(stepped?.centre).toBeCloseTo(0.49473907, 7)
  expect(stepped?.radius).toBeCloseTo(0.03315057, 7)
  expect(boundedSequence(startBounded(), 0.05)).toBeUndefined()
})

test('rank sequences and the distribution band give the known bounds (E)', () => {
  expect(rankSequence(1000, 0.5)).toEqual({ lower: 445, upper: 555 })
  expect(rankSequence(1000, 0.95)).toEqual({ lower: 923, upper: 974 })
  expect(rankSequence(5000, 0.99)).toEqual({ lower: 4919, upper: 4976 })
  // confseq solves the constant and gets 0.0820477; the closed form is slightly wider.
  expect(distributionBandRadius(1000, 100)).toBeCloseTo(0.08284547, 8)
})

test('proportion sequences give the known ends (F)', () => {
  const ends = (x: number, n: number) => proportionSequence(x, n)
  expect(ends(700, 1000).lower).toBeCloseTo(0.646985, 6)
  expect(ends(700, 1000).upper).toBeCloseTo(0.749662, 6)
  expect(ends(15, 50).lower).toBeCloseTo(0.131445, 6)
  expect(ends(15, 50).upper).toBeCloseTo(0.517077, 6)
  expect(ends(3, 1000).lower).toBeCloseTo(0.000069, 6)
  expect(ends(3, 1000).upper).toBeCloseTo(0.016418, 6)
  expect(ends(0, 10).lower).toBe(0)
  expect(ends(0, 0)).toEqual({ lower: 0, upper: 1 })
})

test('sequential McNemar gives the known e-values (G)', () => {
  expect(logSequentialMcNemar(30, 10)).toBeCloseTo(2.899932, 6)
  expect(logSequentialMcNemar(60, 40)).toBeCloseTo(0.782343, 6)
  expect(logSequentialMcNemar(45, 20)).toBeCloseTo(3.043997, 6)
  expect(logSequentialMcNemar(10, 10)).toBeCloseTo(-0.352819, 6)
  expect(logSequentialMcNemar(30, 10, 1)).toBeCloseTo(3.454324, 6)
})

test('e-BH rejects the known sets (H)', () => {
  expect(eBenjaminiHochberg([120, 3, 45, 90, 0.5])).toEqual([true, false, true, true, false])
  expect(eBenjaminiHochberg([100, 100, 100, 1, 1])).toEqual([true, true, true, false, false])
})

test('mixture ratio, Bayes report and normal mixture give the known values (I, J, N)', () => {
  expect(mixtureRatio(0.1, 1000, 1, 0.01)).toBeCloseTo(3.278722, 5)
  expect(mixtureRatio(0.15, 1000, 1, 0.0025)).toBeCloseTo(15.173263, 5)
  const report = bayesNormal(
    0.02 / 0.49,
    Math.sqrt((0.51 * 0.49) / 100 / 0.49 ** 2 + (0.51 ** 2 * 0.49 * 0.51) / 100 / 0.49 ** 4),
  )
  expect(report.chanceToWin).toBeCloseTo(0.60918, 5)
  expect(report.lossIfRefused).toBeCloseTo(0.0814, 4)
  expect(report.lossIfChosen).toBeCloseTo(0.04058, 5)
  const mixture = normalMixture(100, 0.05)
  expect(mixture.rho).toBeCloseTo(12.60056, 5)
  expect(mixture.logMixture(10, 100)).toBeCloseTo(-0.6510052, 6)
  expect(mixture.bound(100)).toBeCloseTo(30.35209, 4)
})

test('the GrowthBook hash gives the known buckets (K)', () => {
  expect(bucketGrowthBook('seed', 'a')).toBe(0.0505)
  expect(bucketGrowthBook('seed', 'b')).toBe(0.2696)
  expect(bucketGrowthBook('foo', 'ab')).toBe(0.2575)
  expect(bucketGrowthBook('foo', 'def')).toBe(0.2019)
  expect((fnv1a('a') % 1000) / 1000).toBe(0.22)
})

test('sticky buckets are even, also for consecutive ids and tiny weights, and independent between salts', () => {
  const n = 100_000
  const counts = new Array<number>(100).fill(0)
  let tiny = 0
  let both = 0
  for (let i = 0; i < n; i++) {
    const bucket = stickyBucket('rollout-1', `user-${i}`)
    counts[Math.floor(bucket * 100)]!++
    if (bucket < 0.0005) tiny++
    if (bucket < 0.1 && stickyBucket('rollout-2', `user-${i}`) < 0.1) both++
  }
  const statistic = counts.reduce((sum, count) => sum + (count - n / 100) ** 2 / (n / 100), 0)
  expect(chiSquareSf(statistic, 99)).toBeGreaterThan(0.001)
  expect(Math.abs(tiny - 50)).toBeLessThan(25)
  expect(Math.abs(both - 1000)).toBeLessThan(120)
  expect(pickVariant([90, 10], 0.89)).toBe(0)
  expect(pickVariant([90, 10], 0.9)).toBe(1)
  expect(pickVariant([0, 0], 0.5)).toBeUndefined()
})

const ALPHA = 0.02

/** Peeks after every unit, up to `units`; true when harm was ever called. */
function everHarmful(next: () => number, units: number): boolean {
  const differences: number[] = []
  for (let i = 0; i < units; i++) {
    differences.push(next())
    if (pairedQuality(differences, { alpha: ALPHA, margin: 0 }).harmP <= ALPHA) return true
  }
  return false
}

test('A/A at alpha 0.02 with a peek at every unit calls harm in at most 3 % of runs, normal and heavy-tailed', () => {
  const random = seededRandom(7)
  let normal = 0
  let heavy = 0
  for (let run = 0; run < 1000; run++) {
    if (everHarmful(() => random.normal(), 150)) normal++
    if (everHarmful(() => random.exponential() - random.exponential(), 150)) heavy++
  }
  expect(normal / 1000).toBeLessThanOrEqual(0.03)
  expect(heavy / 1000).toBeLessThanOrEqual(0.03)
})

test('A/A of the rate ratio under a ramp is stopped in at most alpha of runs', () => {
  const random = seededRandom(11)
  let stopped = 0
  for (let run = 0; run < 2000; run++) {
    const state = startRateRatio()
    for (let i = 0; i < 300; i++) {
      const propensity = i < 100 ? 0.1 : i < 200 ? 0.5 : 0.9
      updateRateRatio(state, { isCandidate: random.uniform() < propensity, propensity })
    }
    if (isRateHarmful(state, 0.05)) stopped++
  }
  expect(stopped / 2000).toBeLessThanOrEqual(0.05)
})

test('paired quality decides for clear cases and says continue where it cannot know', () => {
  const options = { alpha: ALPHA, margin: 0.05 }
  const around = (centre: number) => Array.from({ length: 12 }, (_, i) => centre + 0.05 * Math.sin(i * 2.4))
  expect(pairedQuality([], options)).toMatchObject({ verdict: 'continue', mean: undefined, lower: undefined })
  expect(pairedQuality([3], options).verdict).toBe('continue')
  expect(pairedQuality(around(0.5), options).verdict).toBe('harm')
  expect(pairedQuality(around(-0.5), options).verdict).toBe('better')
  expect(pairedQuality(new Array<number>(10).fill(0), options).verdict).toBe('non_inferior')
  expect(pairedQuality([1, 1], options).verdict, 'two of one sign are no proof').toBe('continue')
  expect(pairedQuality(new Array<number>(14).fill(1), options).verdict, 'fourteen are').toBe('harm')
  expect(
    pairedQuality(
      Array.from({ length: 80 }, (_, i) => Math.sin(i * 2.4)),
      options,
    ),
  ).toMatchObject({
    verdict: 'continue',
    method: 'confidence_sequence',
  })
})

test('a slower tail is harm, an equal one is non-inferior, a few values decide nothing', () => {
  const bins = binSetFromEdges(logEdges(0.1, 60_000))
  const random = seededRandom(3)
  const histogram = (scale: number, n: number) => {
    const edges = bins.edges
    return {
      edges,
      counts: countValues(
        bins,
        Array.from({ length: n }, () => scale * (1 + random.exponential())),
      ).slice(1, -1),
    }
  }
  const options = { q: 0.95, alpha: 0.01, tolerance: 1.2 }
  expect(compareTailQuantile(histogram(10, 3000), histogram(20, 1000), options).verdict).toBe('harm')
  expect(compareTailQuantile(histogram(10, 40_000), histogram(10, 40_000), options).verdict).toBe('non_inferior')
  expect(compareTailQuantile(histogram(10, 20), histogram(40, 5), options).verdict).toBe('continue')
})

test('a variance clustered both ways is that of the units, or of the slices where those vary more', () => {
  expect(twoWayVariance([1, 3], [[], []])).toBe(2)
  const lasting = [2, -2]
  expect(twoWayVariance([1, 1, 1], [lasting, lasting, lasting])).toBeCloseTo(48)
  const fleeting = [lasting, [-2, 2]]
  expect(twoWayVariance([1, 3], fleeting)).toBe(2)
  expect(twoWayVariance([1], [lasting])).toBeUndefined()
})

test.each([0.35, 0.9, 1.6])('a forecast of the units still needed holds if the noise goes on: margin %s', (margin) => {
  const noise = [-3, 1, 2, -1, 0.5, -0.5, 2, -2.2]
  const options = { alpha: 0.02, margin }
  const forecast = forecastQuality(noise, { ...options, endAlpha: 0.03, end: 400 })
  const decides = (rounds: number): boolean =>
    pairedQuality(Array.from({ length: rounds }, () => noise).flat(), options).verdict !== 'continue'
  const rounds = Array.from({ length: 50 }, (_, i) => i + 1).find(decides) ?? Number.NaN
  const expected = noise.length + (forecast?.units ?? Number.NaN)
  expect(Math.abs(expected / (rounds * noise.length) - 1)).toBeLessThan(0.15)
})

test('a forecast says when the time does not suffice, and with what chance the look at its end decides', () => {
  const noise = [-3, 1, 2, -1, 0.5, -0.5, 2, -2.2]
  const within = (end: number) => forecastQuality(noise, { alpha: 0.02, margin: 0.35, endAlpha: 0.03, end })
  expect(within(60)).toMatchObject({ units: undefined })
  expect(within(60)?.powerAtEnd).toBeLessThan(within(200)?.powerAtEnd ?? 0)
})

test('a worse classifier is found not worse in fewer than 5 % of runs, however few and alike its rows', () => {
  const random = seededRandom(31)
  // Right where the other is wrong in 5 % of the rows, wrong where it is right in 15 %, both wrong in 5 %.
  const promotedAt = (rows: number, units: number): boolean => {
    const differences: number[] = []
    let wrong = 0
    for (let n = 1; n <= units; n++) {
      let worse = 0
      for (let i = 0; i < rows; i++) {
        const draw = random.uniform()
        worse += draw < 0.15 ? 1 : draw < 0.2 ? -1 : 0
        wrong += draw >= 0.15 && draw < 0.25 ? 1 : 0
      }
      differences.push(worse / rows)
      const margin = (0.05 * wrong) / (n * rows)
      const { verdict } = pairedQuality(differences, { alpha: 0.02, margin, rows: n * rows })
      if (verdict !== 'continue') return verdict !== 'harm'
    }
    return false
  }
  for (const [rows, units] of [
    [1, 140],
    [5, 28],
    [24, 28],
  ] as const) {
    const promoted = Array.from({ length: 300 }, () => promotedAt(rows, units)).filter(Boolean).length
    expect(promoted / 300, `${rows} rows a unit`).toBeLessThan(0.05)
  }
})
