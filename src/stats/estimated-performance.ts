import { aucOfCounts } from './performance-classification.ts'
import type { Confusion } from './performance-classification.ts'

/**
 * Expected confusion of decisions from calibrated probabilities, without labels (confidence-based performance estimation).
 * Blind to concept drift by construction: never promote on it.
 */
export function expectedConfusion(probabilities: readonly number[], threshold = 0.5): Confusion {
  const confusion = { tp: 0, fp: 0, fn: 0, tn: 0 }
  for (const p of probabilities) {
    if (p >= threshold) {
      confusion.tp += p
      confusion.fp += 1 - p
    } else {
      confusion.fn += p
      confusion.tn += 1 - p
    }
  }
  return confusion
}

/** Expected AUC: each row is a positive of weight p and a negative of weight 1 − p, equal scores tied. */
export function expectedAuc(probabilities: readonly number[]): number | undefined {
  const sorted = Float64Array.from(probabilities).sort()
  const positives: number[] = []
  const negatives: number[] = []
  let before = NaN
  for (const p of sorted) {
    const last = positives.length - 1
    if (p === before) {
      positives[last] = (positives[last] as number) + p
      negatives[last] = (negatives[last] as number) + 1 - p
    } else {
      positives.push(p)
      negatives.push(1 - p)
      before = p
    }
  }
  return aucOfCounts(positives, negatives)?.auc
}

/** Expected accuracy with the standard deviation of the Poisson binomial it comes from. */
export function expectedAccuracy(
  probabilities: readonly number[],
  threshold = 0.5,
): { accuracy: number; sd: number } | undefined {
  const n = probabilities.length
  if (n === 0) return undefined
  const c = expectedConfusion(probabilities, threshold)
  const variance = probabilities.reduce((sum, p) => sum + p * (1 - p), 0)
  return { accuracy: (c.tp + c.tn) / n, sd: Math.sqrt(variance) / n }
}
