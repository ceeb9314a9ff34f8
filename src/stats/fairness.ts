import { confusionMetrics } from './performance-classification.ts'
import type { Confusion } from './performance-classification.ts'

/** Rates of one group; a rate with an empty denominator is undefined. */
export type GroupRates = Confusion & {
  n: number
  selectionRate: number | undefined
  baseRate: number | undefined
  tpr: number | undefined
  fpr: number | undefined
  ppv: number | undefined
  accuracy: number | undefined
}

/** The rates whose spread over groups is judged. */
export type FairnessRate = 'selectionRate' | 'tpr' | 'fpr' | 'ppv' | 'accuracy'

export function groupRates(c: Confusion): GroupRates {
  const n = c.tp + c.fp + c.fn + c.tn
  const m = confusionMetrics(c)
  const share = (x: number) => (n > 0 ? x / n : undefined)
  return {
    ...c,
    n,
    selectionRate: share(c.tp + c.fp),
    baseRate: share(c.tp + c.fn),
    tpr: m.recall,
    fpr: m.fpr,
    ppv: m.precision,
    accuracy: m.accuracy,
  }
}

/**
 * max − min and min/max of a rate over groups. Groups for which it does not exist are listed, never counted as fair.
 * Undefined below two groups that have it.
 */
export function rateSpread(
  groups: Readonly<Record<string, GroupRates>>,
  rate: FairnessRate,
): { difference: number; ratio: number | undefined; without: string[] } | undefined {
  const without: string[] = []
  const values: number[] = []
  for (const [name, rates] of Object.entries(groups)) {
    const value = rates[rate]
    if (value === undefined) without.push(name)
    else values.push(value)
  }
  if (values.length < 2) return undefined
  const most = Math.max(...values)
  const least = Math.min(...values)
  return { difference: most - least, ratio: most > 0 ? least / most : undefined, without }
}

/** Equalised odds: the gaps of true and of false positive rates, their maximum (fairlearn's default) and mean. */
export function equalizedOdds(
  groups: Readonly<Record<string, GroupRates>>,
): { worstCase: number; mean: number; ratio: number | undefined } | undefined {
  const tpr = rateSpread(groups, 'tpr')
  const fpr = rateSpread(groups, 'fpr')
  if (!tpr || !fpr) return undefined
  const ratio = tpr.ratio === undefined || fpr.ratio === undefined ? undefined : Math.min(tpr.ratio, fpr.ratio)
  return { worstCase: Math.max(tpr.difference, fpr.difference), mean: (tpr.difference + fpr.difference) / 2, ratio }
}

/** Disparate impact's four-fifths rule on selection rates; undefined where no rate exists. */
export function passesFourFifths(groups: Readonly<Record<string, GroupRates>>): boolean | undefined {
  const spread = rateSpread(groups, 'selectionRate')
  return spread?.ratio === undefined ? undefined : spread.ratio >= 0.8
}

/** Benefit b = predicted − actual + 1 per row: generalised entropy (alpha 2) and Theil index of its inequality. */
export function benefitInequality(c: Confusion): { entropy2: number; theil: number } | undefined {
  const parts: [number, number][] = [
    [c.tp + c.tn, 1],
    [c.fp, 2],
    [c.fn, 0],
  ]
  const n = parts.reduce((sum, [count]) => sum + count, 0)
  const mean = parts.reduce((sum, [count, b]) => sum + count * b, 0) / n
  if (!(mean > 0)) return undefined
  const average = (f: (x: number) => number) => parts.reduce((sum, [count, b]) => sum + count * f(b / mean), 0) / n
  return { entropy2: average((x) => (x * x - 1) / 2), theil: average((x) => (x > 0 ? x * Math.log(x) : 0)) }
}
