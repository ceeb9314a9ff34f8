import { averagePrecision, rocAuc } from './performance-classification.ts'

export type ClassMetrics = {
  precision: number | undefined
  recall: number | undefined
  f1: number | undefined
  support: number
}

/** Metrics over a table with a row for each true class. Undefined rates count as 0 in averages, as scikit-learn does. */
export type MulticlassMetrics = {
  accuracy: number
  balancedAccuracy: number
  mcc: number | undefined
  kappa: number | undefined
  perClass: ClassMetrics[]
  macro: { precision: number; recall: number; f1: number }
  weighted: { precision: number; recall: number; f1: number }
}

export function confusionTable(actual: readonly number[], predicted: readonly number[], classes: number): number[][] {
  const table = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  actual.forEach((truth, i) => {
    const row = table[truth] as number[]
    const at = predicted[i] as number
    row[at] = (row[at] as number) + 1
  })
  return table
}

const sumOf = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0)

export function multiclassMetrics(table: readonly (readonly number[])[]): MulticlassMetrics | undefined {
  const support = table.map(sumOf)
  const chosen = table.map((_, j) => sumOf(table.map((row) => row[j] as number)))
  const n = sumOf(support)
  if (n === 0) return undefined
  const hits = table.map((row, i) => row[i] as number)
  const correct = sumOf(hits)
  const perClass = hits.map((hit, i): ClassMetrics => {
    const s = support[i] as number
    const c = chosen[i] as number
    return {
      precision: c > 0 ? hit / c : undefined,
      recall: s > 0 ? hit / s : undefined,
      f1: s + c > 0 ? (2 * hit) / (s + c) : undefined,
      support: s,
    }
  })
  const average = (weights: readonly number[]) => {
    const mean = (key: 'precision' | 'recall' | 'f1') =>
      sumOf(perClass.map((c, i) => (c[key] ?? 0) * (weights[i] as number))) / sumOf(weights)
    return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') }
  }
  const agreement = sumOf(support.map((s, i) => s * (chosen[i] as number)))
  const spread = Math.sqrt((n * n - sumOf(support.map((s) => s * s))) * (n * n - sumOf(chosen.map((c) => c * c))))
  const present = perClass.filter((c) => c.recall !== undefined)
  return {
    accuracy: correct / n,
    balancedAccuracy: sumOf(present.map((c) => c.recall ?? 0)) / present.length,
    mcc: spread > 0 ? (correct * n - agreement) / spread : undefined,
    kappa: n * n > agreement ? (correct * n - agreement) / (n * n - agreement) : undefined,
    perClass,
    macro: average(perClass.map(() => 1)),
    weighted: average(support),
  }
}

/** Class of the largest probability, the first on ties. */
export function likeliestClass(probabilities: readonly number[]): number {
  return probabilities.indexOf(Math.max(...probabilities))
}

/** Probability metrics of classes 0 … k − 1: log loss, Brier (sum form), one-vs-rest AUC and AP, top-2 accuracy (ties go to the later class, as in scikit-learn). */
export function multiclassProbabilityMetrics(
  actual: readonly number[],
  probabilities: readonly (readonly number[])[],
):
  | {
      logLoss: number
      brier: number
      aucMacro: number | undefined
      aucWeighted: number | undefined
      averagePrecisionMacro: number | undefined
      top2: number
    }
  | undefined {
  const n = actual.length
  if (n === 0) return undefined
  const classes = (probabilities[0] as readonly number[]).length
  let loss = 0
  let brier = 0
  let top2 = 0
  actual.forEach((truth, i) => {
    const row = probabilities[i] as readonly number[]
    const own = row[truth] as number
    loss -= Math.log(Math.min(1 - 1e-15, Math.max(1e-15, own)))
    brier += sumOf(row.map((p, c) => (p - (c === truth ? 1 : 0)) ** 2))
    if (row.filter((p, c) => p > own || (p === own && c > truth)).length < 2) top2++
  })
  const oneVsRest = Array.from({ length: classes }, (_, c) => {
    const truths = actual.map((truth) => truth === c)
    const scores = probabilities.map((row) => row[c] as number)
    return { auc: rocAuc(truths, scores), ap: averagePrecision(truths, scores), support: truths.filter(Boolean).length }
  })
  const known = oneVsRest.every((c) => c.auc !== undefined)
  return {
    logLoss: loss / n,
    brier: brier / n,
    aucMacro: known ? sumOf(oneVsRest.map((c) => c.auc ?? 0)) / classes : undefined,
    aucWeighted: known ? sumOf(oneVsRest.map((c) => (c.auc ?? 0) * c.support)) / n : undefined,
    averagePrecisionMacro: oneVsRest.every((c) => c.ap !== undefined)
      ? sumOf(oneVsRest.map((c) => c.ap ?? 0)) / classes
      : undefined,
    top2: top2 / n,
  }
}
