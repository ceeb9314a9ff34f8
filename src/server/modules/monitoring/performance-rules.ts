import { metricName } from '../../../contract/format.ts'
import type { Metric, MonitorState } from '../../../contract/monitoring.ts'
import { aucOfUnits, sumOfScores, type ScoreCounts } from '../../../stats/score-counts.ts'
import {
  biasOfUnits,
  ratioOfSums,
  rowMeanOfUnits,
  wapeOfUnits,
  type Estimate,
  type RegressionSums,
} from '../../../stats/units.ts'
import type { LossMetric } from '../serving/module.ts'

export type { Metric }

/** One unit's sums of the live version's labelled rows. */
export interface UnitOutcome extends RegressionSums {
  start: number
  /** Where entities are the unit: the slice of them whose rows these are. */
  slice: number | undefined
  /** Rows of a request that named its entity. */
  named: number
  logLoss: number
  correct: number
  /** Decisions of a binary classifier; NaN where labels or answers are not 0 and 1. */
  tp: number
  fp: number
  fn: number
  /** Undefined where some row has no score, or nobody asked for them. */
  scores: ScoreCounts | undefined
  /** Rows served in the unit, labelled or not. */
  rows: number
}

/** What versions are compared by, row by row, where the metric itself is no mean over rows. */
export function lossBehind(metric: Metric): LossMetric {
  if (metric === 'auc') return 'log_loss'
  return metric === 'f1' || metric === 'precision' || metric === 'recall' ? 'accuracy' : metric
}

const fewestUnits = 5
const leastCoverage = 0.9

/** Whether nearly all rows of a unit have their label: those that come first may not be like the others. */
export const isComplete = ({ n, rows }: { n: number; rows: number }): boolean => n > 0 && n >= leastCoverage * rows

/** Whether a value lies on the bad side of the limit. */
export function isOutside(metric: Metric, value: number, limit: number): boolean {
  return isLoss(metric) ? value > limit : value < limit
}

export const isLoss = (metric: Metric): boolean => ['wape', 'mae', 'rmse', 'log_loss'].includes(metric)

/** Metrics of classifiers, about which a bias in the sense of regression says nothing. */
export const isClassification = (metric: Metric): boolean => metric === 'log_loss' || !isLoss(metric)

/** Without a declared limit: a quarter worse than the forward backtest (loop.md 4); of a share that is good when high, a quarter more of what misses 1. */
export function relativeLimit(metric: Metric, backtest: number): number {
  return isLoss(metric) ? backtest * 1.25 : 1 - (1 - backtest) * 1.25
}

/** The limit that allows less; null is no limit. */
export function tighterLimit(metric: Metric, a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return isLoss(metric) ? Math.min(a, b) : Math.max(a, b)
}

const regression = ['n', 'error', 'absError', 'squaredError', 'actual', 'absActual'] as const
const classification = ['logLoss', 'correct', 'tp', 'fp', 'fn'] as const
const summed = [...regression, ...classification, 'rows', 'named'] as const

/** An entity is one unit on however many days its rows lie: what the days say of a slice is summed. */
export function together(units: readonly UnitOutcome[]): readonly UnitOutcome[] {
  if (units.every(({ slice }) => slice === undefined)) return units
  const bySlice = new Map<number, UnitOutcome>()
  const others: UnitOutcome[] = []
  for (const unit of units) {
    const known = unit.slice === undefined ? undefined : bySlice.get(unit.slice)
    if (unit.slice === undefined) others.push(unit)
    else if (!known) bySlice.set(unit.slice, { ...unit })
    else {
      for (const name of summed) known[name] += unit[name]
      known.scores = known.scores && unit.scores && sumOfScores(known.scores, unit.scores)
    }
  }
  return [...bySlice.values(), ...others]
}

/** The metric over units with its unit-blocked 95 % interval; undefined where it does not exist for some unit. */
export function estimate(metric: Metric, units: readonly UnitOutcome[]): Estimate | undefined {
  const found = valueOf(metric, together(units))
  if (!found || !Number.isFinite(found.value)) return undefined
  const { lower, upper } = found
  // No metric is negative, and those that are good when high end at 1.
  const most = isLoss(metric) ? Number.POSITIVE_INFINITY : 1
  return {
    ...found,
    lower: lower === undefined ? undefined : Math.max(0, lower),
    upper: upper === undefined ? undefined : Math.min(most, upper),
  }
}

function valueOf(metric: Metric, units: readonly UnitOutcome[]): Estimate | undefined {
  const mean = (of: (unit: UnitOutcome) => number): Estimate | undefined =>
    rowMeanOfUnits(units.map((unit) => ({ sum: of(unit), n: unit.n })))
  const share = (part: (unit: UnitOutcome) => number, whole: (unit: UnitOutcome) => number): Estimate | undefined =>
    ratioOfSums(units.map((unit) => ({ total: part(unit), weight: whole(unit) })))
  switch (metric) {
    case 'wape':
      return wapeOfUnits(units)
    case 'mae':
      return mean((unit) => unit.absError)
    case 'log_loss':
      return mean((unit) => unit.logLoss)
    case 'accuracy':
      return mean((unit) => unit.correct)
    case 'rmse':
      return rootOf(mean((unit) => unit.squaredError))
    case 'f1':
      return share(
        ({ tp }) => 2 * tp,
        ({ tp, fp, fn }) => 2 * tp + fp + fn,
      )
    case 'precision':
      return share(
        ({ tp }) => tp,
        ({ tp, fp }) => tp + fp,
      )
    case 'recall':
      return share(
        ({ tp }) => tp,
        ({ tp, fn }) => tp + fn,
      )
    case 'auc':
      return aucOf(units)
  }
}

