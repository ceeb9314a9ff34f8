import { drawSlices, metricOfMean, type HourDraw, type HourPair } from '../serving/module.ts'
import type { Sliced } from '../../../stats/paired-quality.ts'

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
  /** Only the version scored a row that was drawn for it; else both did. */
  isDrawn: boolean
  /** What each slice of the entities added to the difference, and how many slices have rows on both sides; null of rows that are alike in time only. */
  sliced: { added: readonly number[]; filled: number } | null
}

/** Which unit an hour lies in, or undefined if that unit says nothing (yet). */
export type UnitOf = (hour: number) => number | undefined

/** The column that holds the loss which the metric is made of: squares for RMSE, wrong answers for accuracy. */
function lossColumn(metric: string): 'abs_error' | 'squared_error' | 'log_loss' | 'wrong' {
  if (metric === 'rmse') return 'squared_error'
  if (metric === 'log_loss') return 'log_loss'
  return metric === 'accuracy' ? 'wrong' : 'abs_error'
}

interface Pairing {
  metric: string
  candidateIsA: boolean
  /** Entities are the unit of evidence: a unit of time is one look, and chance is measured between them too. */
  byEntity: boolean
}

export function pairedUnits(
  rows: readonly HourPair[],
  { metric, candidateIsA, byEntity }: Pairing,
  unitOf: UnitOf,
): Map<number, ComparedUnit> {
  const units = new Map<number, ComparedUnit>()
  const parts = new Map<number, Side>()
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
      isDrawn: false,
      sliced: null,
    }
    const part = parts.get(start) ?? newSide()
    parts.set(start, part)
    const [loss, before] = [row[`${column}_${own}`] ?? Number.NaN, row[`${column}_${other}`] ?? Number.NaN]
    unit.n += row.n
    unit.candidateLoss += loss
    unit.championLoss += before
    addTo(part, row.slice, row.n, loss - before)
    unit.candidateActual += row.abs_actual ?? Number.NaN
    unit.championActual += row.abs_actual ?? Number.NaN
    units.set(start, unit)
  }
  if (!byEntity) return units
  for (const [start, part] of parts) {
    const unit = units.get(start)
    if (!unit || filled(part) < fewest.slices) units.delete(start)
    else unit.sliced = { added: addedBySlice(part), filled: filled(part) }
  }
  return units
}

/** Rows of a unit slice by slice: what both sides' losses differ by, or one side of drawn rows. */
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

function addTo(side: Side, slice: number, weight: number, loss: number): void {
  side.weights[slice] = (side.weights[slice] ?? 0) + weight
  side.losses[slice] = (side.losses[slice] ?? 0) + loss
}

/** How far each slice moves the mean; these sum to 0. */
function addedBySlice({ weights, losses }: Side): number[] {
  const whole = sum(weights)
  const mean = sum(losses) / whole
  return weights.map((weight, slice) => ((losses[slice] ?? 0) - mean * weight) / whole)
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const filled = ({ weights }: Side): number => weights.filter((weight) => weight > 0).length

/** Fewer labelled drawn rows on a side, or fewer slices that rows come from, are no mean that could be compared. */
export const fewest = { rows: 20, slices: 8 }

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
    addTo(side, row.slice, row.weight, row[column] ?? Number.NaN)
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
  const n = candidate.n + champion.n
  const before = addedBySlice(champion)
  return {
    start,
    n,
    candidateLoss: (sum(candidate.losses) / w1) * n,
    championLoss: (sum(champion.losses) / w0) * n,
    candidateActual: (candidate.actual / w1) * n,
    championActual: (champion.actual / w0) * n,
    isDrawn: true,
    sliced: { added: addedBySlice(candidate).map((added, slice) => added - (before[slice] ?? 0)), filled: reach },
  }
}

const dayMs = 86_400_000

/** Where no hour of a day has drawn rows enough on both sides the day has, or a small share of slow traffic would never say anything. */
export function withDays(
  drawn: ReadonlyMap<number, ComparedUnit>,
  byDay: ReadonlyMap<number, ComparedUnit>,
  paired: ReadonlyMap<number, ComparedUnit>,
): Map<number, ComparedUnit> {
  const known = new Set([...drawn.keys(), ...paired.keys()].map((start) => Math.floor(start / dayMs) * dayMs))
  return new Map([...drawn, ...[...byDay].filter(([day]) => !known.has(day))])
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

/** The units by slices of the entities; undefined where rows are alike in time only. */
export function slicedOf(units: readonly ComparedUnit[]): Sliced | undefined {
  const sliced = units.flatMap((unit) => unit.sliced ?? [])
  if (sliced.length === 0) return undefined
  return {
    slices: units.map((unit) => unit.sliced?.added ?? []),
    filled: Math.max(...sliced.map((unit) => unit.filled)),
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
