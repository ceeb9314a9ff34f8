import { meanOfUnits } from '../../../../stats/units.ts'

/** A row of the gate window with both versions' answers. */
export interface GateRow {
  time: number
  label: number
  candidate: number | null
  champion: number | null
}

export interface GateVerdict {
  verdict: 'passed' | 'refused' | 'insufficient'
  sentence: string
  numbers: Record<string, unknown>
}

const fewestUnits = 7

/**
 * Candidate against champion on the same rows, paired by unit: passes when the upper one-sided 95 % bound of the
 * loss difference is below 0 and nothing else is worse (loop.md 10). Loss is |error|; WAPE is shown beside it.
 */
export function judgeGate(
  rows: readonly GateRow[],
  unitMs: number,
  guard: { failures: number; candidateP99Ms: number | null; championP99Ms: number | null },
): GateVerdict {
  const units = new Map<number, { n: number; candidate: number; champion: number; actual: number }>()
  for (const row of rows) {
    if (row.candidate === null || row.champion === null) continue
    const start = Math.floor(row.time / unitMs) * unitMs
    const unit = units.get(start) ?? { n: 0, candidate: 0, champion: 0, actual: 0 }
    unit.n += 1
    unit.candidate += Math.abs(row.candidate - row.label)
    unit.champion += Math.abs(row.champion - row.label)
    unit.actual += Math.abs(row.label)
    units.set(start, unit)
  }
  const sums = [...units.values()]
  const actual = sums.reduce((sum, unit) => sum + unit.actual, 0)
  const loss = (of: 'candidate' | 'champion'): number =>
    sums.reduce((sum, unit) => sum + unit[of], 0) / Math.max(actual, Number.MIN_VALUE)
  const [candidate, champion] = [loss('candidate'), loss('champion')]
  // A two-sided 90 % interval has the one-sided 95 % bounds as its ends.
  const difference = meanOfUnits(
    sums.map((unit) => (unit.candidate - unit.champion) / unit.n),
    0.9,
  )
  const numbers = {
    candidate,
    champion,
    units: sums.length,
    rows: rows.length,
    difference: difference ?? null,
    ...guard,
  }
  const compared = `WAPE ${champion.toFixed(3)} → ${candidate.toFixed(3)} on ${sums.length} days of the gate window`
  if (guard.failures > 0)
    return {
      verdict: 'refused',
      sentence: `Refused: the candidate failed on ${guard.failures} of ${rows.length} rows of the gate window.`,
      numbers,
    }
  if (sums.length < fewestUnits || difference?.upper === undefined || difference.lower === undefined) {
    return {
      verdict: 'insufficient',
      sentence: `Not enough data for the gate: ${sums.length} of ${fewestUnits} labelled units.`,
      numbers,
    }
  }
  const slow =
    guard.candidateP99Ms !== null &&
    guard.championP99Ms !== null &&
    guard.candidateP99Ms > Math.max(10, 5 * guard.championP99Ms)
  if (slow)
    return {
      verdict: 'refused',
      sentence: `Refused: ${compared}, but its p99 is ${guard.candidateP99Ms?.toFixed(1)} ms against ${guard.championP99Ms?.toFixed(1)} ms.`,
      numbers,
    }
  const bounds = `difference a row ${difference.value.toFixed(1)}, at most ${difference.upper.toFixed(1)} with 95 %`
  if (difference.upper < 0) return { verdict: 'passed', sentence: `Passed: ${compared} (${bounds}).`, numbers }
  if (difference.lower > 0)
    return { verdict: 'refused', sentence: `Refused: worse than the version before, ${compared} (${bounds}).`, numbers }
  return { verdict: 'insufficient', sentence: `Undecided: ${compared} (${bounds}).`, numbers }
}
