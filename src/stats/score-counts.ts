import { aucOfCounts } from './performance-classification.ts'
import { jackknife, type Estimate } from './units.ts'

/** Width of a bin is 1/16 on the scale of log odds: fine where scores crowd, at both ends as well as in the middle. */
export const scoreBinsPerLogit = 16

/** Scores of one unit by class: bin → [negatives, positives]. Bins are ⌊16 · ln(p/(1 − p))⌉; counts add up over units. */
export type ScoreCounts = ReadonlyMap<number, readonly [number, number]>

/** Reads `bin:negatives:positives,…`, and adds it to counts in place. */
export function addScoreCounts(counts: Map<number, [number, number]>, text: string): void {
  for (const part of text === '' ? [] : text.split(',')) {
    const [bin = 0, negatives = 0, positives = 0] = part.split(':').map(Number)
    const known = counts.get(bin)
    if (known) {
      known[0] += negatives
      known[1] += positives
    } else counts.set(bin, [negatives, positives])
  }
}

/** The counts of both. */
export function sumOfScores(a: ScoreCounts, b: ScoreCounts): ScoreCounts {
  const sum = new Map(a)
  for (const [bin, [negatives, positives]] of b) {
    const known = sum.get(bin)
    sum.set(bin, known ? [known[0] + negatives, known[1] + positives] : [negatives, positives])
  }
  return sum
}

/**
 * AUC of all units with a jackknife interval that leaves out one unit at a time; undefined when a class is absent.
 * Pairs within one bin count half.
 */
export function aucOfUnits(units: readonly ScoreCounts[], confidence = 0.95): Estimate | undefined {
  const bins = [...new Set(units.flatMap((unit) => [...unit.keys()]))].sort((a, b) => a - b)
  const place = new Map(bins.map((bin, i) => [bin, i]))
  const negatives = new Array<number>(bins.length).fill(0)
  const positives = new Array<number>(bins.length).fill(0)
  const add = (unit: ScoreCounts, sign: 1 | -1): void => {
    for (const [bin, [n, p]] of unit) {
      const at = place.get(bin) as number
      negatives[at] = (negatives[at] as number) + sign * n
      positives[at] = (positives[at] as number) + sign * p
    }
  }
  for (const unit of units) add(unit, 1)
  const auc = (): number | undefined => aucOfCounts(positives, negatives)?.auc
  const value = auc()
  if (value === undefined) return undefined
  const without = units.map((unit) => {
    add(unit, -1)
    const rest = auc()
    add(unit, 1)
    return rest
  })
  return jackknife(value, without, confidence)
}
