import { metricOfMean, type LossMetric } from '../../serving/module.ts'

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
  return metricOfMean(metric, mean)
}

/** Mean loss a row, candidate less champion, unit by unit. */
export const unitDifferences = (units: readonly UnitLoss[]): number[] =>
  units.map((unit) => (unit.candidate - unit.champion) / unit.n)
