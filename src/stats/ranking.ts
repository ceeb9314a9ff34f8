/** One list: items as ranked, and the gain of the relevant ones. */
export type RankedList = { ranked: readonly string[]; relevant: Readonly<Record<string, number>> }

export type RankingMetrics = { ndcg: number; ap: number; rr: number; hit: number; precision: number; recall: number }

const discount = (rank: number) => 1 / Math.log2(rank + 2)

/**
 * Metrics at k of one list; gain linear or 2^g − 1. Average precision divides by min(relevant, k); a list without a hit counts
 * as 0 everywhere. Undefined when nothing is relevant.
 */
export function rankingMetrics(
  list: RankedList,
  k: number,
  gain: 'linear' | 'exponential' = 'linear',
): RankingMetrics | undefined {
  const value = (g: number) => (gain === 'linear' ? g : 2 ** g - 1)
  const gains = Object.values(list.relevant).filter((g) => g > 0)
  if (gains.length === 0) return undefined
  const ideal = gains
    .sort((a, b) => b - a)
    .slice(0, k)
    .reduce((sum, g, i) => sum + value(g) * discount(i), 0)
  let dcg = 0
  let hits = 0
  let precisions = 0
  let rr = 0
  list.ranked.slice(0, k).forEach((item, i) => {
    const g = list.relevant[item] ?? 0
    if (g <= 0) return
    hits++
    dcg += value(g) * discount(i)
    precisions += hits / (i + 1)
    if (rr === 0) rr = 1 / (i + 1)
  })
  return {
    ndcg: dcg / ideal,
    ap: precisions / Math.min(gains.length, k),
    rr,
    hit: hits > 0 ? 1 : 0,
    precision: hits / k,
    recall: hits / gains.length,
  }
}

/** Mean over lists; lists in which nothing is relevant are left out. */
export function meanRankingMetrics(
  lists: readonly RankedList[],
  k: number,
  gain: 'linear' | 'exponential' = 'linear',
): RankingMetrics | undefined {
  const all = lists.map((list) => rankingMetrics(list, k, gain)).filter((m) => m !== undefined)
  if (all.length === 0) return undefined
  const mean = (key: keyof RankingMetrics) => all.reduce((sum, m) => sum + m[key], 0) / all.length
  return {
    ndcg: mean('ndcg'),
    ap: mean('ap'),
    rr: mean('rr'),
    hit: mean('hit'),
    precision: mean('precision'),
    recall: mean('recall'),
  }
}

/** DCG of relevances ordered by score, tied scores sharing the mean of their relevance (McSherry and Najork 2008). */
export function dcgOfScores(relevance: readonly number[], scores: readonly number[], k = Infinity): number {
  const order = scores.map((_, i) => i).sort((a, b) => (scores[b] as number) - (scores[a] as number))
  let sum = 0
  for (let i = 0; i < order.length;) {
    let j = i
    let gains = 0
    let discounts = 0
    while (j < order.length && scores[order[j] as number] === scores[order[i] as number]) {
      gains += relevance[order[j] as number] as number
      if (j < k) discounts += discount(j)
      j++
    }
    sum += (gains / (j - i)) * discounts
    i = j
  }
  return sum
}

export function ndcgOfScores(
  relevance: readonly number[],
  scores: readonly number[],
  k = Infinity,
): number | undefined {
  const ideal = dcgOfScores(relevance, relevance, k)
  return ideal > 0 ? dcgOfScores(relevance, scores, k) / ideal : undefined
}
