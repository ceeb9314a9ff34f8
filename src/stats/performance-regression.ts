import { averageRanks, median, quantile } from './quantile.ts'

/** Point metrics of predictions against actuals; a metric that does not exist for the data is undefined. */
export type RegressionMetrics = {
  n: number
  mae: number
  mse: number
  rmse: number
  wape: number | undefined
  /** Signed: Σ(predicted − actual)/Σ|actual|. */
  bias: number | undefined
  meanError: number
  errorStd: number
  medianAbsError: number
  maxError: number
  r2: number | undefined
  explainedVariance: number | undefined
  smape: number
}

/** All sums in one pass; undefined without rows or when the lengths differ. */
export function regressionMetrics(
  actual: readonly number[],
  predicted: readonly number[],
): RegressionMetrics | undefined {
  const n = actual.length
  if (n === 0 || predicted.length !== n) return undefined
  const errors = actual.map((y, i) => (predicted[i] as number) - y)
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / n
  const absolute = errors.map(Math.abs)
  const meanError = mean(errors)
  const mse = mean(errors.map((e) => e * e))
  const centre = mean(actual)
  const spread = mean(actual.map((y) => (y - centre) ** 2))
  const errorVariance = mean(errors.map((e) => (e - meanError) ** 2))
  const scale = mean(actual.map(Math.abs))
  const mae = mean(absolute)
  return {
    n,
    mae,
    mse,
    rmse: Math.sqrt(mse),
    wape: scale > 0 ? mae / scale : undefined,
    bias: scale > 0 ? meanError / scale : undefined,
    meanError,
    errorStd: Math.sqrt(errorVariance),
    medianAbsError: median(absolute) as number,
    maxError: Math.max(...absolute),
    r2: spread > 0 ? 1 - mse / spread : undefined,
    explainedVariance: spread > 0 ? 1 - errorVariance / spread : undefined,
    smape: mean(
      actual.map((y, i) => {
        const size = Math.abs(y) + Math.abs(predicted[i] as number)
        return size > 0 ? (2 * (absolute[i] as number)) / size : 0
      }),
    ),
  }
}

/** Quantile of absolute errors, type 7. */
export function absoluteErrorQuantile(
  actual: readonly number[],
  predicted: readonly number[],
  p: number,
): number | undefined {
  return quantile(
    actual.map((y, i) => Math.abs((predicted[i] as number) - y)),
    p,
  )
}

/** Mean pinball loss of a quantile forecast at level p. */
export function pinballLoss(actual: readonly number[], predicted: readonly number[], p: number): number | undefined {
  if (actual.length === 0) return undefined
  const losses = actual.map((y, i) => {
    const over = y - (predicted[i] as number)
    return over >= 0 ? p * over : (p - 1) * over
  })
  return losses.reduce((sum, x) => sum + x, 0) / losses.length
}

/** Pearson's correlation; undefined when a side is constant. */
export function pearson(x: readonly number[], y: readonly number[]): number | undefined {
  const n = x.length
  const mx = x.reduce((sum, v) => sum + v, 0) / n
  const my = y.reduce((sum, v) => sum + v, 0) / n
  let xy = 0
  let xx = 0
  let yy = 0
  for (let i = 0; i < n; i++) {
    const a = (x[i] as number) - mx
    const b = (y[i] as number) - my
    xy += a * b
    xx += a * a
    yy += b * b
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : undefined
}

/** Spearman's rank correlation with average ranks. */
export function spearman(x: readonly number[], y: readonly number[]): number | undefined {
  return pearson(averageRanks(x).ranks, averageRanks(y).ranks)
}

/** Kendall's τ-b in O(n²); undefined when a side is constant. */
export function kendallTau(x: readonly number[], y: readonly number[]): number | undefined {
  let score = 0
  let xPairs = 0
  let yPairs = 0
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) {
      const a = Math.sign((x[i] as number) - (x[j] as number))
      const b = Math.sign((y[i] as number) - (y[j] as number))
      score += a * b
      xPairs += a * a
      yPairs += b * b
    }
  }
  return xPairs > 0 && yPairs > 0 ? score / Math.sqrt(xPairs * yPairs) : undefined
}

/** Root mean squared log error; undefined when a value is below 0. */
export function rmsle(actual: readonly number[], predicted: readonly number[]): number | undefined {
  if (actual.length === 0 || Math.min(...actual, ...predicted) < 0) return undefined
  const sum = actual.reduce((s, y, i) => s + (Math.log1p(predicted[i] as number) - Math.log1p(y)) ** 2, 0)
  return Math.sqrt(sum / actual.length)
}

/** Skill against a naive forecast: 1 − loss/naive loss. Positive beats it, undefined when the naive one is perfect. */
export function skill(loss: number, naiveLoss: number): number | undefined {
  return naiveLoss > 0 ? 1 - loss / naiveLoss : undefined
}
