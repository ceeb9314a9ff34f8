/** Quantile of ascending values, linear between order statistics (Hyndman and Fan's type 7); undefined without values. */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number | undefined {
  const at = (sorted.length - 1) * Math.min(1, Math.max(0, p))
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  if (low === undefined || high === undefined) return undefined
  const share = at - Math.floor(at)
  return share === 0 ? low : low + (high - low) * share
}

/** As `quantileSorted`, of values in any order; the input is left as it was. */
export function quantile(values: readonly number[], p: number): number | undefined {
  return quantileSorted(Float64Array.from(values).sort(), p)
}

export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5)
}

/** Average ranks (1-based; ties share their mean rank) and Σ(t³ − t) over groups of ties. */
export function averageRanks(values: readonly number[]): { ranks: number[]; tieSum: number } {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number))
  const ranks = new Array<number>(values.length).fill(0)
  let tieSum = 0
  for (let i = 0; i < order.length;) {
    let j = i + 1
    while (j < order.length && values[order[j] as number] === values[order[i] as number]) j++
    for (let k = i; k < j; k++) ranks[order[k] as number] = (i + 1 + j) / 2
    const ties = j - i
    tieSum += ties * ties * ties - ties
    i = j
  }
  return { ranks, tieSum }
}
