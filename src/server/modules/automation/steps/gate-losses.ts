import { rowLogLoss } from '../../../../stats/performance-classification.ts'
import type { LossMetric } from '../../monitoring/module.ts'
import { predictionColumns } from '../../serving/module.ts'

/** A row of the gate window with both versions' losses; null where a version gave no usable answer. */
export interface GateRow {
  time: number
  candidate: number | null
  champion: number | null
  /** What the metric divides by: |y| for WAPE, 1 else. */
  weight: number
  /** The row's categories, by column: what segments are made of. */
  segments: Readonly<Record<string, string>>
}

type Value = string | number | boolean | null | undefined

const numberOf = (value: Value): number => {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === 'true' || value === 'false') return value === 'true' ? 1 : 0
  return typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN
}

/** One row's loss for a metric from a model's outputs by name; null when the outputs or the label cannot carry it. */
export function lossOf(metric: LossMetric, outputs: Readonly<Record<string, Value>>, label: Value): number | null {
  const columns = predictionColumns(Object.keys(outputs))
  if (!columns || label === null || label === undefined) return null
  const answer = outputs[columns.value]
  if (metric === 'accuracy') {
    if (answer === null || answer === undefined) return null
    return String(answer) === String(label) || numberOf(answer) === numberOf(label) ? 0 : 1
  }
  const y = numberOf(label)
  if (metric === 'log_loss') {
    const probability = columns.probability === undefined ? Number.NaN : numberOf(outputs[columns.probability])
    return (y === 0 || y === 1) && Number.isFinite(probability) ? rowLogLoss(y === 1, probability) : null
  }
  const error = numberOf(answer) - y
  if (!Number.isFinite(error)) return null
  return metric === 'rmse' ? error * error : Math.abs(error)
}

/** What the metric of a gate row divides by. */
export function weightOf(metric: LossMetric, label: Value): number {
  return metric === 'wape' ? Math.abs(numberOf(label)) : 1
}

export interface UnitLoss {
  n: number
  candidate: number
  champion: number
  weight: number
}

export function byUnit(rows: readonly GateRow[], unitMs: number): UnitLoss[] {
  const units = new Map<number, UnitLoss>()
  for (const row of rows) {
    if (row.candidate === null || row.champion === null) continue
    const start = Math.floor(row.time / unitMs) * unitMs
    const unit = units.get(start) ?? { n: 0, candidate: 0, champion: 0, weight: 0 }
    unit.n += 1
    unit.candidate += row.candidate
    unit.champion += row.champion
    unit.weight += row.weight
    units.set(start, unit)
  }
  return [...units.values()]
}

export function pooled(units: readonly UnitLoss[], of: 'candidate' | 'champion', metric: LossMetric): number {
  const mean =
    units.reduce((sum, unit) => sum + unit[of], 0) /
    Math.max(
      units.reduce((sum, unit) => sum + unit.weight, 0),
      Number.MIN_VALUE,
    )
  if (metric === 'accuracy') return 1 - mean
  return metric === 'rmse' ? Math.sqrt(mean) : mean
}

/** Mean loss a row, candidate less champion, unit by unit. */
export const unitDifferences = (units: readonly UnitLoss[]): number[] =>
  units.map((unit) => (unit.candidate - unit.champion) / unit.n)
