/** A 2 × 2 table of decisions; sums add up over shards. */
export type Confusion = { tp: number; fp: number; fn: number; tn: number }

export function confusionOf(actual: readonly boolean[], predicted: readonly boolean[]): Confusion {
  const confusion = { tp: 0, fp: 0, fn: 0, tn: 0 }
  actual.forEach((truth, i) => {
    if (truth) confusion[predicted[i] ? 'tp' : 'fn']++
    else confusion[predicted[i] ? 'fp' : 'tn']++
  })
  return confusion
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : undefined)

/** Rates of a confusion table; a rate with an empty denominator is undefined (a page may show 0 with a flag). */
export type ConfusionMetrics = Record<
  'accuracy' | 'balancedAccuracy' | 'precision' | 'recall' | 'specificity' | 'fpr' | 'fnr' | 'f1' | 'mcc' | 'kappa',
  number | undefined
>

export function confusionMetrics(c: Confusion): ConfusionMetrics {
  const n = c.tp + c.fp + c.fn + c.tn
  const recall = ratio(c.tp, c.tp + c.fn)
  const specificity = ratio(c.tn, c.tn + c.fp)
  const chance = n > 0 ? ((c.tp + c.fp) * (c.tp + c.fn) + (c.tn + c.fn) * (c.tn + c.fp)) / (n * n) : 1
  const product = (c.tp + c.fp) * (c.tp + c.fn) * (c.tn + c.fp) * (c.tn + c.fn)
  return {
    accuracy: ratio(c.tp + c.tn, n),
    balancedAccuracy: recall === undefined || specificity === undefined ? undefined : (recall + specificity) / 2,
    precision: ratio(c.tp, c.tp + c.fp),
    recall,
    specificity,
    fpr: ratio(c.fp, c.tn + c.fp),
    fnr: ratio(c.fn, c.tp + c.fn),
    f1: fBeta(c, 1),
    mcc: ratio(c.tp * c.tn - c.fp * c.fn, Math.sqrt(product)),
    kappa: chance < 1 ? ((c.tp + c.tn) / n - chance) / (1 - chance) : undefined,
  }
}

/** F-beta = (1 + β²)·TP/((1 + β²)·TP + β²·FN + FP); undefined when nothing is positive in either sense. */
export function fBeta(c: Confusion, beta: number): number | undefined {
  const b = beta * beta
  return ratio((1 + b) * c.tp, (1 + b) * c.tp + b * c.fn + c.fp)
}

/** Distinct scores from the highest down with the positives and negatives that have them. */
function scoreGroups(
  actual: readonly boolean[],
  scores: readonly number[],
): { score: number; positives: number; negatives: number }[] {
  const order = scores.map((_, i) => i).sort((a, b) => (scores[b] as number) - (scores[a] as number))
  const groups: { score: number; positives: number; negatives: number }[] = []
  for (const i of order) {
    let group = groups[groups.length - 1]
    if (!group || group.score !== scores[i]) {
      group = { score: scores[i] as number, positives: 0, negatives: 0 }
      groups.push(group)
    }
    if (actual[i]) group.positives++
    else group.negatives++
  }
  return groups
}

/** Area under the ROC curve, ties counted half; undefined when a class is absent. Equals `aucOfCounts` of single scores. */
export function rocAuc(actual: readonly boolean[], scores: readonly number[]): number | undefined {
  const groups = scoreGroups(actual, scores).reverse()
  return aucOfCounts(
    groups.map((g) => g.positives),
    groups.map((g) => g.negatives),
  )?.auc
}

/**
 * AUC from histograms of scores in ascending bins (weights allowed). Pairs within one bin count half, so the error is at most
 * half their share.
 */
export function aucOfCounts(
  positives: readonly number[],
  negatives: readonly number[],
): { auc: number; errorBound: number } | undefined {
  let below = 0
  let won = 0
  let tied = 0
  let positive = 0
  for (let i = 0; i < positives.length; i++) {
    const p = positives[i] as number
    const q = negatives[i] as number
    won += p * below
    tied += p * q
    below += q
    positive += p
  }
  const pairs = positive * below
  return pairs > 0 ? { auc: (won + tied / 2) / pairs, errorBound: tied / 2 / pairs } : undefined
}

/** Average precision Σ(R_k − R_{k−1})·P_k over distinct scores; undefined without positives. */
export function averagePrecision(actual: readonly boolean[], scores: readonly number[]): number | undefined {
  const all = actual.filter(Boolean).length
  if (all === 0) return undefined
  let tp = 0
  let fp = 0
  let sum = 0
  for (const group of scoreGroups(actual, scores)) {
    tp += group.positives
    fp += group.negatives
    sum += (group.positives / all) * (tp / (tp + fp))
  }
  return sum
}

/** Largest gap between the true and the false positive rate over all thresholds. */
export function scoreSeparation(actual: readonly boolean[], scores: readonly number[]): number | undefined {
  const positives = actual.filter(Boolean).length
  const negatives = actual.length - positives
  if (positives === 0 || negatives === 0) return undefined
  let gap = 0
  let largest = 0
  for (const group of scoreGroups(actual, scores)) {
    gap += group.positives / positives - group.negatives / negatives
    largest = Math.max(largest, Math.abs(gap))
  }
  return largest
}

/** Standard error of an AUC (Hanley and McNeil 1982); undefined when a class is absent. */
export function aucStandardError(auc: number, positives: number, negatives: number): number | undefined {
  if (positives < 1 || negatives < 1) return undefined
  const q1 = auc / (2 - auc)
  const q2 = (2 * auc * auc) / (1 + auc)
  const a2 = auc * auc
  return Math.sqrt(
    (auc * (1 - auc) + (positives - 1) * (q1 - a2) + (negatives - 1) * (q2 - a2)) / (positives * negatives),
  )
}

/** Log loss of one row, probability clipped to [1e-15, 1 − 1e-15] so that a sure miss stays finite. */
export function rowLogLoss(isPositive: boolean, probability: number): number {
  const p = Math.min(1 - 1e-15, Math.max(1e-15, probability))
  return -Math.log(isPositive ? p : 1 - p)
}

export function logLoss(actual: readonly boolean[], probabilities: readonly number[]): number | undefined {
  if (actual.length === 0) return undefined
  return actual.reduce((sum, truth, i) => sum + rowLogLoss(truth, probabilities[i] as number), 0) / actual.length
}

/** Mean squared difference of probability and outcome. */
export function brierScore(actual: readonly boolean[], probabilities: readonly number[]): number | undefined {
  if (actual.length === 0) return undefined
  return (
    actual.reduce((sum, truth, i) => sum + ((probabilities[i] as number) - (truth ? 1 : 0)) ** 2, 0) / actual.length
  )
}

/** Value of decisions under a matrix of values per outcome, in all and per prediction. */
export function businessValue(c: Confusion, value: Confusion): { total: number; perPrediction: number | undefined } {
  const total = c.tp * value.tp + c.fp * value.fp + c.fn * value.fn + c.tn * value.tn
  return { total, perPrediction: ratio(total, c.tp + c.fp + c.fn + c.tn) }
}
