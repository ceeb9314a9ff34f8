import { quantileSorted } from './quantile.ts'

/**
 * Frozen bins of one numeric column. Bin i is [edges[i], edges[i+1]), the last one closed; values below the first
 * or above the last edge are counted apart. `id` is a hash of the edges' bits, equal for equal edges in any language.
 */
export type BinSet = { id: string; edges: number[]; exact: boolean }

const FNV64_OFFSET = 0xcbf29ce484222325n
const FNV64_PRIME = 0x100000001b3n

/** FNV-1a 64 over the little-endian bytes of the numbers, as 16 hex digits. */
export function hashNumbers(values: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(8))
  let hash = FNV64_OFFSET
  for (const value of values) {
    view.setFloat64(0, value === 0 ? 0 : value, true)
    for (let i = 0; i < 8; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(view.getUint8(i))) * FNV64_PRIME)
  }
  return hash.toString(16).padStart(16, '0')
}

/** A bin set from its edges (ascending, at least two; two equal edges for a constant column). */
export function binSetFromEdges(edges: readonly number[], exact = false): BinSet {
  return { id: hashNumbers(edges), edges: [...edges], exact }
}

/**
 * Bins from the reference: one per value when it has at most 50 distinct ones (edges half-way between them), else
 * quantile bins of equal reference share (type 7, repeated edges dropped). 60 nests into 30, 20, 15, 12 and 10.
 * Non-finite values are ignored; undefined when none is finite.
 */
export function makeBinSet(referenceValues: readonly number[], maxBins = 60): BinSet | undefined {
  const sorted = Float64Array.from(referenceValues.filter((v) => Number.isFinite(v))).sort()
  const first = sorted[0]
  const last = sorted[sorted.length - 1]
  if (first === undefined || last === undefined) return undefined
  const distinct: number[] = []
  for (const value of sorted) {
    if (value !== distinct[distinct.length - 1]) distinct.push(value)
    if (distinct.length > 50) break
  }
  if (distinct.length <= 50) {
    const between = distinct.slice(1).map((value, i) => {
      const before = distinct[i] ?? value
      const middle = before + (value - before) / 2
      return middle > before ? middle : value
    })
    return binSetFromEdges([first, ...between, last], true)
  }
  const edges = [first]
  for (let i = 1; i < maxBins; i++) {
    const edge = quantileSorted(sorted, i / maxBins) ?? first
    if (edge > (edges[edges.length - 1] ?? first) && edge < last) edges.push(edge)
  }
  edges.push(last)
  return binSetFromEdges(edges)
}

export function binCount(binSet: BinSet): number {
  return binSet.edges.length - 1
}

/** The bin of a finite value: −1 below the first edge, `binCount` above the last. Binary search, no allocation. */
export function binIndex(edges: readonly number[], value: number): number {
  const bins = edges.length - 1
  if (value < (edges[0] as number)) return -1
  if (value >= (edges[bins] as number)) return value === edges[bins] ? bins - 1 : bins
  let low = 0
  let high = bins
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (value < (edges[middle] as number)) high = middle
    else low = middle
  }
  return low
}

/** Counts with both open ends: [below, bin 0 … bin B−1, above]. */
export function countValues(binSet: BinSet, values: Iterable<number>): number[] {
  const counts = new Array<number>(binCount(binSet) + 2).fill(0)
  for (const value of values) {
    const at = binIndex(binSet.edges, value) + 1
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}

/** Sum of two count vectors; they must be of one bin set, so lengths that differ are refused. */
export function addCounts(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) throw new RangeError(`counts of ${a.length} and of ${b.length} bins cannot be merged`)
  return a.map((count, i) => count + (b[i] ?? 0))
}
