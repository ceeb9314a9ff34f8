import { rowLogLoss } from '../../../../stats/performance-classification.ts'
import { meanOfUnits } from '../../../../stats/units.ts'
import type { LossMetric } from '../../monitoring/module.ts'
import { predictionColumns } from '../../serving/module.ts'

/** A row of the gate window with both versions' losses; null where a version gave no usable answer. */
export interface GateRow {
  time: number
  candidate: number | null
  champion: number | null
  /** What the metric divides by: |y| for WAPE, 1 else. */
  weight: number
}

export interface GateVerdict {
  verdict: 'passed' | 'refused' | 'insufficient'
  sentence: string
  numbers: Record<string, unknown>
}

export interface GateGuard {
  metric: LossMetric
  unit: number
  /** Rows on which the candidate gave no usable answer. */
  failures: number
  candidateP99Ms: number | null
  championP99Ms: number | null
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

const fewestUnits = 7
const dayMs = 86_400_000

interface UnitLoss {
  n: number
  candidate: number
  champion: number
  weight: number
}

function byUnit(rows: readonly GateRow[], unitMs: number): UnitLoss[] {
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

function pooled(units: readonly UnitLoss[], of: 'candidate' | 'champion', metric: LossMetric): number {
  const mean =
    units.reduce((sum, unit) => sum + unit[of], 0) /
    Math.max(
      units.reduce((sum, unit) => sum + unit.weight, 0),
      Number.MIN_VALUE,
    )
  if (metric === 'accuracy') return 1 - mean
  return metric === 'rmse' ? Math.sqrt(mean) : mean
}

/**
 * Candidate against champion on the same rows, paired by unit: passes when the upper one-sided 95 % bound of the
 * loss difference is below 0 and nothing else is worse (loop.md 10). The metric itself is shown beside it.
 */
export function judgeGate(rows: readonly GateRow[], guard: GateGuard): GateVerdict {
  const { metric, unit, failures, candidateP99Ms, championP99Ms } = guard
  const units = byUnit(rows, unit)
  const [candidate, champion] = [pooled(units, 'candidate', metric), pooled(units, 'champion', metric)]
  // A two-sided 90 % interval has the one-sided 95 % bounds as its ends.
  const difference = meanOfUnits(
    units.map((known) => (known.candidate - known.champion) / known.n),
    0.9,
  )
  const numbers = {
    candidate,
    champion,
    units: units.length,
    rows: rows.length,
    difference: difference ?? null,
    ...guard,
  }
  const say = (verdict: GateVerdict['verdict'], sentence: string): GateVerdict => ({ verdict, sentence, numbers })
  if (failures > 0)
    return say('refused', `Refused: the candidate failed on ${failures} of ${rows.length} rows of the gate window.`)
  if (units.length < fewestUnits || difference?.upper === undefined || difference.lower === undefined) {
    return say('insufficient', `Not enough data for the gate: ${units.length} of ${fewestUnits} labelled units.`)
  }
  const compared = `${metric.toUpperCase()} ${champion.toFixed(3)} → ${candidate.toFixed(3)} on ${units.length} ${unit === dayMs ? 'days' : 'units'} of the gate window`
  const isSlow = candidateP99Ms !== null && championP99Ms !== null && candidateP99Ms > Math.max(10, 5 * championP99Ms)
  if (isSlow)
    return say(
      'refused',
      `Refused: ${compared}, but its p99 is ${candidateP99Ms.toFixed(1)} ms against ${championP99Ms.toFixed(1)} ms.`,
    )
  const bounds = `loss difference a row ${difference.value.toPrecision(3)}, at most ${difference.upper.toPrecision(3)} with 95 %`
  if (difference.upper < 0) return say('passed', `Passed: ${compared} (${bounds}).`)
  if (difference.lower > 0) return say('refused', `Refused: worse than the version before, ${compared} (${bounds}).`)
  return say('insufficient', `Undecided: ${compared} (${bounds}).`)
}
