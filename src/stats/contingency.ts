import { chiSquareSf } from './distributions.ts'

export type ChiSquareResult = { statistic: number; df: number; p: number }

/** Cells of both samples that are empty carry nothing and are dropped. */
function columnsOf(reference: readonly number[], current: readonly number[]): [number, number][] {
  const columns: [number, number][] = []
  for (let i = 0; i < reference.length; i++) {
    const pair: [number, number] = [reference[i] ?? 0, current[i] ?? 0]
    if (pair[0] + pair[1] > 0) columns.push(pair)
  }
  return columns
}

/**
 * χ² test of a 2 × k table: do both samples have the same shares? No continuity correction. A constant column has
 * df 0 and p 1. Unlike the goodness-of-fit form it counts the reference's own noise (34 % false alarms otherwise).
 */
export function chiSquareTwoSample(
  reference: readonly number[],
  current: readonly number[],
): ChiSquareResult | undefined {
  return twoSample(reference, current, (o, e) => ((o - e) * (o - e)) / e)
}

/** Likelihood-ratio (G) test of a 2 × k table. */
export function gTestTwoSample(reference: readonly number[], current: readonly number[]): ChiSquareResult | undefined {
  return twoSample(reference, current, (o, e) => (o > 0 ? 2 * o * Math.log(o / e) : 0))
}

function twoSample(
  reference: readonly number[],
  current: readonly number[],
  term: (observed: number, expected: number) => number,
): ChiSquareResult | undefined {
  const columns = columnsOf(reference, current)
  const n = columns.reduce((sum, [a]) => sum + a, 0)
  const m = columns.reduce((sum, [, b]) => sum + b, 0)
  if (n <= 0 || m <= 0) return undefined
  let statistic = 0
  for (const [a, b] of columns) {
    const share = (a + b) / (n + m)
    statistic += term(a, share * n) + term(b, share * m)
  }
  const df = columns.length - 1
  return { statistic, df, p: chiSquareSf(statistic, df) }
}

/** χ² goodness of fit with the reference scaled to the current total and taken as exact; kept for comparison only. */
export function chiSquareGoodnessOfFit(
  reference: readonly number[],
  current: readonly number[],
): ChiSquareResult | undefined {
  const columns = columnsOf(reference, current)
  const n = columns.reduce((sum, [a]) => sum + a, 0)
  const m = columns.reduce((sum, [, b]) => sum + b, 0)
  if (n <= 0 || m <= 0) return undefined
  const statistic = columns.reduce((sum, [a, b]) => sum + (b - (a * m) / n) ** 2 / ((a * m) / n), 0)
  return { statistic, df: columns.length - 1, p: chiSquareSf(statistic, columns.length - 1) }
}

/** Cramér's V of a 2 × k table, plain and with Bergsma's bias correction (J. Korean Stat. Soc. 42, 2013). */
export function cramersV(
  reference: readonly number[],
  current: readonly number[],
): { plain: number; corrected: number } | undefined {
  const test = chiSquareTwoSample(reference, current)
  if (!test || test.df < 1) return undefined
  const n = [...reference, ...current].reduce((sum, x) => sum + x, 0)
  const columns = test.df + 1
  const phi = Math.max(0, test.statistic / n - test.df / (n - 1))
  const rowsCorrected = 2 - 1 / (n - 1)
  const columnsCorrected = columns - test.df ** 2 / (n - 1)
  const bound = Math.min(rowsCorrected - 1, columnsCorrected - 1)
  return { plain: Math.sqrt(test.statistic / n), corrected: bound > 0 ? Math.sqrt(phi / bound) : 0 }
}

/** Pools the cells expected below `least` in the smaller sample into one, as the χ² approximation asks. */
export function poolRare(
  reference: readonly number[],
  current: readonly number[],
  least = 5,
): { reference: number[]; current: number[] } {
  const columns = columnsOf(reference, current)
  const n = columns.reduce((sum, [a]) => sum + a, 0)
  const m = columns.reduce((sum, [, b]) => sum + b, 0)
  const kept: [number, number][] = []
  const pooled: [number, number] = [0, 0]
  for (const [a, b] of columns) {
    if (((a + b) * Math.min(n, m)) / (n + m) >= least) kept.push([a, b])
    else {
      pooled[0] += a
      pooled[1] += b
    }
  }
  if (pooled[0] + pooled[1] > 0) kept.push(pooled)
  return { reference: kept.map(([a]) => a), current: kept.map(([, b]) => b) }
}
