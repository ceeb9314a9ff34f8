import { meanOfUnits, rowMeanOfUnits, type Estimate } from '../../../../stats/units.ts'
import { metricOfMean, type LossMetric } from '../../serving/module.ts'

/** What rows of the gate window are paired by: a span of time in ms, or whom they are about. */
export type GateUnit = number | 'entity'

export const nounOf = (unit: GateUnit): string => (unit === 'entity' ? 'entities' : 'units')

/** A row of the gate window with both versions' losses; null where a version gave no usable answer. */
export interface GateRow {
  /** Which unit it belongs to: the start of its span of time, or its entity. */
  unit: number | string
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

export function byUnit(rows: readonly GateRow[]): UnitLoss[] {
  const units = new Map<number | string, UnitLoss>()
  for (const row of rows) {
    if (row.candidate === null || row.champion === null) continue
    const unit = units.get(row.unit) ?? { n: 0, candidate: 0, champion: 0, weight: 0 }
    unit.n += 1
    unit.candidate += row.candidate
    unit.champion += row.champion
    unit.weight += row.weight
    units.set(row.unit, unit)
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

/** Mean loss a row, candidate less champion: spans of time weigh alike, entities by their rows, of which most have few. */
export function lossDifference(units: readonly UnitLoss[], unit: GateUnit, confidence = 0.95): Estimate | undefined {
  const sums = units.map(({ n, candidate, champion }) => ({ sum: candidate - champion, n }))
  if (unit === 'entity') return rowMeanOfUnits(sums, confidence)
  return meanOfUnits(
    sums.map(({ sum, n }) => sum / n),
    confidence,
  )
}