function aucOf(units: readonly UnitOutcome[]): Estimate | undefined {
  const scores = units.flatMap((unit) => unit.scores ?? [])
  return scores.length < units.length ? undefined : aucOfUnits(scores)
}

function rootOf(meanSquare: Estimate | undefined): Estimate | undefined {
  if (!meanSquare) return undefined
  const root = (value: number | undefined): number | undefined =>
    value === undefined ? undefined : Math.sqrt(Math.max(0, value))
  return {
    ...meanSquare,
    value: Math.sqrt(Math.max(0, meanSquare.value)),
    lower: root(meanSquare.lower),
    upper: root(meanSquare.upper),
    se: undefined,
  }
}

const finite = (found: Estimate | undefined): Estimate | undefined =>
  found && Number.isFinite(found.value) ? found : undefined

export interface WindowEvidence {
  state: 'judged' | 'insufficient' | 'quarantined'
  why: string
  estimate: Estimate | undefined
  bias: Estimate | undefined
  rows: number
  labelled: number
  named: number
  units: number
}

/**
 * What a closed window can say at all: complete units, label coverage, no quarantine (loop.md 2 and 6).
 * `units` are those that served rows and that no quarantine touches; a unit with fewer labels than the coverage asks
 * is not complete. A window of which a quarantine took a part is judged by the rest, if that is enough.
 */
export function weighWindow(metric: Metric, units: readonly UnitOutcome[], isQuarantined: boolean): WindowEvidence {
  const rows = units.reduce((sum, unit) => sum + unit.rows, 0)
  const labelled = units.reduce((sum, unit) => sum + unit.n, 0)
  const whole = together(units)
  const complete = whole.filter(isComplete)
  const noun = whole.some((unit) => unit.slice !== undefined) ? 'slices of entities' : 'units'
  const found = {
    estimate: estimate(metric, complete),
    bias: isClassification(metric) ? undefined : finite(biasOfUnits(complete)),
    rows,
    labelled,
    named: units.reduce((sum, unit) => sum + unit.named, 0),
    units: complete.length,
  }
  if (isQuarantined && complete.length < fewestUnits)
    return { ...found, state: 'quarantined', why: 'its inputs were broken' }
  if (rows === 0) return { ...found, state: 'insufficient', why: 'no rows were served' }
  if (labelled < leastCoverage * rows) return { ...found, state: 'insufficient', why: `labels ${labelled} of ${rows}` }
  if (complete.length < fewestUnits)
    return { ...found, state: 'insufficient', why: `${complete.length} of ${fewestUnits} ${noun}` }
  if (!found.estimate) return { ...found, state: 'insufficient', why: absent(metric) }
  return { ...found, state: 'judged', why: '' }
}

/** Why a metric has no value although its labels came. */
function absent(metric: Metric): string {
  if (!isClassification(metric))
    return `${metricName(metric)} does not exist: labels or answers are no numbers, or all are 0`
  if (metric === 'accuracy') return 'accuracy does not exist for these labels'
  const wants = metric === 'auc' || metric === 'log_loss' ? 'a probability of class 1' : 'answers of 0 and 1'
  return `${metricName(metric)} does not exist: it wants labels of both 0 and 1, and ${wants}`
}

export interface JudgedWindow {
  start: number
  isOutside: boolean
  units: readonly UnitOutcome[]
}

const persistence = { outside: 2, of: 3 }

/**
 * Degraded: outside the limit in 2 of the last 3 judged windows, and the pooled interval from the first of them to the
 * newest lies wholly beyond it (loop.md 8); a window inside between them counts too, or the choice itself would be
 * the evidence. Windows are oldest first and all of the present version.
 */
export function isDegraded(
  metric: Metric,
  limit: number,
  windows: readonly JudgedWindow[],
): { degraded: boolean; pooled: Estimate | undefined } {
  const recent = windows.slice(-persistence.of)
  const first = recent.findIndex((window) => window.isOutside)
  const outside = recent.filter((window) => window.isOutside)
  if (recent.at(-1)?.isOutside !== true || outside.length < persistence.outside)
    return { degraded: false, pooled: undefined }
  const units = recent.slice(first).flatMap((window) => window.units)
  const pooled = estimate(
    metric,
    units.filter((unit) => unit.n > 0),
  )
  const bound = isLoss(metric) ? pooled?.lower : pooled?.upper
  return { degraded: bound !== undefined && isOutside(metric, bound, limit), pooled }
}

/** State of one window for people: inside is healthy, one outside is a warning, persistent is degraded. */
export function windowState(
  evidence: WindowEvidence,
  outside: boolean,
  degraded: boolean,
  biasTooLarge: boolean,
): MonitorState {
  if (evidence.state !== 'judged') return evidence.state
  if (degraded) return 'degraded'
  return outside || biasTooLarge ? 'warning' : 'healthy'
}

/**
 * Loss of the naive forecast “same hour last week” over the units, as a ratio to the same actuals (for WAPE);
 * undefined until a week of labels lies behind.
 */
export function naiveWape(actualByHour: ReadonlyMap<number, number>, hours: readonly number[]): number | undefined {
  const weekMs = 7 * 86_400_000
  let error = 0
  let actual = 0
  for (const hour of hours) {
    const now = actualByHour.get(hour)
    const before = actualByHour.get(hour - weekMs)
    if (now === undefined || before === undefined) continue
    error += Math.abs(now - before)
    actual += Math.abs(now)
  }
  return actual > 0 ? error / actual : undefined
}
