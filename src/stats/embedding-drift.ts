import { median } from './quantile.ts'

type Vectors = readonly (readonly number[])[]

const squaredDistance = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0)

/** Median of squared distances over all pooled pairs, the usual kernel width of `mmd`. */
export function medianSquaredDistance(reference: Vectors, current: Vectors): number | undefined {
  const pooled = [...reference, ...current]
  return median(pooled.flatMap((a, i) => pooled.slice(i + 1).map((b) => squaredDistance(a, b))))
}

/**
 * Squared maximum mean discrepancy with the kernel exp(−‖x − y‖²/(2σ²)), O(n²): sample to at most 1000 rows first. The unbiased
 * form may be negative. Undefined below two rows on a side. Source: Gretton et al., JMLR 13, 2012.
 */
export function mmd(
  reference: Vectors,
  current: Vectors,
  sigma2: number,
): { unbiased: number; biased: number } | undefined {
  const n = reference.length
  const m = current.length
  if (n < 2 || m < 2 || !(sigma2 > 0)) return undefined
  const sum = (a: Vectors, b: Vectors) =>
    a.reduce((s, x) => s + b.reduce((t, y) => t + Math.exp(-squaredDistance(x, y) / (2 * sigma2)), 0), 0)
  const xx = sum(reference, reference)
  const yy = sum(current, current)
  const xy = sum(reference, current) / (n * m)
  return {
    unbiased: (xx - n) / (n * (n - 1)) + (yy - m) / (m * (m - 1)) - 2 * xy,
    biased: xx / (n * n) + yy / (m * m) - 2 * xy,
  }
}

/** Distances between the mean vectors; undefined when a side is empty. Cosine is undefined for a zero mean. */
export function centroidDistance(
  reference: Vectors,
  current: Vectors,
): { euclidean: number; cosine: number | undefined; cityblock: number; chebyshev: number } | undefined {
  const centre = (vectors: Vectors) =>
    (vectors[0] ?? []).map((_, c) => vectors.reduce((sum, v) => sum + (v[c] as number), 0) / vectors.length)
  if (reference.length === 0 || current.length === 0) return undefined
  const a = centre(reference)
  const b = centre(current)
  const dot = a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)
  const size = Math.hypot(...a) * Math.hypot(...b)
  const gaps = a.map((x, i) => Math.abs(x - (b[i] as number)))
  return {
    euclidean: Math.hypot(...gaps),
    cosine: size > 0 ? 1 - dot / size : undefined,
    cityblock: gaps.reduce((sum, x) => sum + x, 0),
    chebyshev: Math.max(...gaps),
  }
}
