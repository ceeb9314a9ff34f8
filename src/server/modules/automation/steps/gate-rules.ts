import { count, metricName, number, percent } from '../../../../contract/format.ts'
import { unnamed } from '../../monitoring/module.ts'
import type { LossMetric } from '../../serving/module.ts'
import { byUnit, lossDifference, nounOf, pooled, type GateRow, type GateUnit } from './gate-losses.ts'
import type { Guardrail } from './guardrails.ts'

export interface GateVerdict {
  verdict: 'passed' | 'refused' | 'insufficient'
  sentence: string
  numbers: Record<string, unknown>
}

export interface GateGuard {
  metric: LossMetric
  unit: GateUnit
  /** Rows whose request named its entity. */
  named?: number
  /** Rows on which the candidate gave no usable answer. */
  failures: number
  /** 0 at the first look; each further one sees a window more. */
  look: number
  guardrails: readonly Guardrail[]
}

const fewestUnits = 7
const dayMs = 86_400_000

/** One-sided confidence of a look. Those after the first ask for more, so that waiting is no way to pass by chance. */
const confidenceOf = (look: number): number => (look === 0 ? 0.95 : 0.99)

/**
 * Candidate against champion on the same rows, paired by unit: passes when the upper one-sided bound of the loss difference is
 * below 0 and no guardrail is worse (loop.md 10). The metric itself is shown beside it.
 *
 * Measured, 1,000 pairs of equal models with good and bad days of their own: 6.0 % pass at the first look, 7.5 % at one of four.
 */
export function judgeGate(rows: readonly GateRow[], guard: GateGuard): GateVerdict {
  const { metric, unit, failures, look, guardrails } = guard
  const units = byUnit(rows)
  const [candidate, champion] = [pooled(units, 'candidate', metric), pooled(units, 'champion', metric)]
  const confidence = confidenceOf(look)
  // A two-sided interval of 1 − 2α has the one-sided bounds of 1 − α as its ends.
  const difference = lossDifference(units, unit, 2 * confidence - 1)
  const noun = unit === dayMs ? 'days' : nounOf(unit)
  const whom = guard.named === undefined ? '' : unnamed(guard.named, rows.length)
  const numbers = {
    candidate,
    champion,
    units: units.length,
    rows: rows.length,
    difference: difference ?? null,
    confidence,
    ...guard,
  }
  const say = (verdict: GateVerdict['verdict'], sentence: string): GateVerdict => ({ verdict, sentence, numbers })
  if (failures > 0)
    return say('refused', `Refused: the candidate failed on ${failures} of ${rows.length} rows of the gate window.`)
  if (units.length < fewestUnits || difference?.upper === undefined || difference.lower === undefined) {
    return say(
      'insufficient',
      `Not enough data for the gate: ${units.length} of ${fewestUnits} labelled ${nounOf(unit)}${whom}.`,
    )
  }
  const compared = `${metricName(metric)} ${number(champion)} → ${number(candidate)} on ${count(units.length)} ${noun} of the gate window${whom}`
  const worse = guardrails.find(({ state }) => state === 'worse')
  if (worse) return say('refused', `Refused: ${compared}, but ${worse.sentence}.`)
  const bounds = `loss difference a row ${number(difference.value)}, at most ${number(difference.upper)} with ${percent(confidence)} confidence`
  if (difference.upper < 0) return say('passed', `Passed: ${compared} (${bounds}).`)
  if (difference.lower > 0) return say('refused', `Refused: worse than the version before, ${compared} (${bounds}).`)
  return say('insufficient', `Undecided: ${compared} (${bounds}).`)
}

/** A metric of the training run against the bounds that the step declares. */
export function judgeBounds(
  metric: string,
  value: number | undefined,
  { min, max }: { min: number | undefined; max: number | undefined },
): GateVerdict {
  if (value === undefined)
    return { verdict: 'refused', sentence: `Refused: the training run logged no ${metric}.`, numbers: {} }
  const bounds = [
    ...(min === undefined ? [] : [`at least ${number(min)}`]),
    ...(max === undefined ? [] : [`at most ${number(max)}`]),
  ]
  const passed = value >= (min ?? -Infinity) && value <= (max ?? Infinity)
  const allowed = bounds.length === 0 ? 'no bound is declared' : `allowed is ${bounds.join(' and ')}`
  return {
    verdict: passed ? 'passed' : 'refused',
    sentence: `${passed ? 'Passed' : 'Refused'}: ${metric} ${number(value)}; ${allowed}.`,
    numbers: { [metric]: value, min, max },
  }
}
