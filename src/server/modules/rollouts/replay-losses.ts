import { answerOf, lossOf, metricOfMean, weightOf, type LossMetric, type ScoredRow } from '../serving/module.ts'

type Label = string | number | boolean

/** Both versions by their metric on the same replayed rows. */
export interface ReplayLosses {
  metric: LossMetric
  n: number
  candidate: number
  champion: number
}

/**
 * What both versions lose on the rows whose labels are known; null where none can be compared. It is told and decides
 * nothing: the candidate may have been trained on these rows.
 */
export function pairedLosses(
  metric: LossMetric,
  labels: readonly Label[],
  candidate: readonly ScoredRow[],
  champion: readonly ScoredRow[],
): ReplayLosses | null {
  const sums = { n: 0, candidate: 0, champion: 0, weight: 0 }
  for (const [i, label] of labels.entries()) {
    const a = lossOf(metric, candidate[i]?.outputs ?? {}, label)
    const b = lossOf(metric, champion[i]?.outputs ?? {}, label)
    if (a === null || b === null) continue
    sums.n += 1
    sums.candidate += a
    sums.champion += b
    sums.weight += weightOf(metric, label)
  }
  if (sums.weight === 0) return null
  const value = (loss: number): number => metricOfMean(metric, loss / sums.weight)
  return { metric, n: sums.n, candidate: value(sums.candidate), champion: value(sums.champion) }
}

const fewestLabels = 24

/** Answers that lie beyond all labels by more than these lie apart; null while too few numeric labels are known to say. */
export function countOutOfRange(scored: readonly ScoredRow[], labels: readonly Label[]): number | null {
  const known = labels.filter((label) => typeof label === 'number')
  if (known.length < fewestLabels || known.length < labels.length) return null
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const width = high - low
  return scored.filter(({ outputs }) => {
    const answer = answerOf(outputs)
    return answer < low - width || answer > high + width
  }).length
}
