import { expect, test } from 'vitest'
import { quantileOfCounts } from './latency.ts'

/** Counted as the log is: bucket b holds what is above 2^((b−1)/8) µs and at most 2^(b/8) µs. */
function countsOf(micros: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const us of micros) {
    const bucket = us <= 1 ? 0 : Math.ceil(Math.log2(us) * 8)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  return counts
}

test('a quantile of the counts lies within a step of 9 % of the exact one', () => {
  const micros = Array.from({ length: 1_000 }, (_, i) => 50 * 1.006 ** i)
  const counts = countsOf(micros)
  for (const share of [0.01, 0.25, 0.5, 0.9, 0.99]) {
    const exact = (micros[Math.ceil(share * micros.length) - 1] ?? 0) / 1_000
    const read = quantileOfCounts(counts, share) ?? Number.NaN
    expect(read / exact).toBeGreaterThan(1 / 1.1)
    expect(read / exact).toBeLessThan(1.1)
  }
})

test('one slow row in a hundred is not in the p99, two are', () => {
  const fast = Array.from({ length: 98 }, () => 400)
  expect(quantileOfCounts(countsOf([...fast, 400, 80_000]), 0.99)).toBeLessThan(0.5)
  expect(quantileOfCounts(countsOf([...fast, 80_000, 80_000]), 0.99)).toBeGreaterThan(70)
})

test('no rows have no quantile', () => {
  expect(quantileOfCounts(new Map(), 0.5)).toBeNull()
})
