import { count, number, percent } from '../../../../contract/format.ts'
import { studentSf } from '../../../../stats/distributions.ts'
import { holm } from '../../../../stats/multiplicity.ts'
import type { Difference } from '../../../../contract/registry.ts'
import type { LossMetric } from '../../serving/module.ts'
import { byUnit, lossDifference, nounOf, pooled, type GateRow, type GateUnit, type UnitLoss } from './gate-losses.ts'

/** One thing that must not be worse, whatever the loss says. */
export interface Guardrail {
  name: string
  state: 'ok' | 'worse' | 'unknown'
  sentence: string
  numbers: Record<string, unknown>
}

const unknown = (name: string, sentence: string): Guardrail => ({ name, state: 'unknown', sentence, numbers: {} })

/** Slower: p99 of the processor time of a row above 10 ms and five times the champion's. */
export function judgeLatency(candidateMs: number | null, championMs: number | null): Guardrail {
  if (candidateMs === null || championMs === null) return unknown('latency', 'p99 was not measured')
  const isSlow = candidateMs > Math.max(10, 5 * championMs)
  const sentence = `its p99 is ${number(candidateMs)} ms of processor time against ${number(championMs)} ms`
  return { name: 'latency', state: isSlow ? 'worse' : 'ok', sentence, numbers: { candidateMs, championMs } }
}

const mebibyte = 1024 * 1024
const megabytes = (bytes: number): string => (bytes / mebibyte).toFixed(bytes < 10 * mebibyte ? 1 : 0)

/** Larger: above 50 MB and ten times the champion's; every worker of every data plane holds it in memory. */
export function judgeSize(candidate: number, champion: number): Guardrail {
  const isLarge = candidate > Math.max(50 * mebibyte, 10 * champion)
  const sentence = `it has ${megabytes(candidate)} MB against ${megabytes(champion)} MB`
  return { name: 'size', state: isLarge ? 'worse' : 'ok', sentence, numbers: { candidate, champion } }
}

/** What the export changed against the model that was trained; beyond tolerance it is not exported at all. */
export function judgeExport(difference: Difference | null): Guardrail {
  if (!difference) return unknown('export', 'the export was not compared: the model has no input example')
  const { max_rel: share, tolerance } = difference
  const sentence = `its export differs by ${percent(share)} of its largest output`
  return { name: 'export', state: share > tolerance ? 'worse' : 'ok', sentence, numbers: { ...difference } }
}

const fewest = { units: 7, rows: 30 }
/** Worse than the champion by less than this share of its loss is nothing that anybody would act on. */
const tolerated = 0.05
const alpha = 0.05

interface Segment {
  column: string
  value: string
  units: UnitLoss[]
  p: number
}

/**
 * Segments: each category with at least 7 units, tested by itself for a loss that is worse than the champion's, by unit; Holm's
 * adjustment holds the chance of refusing a version that is nowhere worse at 5 %.
 */
export function judgeSegments(rows: readonly GateRow[], metric: LossMetric, unit: GateUnit): Guardrail {
  const segments = [...groupRows(rows)].flatMap(([, { column, value, rows }]) => {
    const units = rows.length < fewest.rows ? [] : byUnit(rows)
    const p = units.length < fewest.units ? undefined : worseP(units, unit)
    return p === undefined ? [] : [{ column, value, units, p }]
  })
  if (segments.length === 0) return unknown('segments', `no segment has ${fewest.units} units`)
  const adjusted = holm(segments.map(({ p }) => p))
  const worse = segments.filter((segment, i) => (adjusted[i] ?? 1) <= alpha && !isTolerable(segment))
  const [worst] = worse.toSorted((a, b) => a.p - b.p)
  if (!worst) {
    const sentence = `in none of ${segments.length} segments is it worse`
    return { name: 'segments', state: 'ok', sentence, numbers: { segments: segments.length } }
  }
  const { column, value, units } = worst
  const [candidate, champion] = [pooled(units, 'candidate', metric), pooled(units, 'champion', metric)]
  return {
    name: 'segments',
    state: 'worse',
    sentence: `where ${column} is ${value} it goes ${number(champion)} → ${number(candidate)} on ${count(units.length)} ${nounOf(unit)}`,
    numbers: { column, value, candidate, champion, units: units.length, p: worst.p, worse: worse.length },
  }
}

function groupRows(rows: readonly GateRow[]): Map<string, { column: string; value: string; rows: GateRow[] }> {
  const groups = new Map<string, { column: string; value: string; rows: GateRow[] }>()
  for (const row of rows) {
    for (const [column, value] of Object.entries(row.segments)) {
      const key = JSON.stringify([column, value])
      const group = groups.get(key)
      if (group) group.rows.push(row)
      else groups.set(key, { column, value, rows: [row] })
    }
  }
  return groups
}

/** One-sided p-value of "the candidate is not worse", by Student's t over units. */
function worseP(units: readonly UnitLoss[], unit: GateUnit): number | undefined {
  const mean = lossDifference(units, unit)
  if (mean?.se === undefined) return undefined
  return mean.se > 0 ? studentSf(mean.value / mean.se, mean.n - 1) : mean.value > 0 ? 0 : 1
}

function isTolerable({ units }: Segment): boolean {
  const sum = (of: 'candidate' | 'champion'): number => units.reduce((total, unit) => total + unit[of], 0)
  return sum('candidate') <= (1 + tolerated) * sum('champion')
}
