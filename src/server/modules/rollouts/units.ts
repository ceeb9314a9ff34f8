import { drawSlices, metricOfMean, type HourDraw, type HourPair } from '../serving/module.ts'
import type { Drawn } from '../../../stats/paired-quality.ts'

/**
 * One complete unit in which both versions' losses are known: of rows that both scored, or of rows that only the version
 * scored that was drawn for them, each by the inverse of its propensity.
 */
export interface ComparedUnit {
  start: number
  /** Labelled rows; losses and actuals are sums over so many. */
  n: number
  candidateLoss: number
  championLoss: number
  /** Σ|y| on each side, for metrics that divide by it. */
  candidateActual: number
  championActual: number
  /** Only of drawn rows: what each slice of the entities added to the difference, and how many slices both sides reach. */
  drawn: { slices: readonly number[]; filled: number } | null
}

/** Which unit an hour lies in, or undefined if that unit says nothing (yet). */
export type UnitOf = (hour: number) => number | undefined

/** The column that holds the loss which the metric is made of: squares for RMSE, wrong answers for accuracy. */
function lossColumn(metric: string): 'abs_error' | 'squared_error' | 'log_loss' | 'wrong' {
  if (metric === 'rmse') return 'squared_error'
  if (metric === 'log_loss') return 'log_loss'
  return metric === 'accuracy' ? 'wrong' : 'abs_error'
}

export function pairedUnits(
  rows: readonly HourPair[],
  metric: string,
  candidateIsA: boolean,
  unitOf: UnitOf,
): Map<number, ComparedUnit> {
  const units = new Map<number, ComparedUnit>()
  const column = lossColumn(metric)
  const [own, other] = candidateIsA ? (['a', 'b'] as const) : (['b', 'a'] as const)
  for (const row of rows) {
    const start = unitOf(row.hour)
    if (start === undefined) continue
    const unit = units.get(start) ?? {
      start,
      n: 0,
      candidateLoss: 0,
      championLoss: 0,
      candidateActual: 0,
      championActual: 0,
      drawn: null,
    }
    unit.n += row.n
    unit.candidateLoss += row[`${column}_${own}`] ?? Number.NaN
    unit.championLoss += row[`${column}_${other}`] ?? Number.NaN
    unit.candidateActual += row.abs_actual ?? Number.NaN
    unit.championActual += row.abs_actual ?? Number.NaN
    units.set(start, unit)
  }
  return units
}

/** One side of a unit of drawn rows, slice by slice. */
interface Side {
  n: number
  weights: number[]
  losses: number[]
  actual: number
}

const newSide = (): Side => ({
  n: 0,
  weights: new Array<number>(drawSlices).fill(0),
  losses: new Array<number>(drawSlices).fill(0),
  actual: 0,
})

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const filled = ({ weights }: Side): number => weights.filter((weight) => weight > 0).length

/** Fewer labelled rows on a side, or fewer slices that they come from, are no mean that could be compared. */
const fewest = { rows: 20, slices: 8 }

/**
 * Units of drawn rows: the difference of both sides' weighted means (Hájek's estimator). A share that changes within the
 * unit does no harm, since each row carries the propensity it had.
 */
export function drawnUnits(
  rows: readonly HourDraw[],
  metric: string,
  versions: { candidate: number; champion: number },
  unitOf: UnitOf,
): Map<number, ComparedUnit> {
  const sides = new Map<number, { candidate: Side; champion: Side }>()
  const column = lossColumn(metric)
  for (const row of rows) {
    const start = unitOf(row.hour)
    if (start === undefined) continue
    const both = sides.get(start) ?? { candidate: newSide(), champion: newSide() }
    sides.set(start, both)
    const side =
      row.version === versions.candidate
        ? both.candidate
        : row.version === versions.champion
          ? both.champion
          : undefined
    if (!side) continue
    side.n += row.n
    side.weights[row.slice] = (side.weights[row.slice] ?? 0) + row.weight
    side.losses[row.slice] = (side.losses[row.slice] ?? 0) + (row[column] ?? Number.NaN)
    side.actual += row.abs_actual ?? Number.NaN
  }
  const units = new Map<number, ComparedUnit>()
  for (const [start, { candidate, champion }] of sides) {
    const reach = Math.min(filled(candidate), filled(champion))
    if (Math.min(candidate.n, champion.n) >= fewest.rows && reach >= fewest.slices)
      units.set(start, drawnUnit(start, candidate, champion, reach))
  }
  return units
}

function drawnUnit(start: number, candidate: Side, champion: Side, reach: number): ComparedUnit {
  const [w1, w0] = [sum(candidate.weights), sum(champion.weights)]
  const [mean1, mean0] = [sum(candidate.losses) / w1, sum(champion.losses) / w0]
  const n = candidate.n + champion.n
  const added = ({ weights, losses }: Side, mean: number, whole: number, slice: number): number =>
    ((losses[slice] ?? 0) - mean * (weights[slice] ?? 0)) / whole
  return {
    start,
    n,
    candidateLoss: mean1 * n,
    championLoss: mean0 * n,
    candidateActual: (candidate.actual / w1) * n,
    championActual: (champion.actual / w0) * n,
    drawn: {
      slices: candidate.weights.map(
        (_, slice) => added(candidate, mean1, w1, slice) - added(champion, mean0, w0, slice),
      ),
      filled: reach,
    },
  }
}

/** A unit is compared by its pairs where most of its rows have one, else by the draw; oldest first. */
export function chooseUnits(
  paired: ReadonlyMap<number, ComparedUnit>,
  drawn: ReadonlyMap<number, ComparedUnit>,
): ComparedUnit[] {
  const units = new Map(drawn)
  for (const [start, pair] of paired) if (2 * pair.n >= (drawn.get(start)?.n ?? 0)) units.set(start, pair)
  // A unit in which the metric does not exist for some row says nothing about it.
  const isKnown = ({ candidateLoss, championLoss }: ComparedUnit): boolean =>
    Number.isFinite(candidateLoss) && Number.isFinite(championLoss)
  return [...units.values()].filter(isKnown).sort((a, b) => a.start - b.start)
}

/** Mean loss a row, candidate less champion, unit by unit. */
export function differences(units: readonly ComparedUnit[]): number[] {
  return units.map((unit) => (unit.candidateLoss - unit.championLoss) / unit.n)
}

/** How the units were drawn; undefined where every row served both sides. */
export function drawnOf(units: readonly ComparedUnit[]): Drawn | undefined {
  const drawn = units.flatMap((unit) => unit.drawn ?? [])
  if (drawn.length === 0) return undefined
  return {
    slices: units.map((unit) => unit.drawn?.slices ?? []),
    filled: Math.max(...drawn.map((unit) => unit.filled)),
  }
}

/** A side's metric over units; WAPE divides by Σ|y|, the others by rows. */
export function pooledMetric(
  units: readonly ComparedUnit[],
  side: 'candidate' | 'champion',
  metric: string,
): number | undefined {
  const loss = sum(units.map((unit) => unit[`${side}Loss`]))
  const weight = sum(units.map((unit) => (metric === 'wape' ? unit[`${side}Actual`] : unit.n)))
  if (!(weight > 0)) return undefined
  return metricOfMean(metric, loss / weight)
}
