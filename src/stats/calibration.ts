/** One bin of a reliability diagram. */
export type ReliabilityBin = { n: number; meanScore: number; positiveShare: number }

/** Bins of equal width over [0, 1], left-closed, the last one closed; empty bins are left out. */
export function reliabilityBins(actual: readonly boolean[], scores: readonly number[], bins = 10): ReliabilityBin[] {
  return summarise(
    actual,
    scores,
    scores.map((s) => Math.min(bins - 1, Math.max(0, Math.floor(s * bins)))),
    bins,
  )
}

/** Bins of (nearly) equal size in order of score. */
export function equalMassBins(actual: readonly boolean[], scores: readonly number[], bins = 10): ReliabilityBin[] {
  const slots = new Array<number>(scores.length).fill(0)
  const order = scores.map((_, i) => i).sort((a, b) => (scores[a] as number) - (scores[b] as number))
  const least = Math.floor(order.length / bins)
  const larger = order.length % bins
  order.forEach((i, k) => {
    const inLarger = larger * (least + 1)
    slots[i] = k < inLarger ? Math.floor(k / (least + 1)) : larger + Math.floor((k - inLarger) / least)
  })
  return summarise(actual, scores, slots, bins)
}

function summarise(
  actual: readonly boolean[],
  scores: readonly number[],
  slots: readonly number[],
  bins: number,
): ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ n: 0, score: 0, positives: 0 }))
  slots.forEach((slot, i) => {
    const bin = sums[slot]
    if (!bin) return
    bin.n++
    bin.score += scores[i] as number
    if (actual[i]) bin.positives++
  })
  return sums
    .filter((b) => b.n > 0)
    .map((b) => ({ n: b.n, meanScore: b.score / b.n, positiveShare: b.positives / b.n }))
}

/** Expected (ECE) and largest (MCE) gap between score and share of positives; undefined without rows. */
export function calibrationError(bins: readonly ReliabilityBin[]): { expected: number; largest: number } | undefined {
  const n = bins.reduce((sum, b) => sum + b.n, 0)
  if (n === 0) return undefined
  let expected = 0
  let largest = 0
  for (const bin of bins) {
    const gap = Math.abs(bin.meanScore - bin.positiveShare)
    expected += (gap * bin.n) / n
    largest = Math.max(largest, gap)
  }
  return { expected, largest }
}

/** A non-decreasing step-and-line map from score to probability: knots at distinct scores, ascending. */
export type Isotonic = { x: number[]; y: number[] }

/**
 * Isotonic regression by pooling adjacent violators, O(n log n): the non-decreasing map with the least squared error. Rows of one
 * score are averaged first. Undefined without rows. Source: Barlow et al. 1972; agrees with scikit-learn.
 */
export function fitIsotonic(x: readonly number[], y: readonly number[]): Isotonic | undefined {
  if (x.length === 0) return undefined
  const order = x.map((_, i) => i).sort((a, b) => (x[a] as number) - (x[b] as number))
  const xs: number[] = []
  const points: { sum: number; weight: number }[] = []
  for (const i of order) {
    const last = points[points.length - 1]
    if (last && xs[xs.length - 1] === x[i]) {
      last.sum += y[i] as number
      last.weight++
    } else {
      xs.push(x[i] as number)
      points.push({ sum: y[i] as number, weight: 1 })
    }
  }
  const blocks: { sum: number; weight: number; points: number }[] = []
  for (const point of points) {
    let block = { ...point, points: 1 }
    for (let before = blocks.pop(); before; before = blocks.pop()) {
      if (before.sum / before.weight < block.sum / block.weight) {
        blocks.push(before)
        break
      }
      block = {
        sum: before.sum + block.sum,
        weight: before.weight + block.weight,
        points: before.points + block.points,
      }
    }
    blocks.push(block)
  }
  return { x: xs, y: blocks.flatMap((b) => new Array<number>(b.points).fill(b.sum / b.weight)) }
}

/** Reads the map: linear between knots, clipped at both ends. */
export function applyIsotonic(map: Isotonic, score: number): number {
  const last = map.x.length - 1
  if (score <= (map.x[0] as number)) return map.y[0] as number
  if (score >= (map.x[last] as number)) return map.y[last] as number
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((map.x[middle] as number) <= score) low = middle
    else high = middle
  }
  const share = (score - (map.x[low] as number)) / ((map.x[high] as number) - (map.x[low] as number))
  return (map.y[low] as number) + share * ((map.y[high] as number) - (map.y[low] as number))
}
