import { count, metricName, number, percent } from '../../../contract/format.ts'
import type { RolloutCheck } from '../../../contract/rollouts.ts'
import { forecastQuality, nonInferiorAt, pairedQuality, type PairedQuality } from '../../../stats/paired-quality.ts'
import { alphas, type Evidence } from './evidence.ts'
import { differences, fewest, pooledMetric, slicedOf, type ComparedUnit } from './units.ts'

const rowsOf = (units: readonly ComparedUnit[]): number => units.reduce((sum, unit) => sum + unit.n, 0)

/** What the tests must know of units beside their differences. */
const shapeOf = (units: readonly ComparedUnit[], metric: string) => ({
  sliced: slicedOf(units),
  rows: metric === 'accuracy' ? rowsOf(units) : undefined,
})

/** The comparison of units so far, with bounds that hold at every look. */
export function compareUnits(units: readonly ComparedUnit[], margin: number, metric: string): PairedQuality {
  return pairedQuality(differences(units), { alpha: alphas.quality, margin, ...shapeOf(units, metric) })
}

/** Fewer rows, or labels of either class, are no sample of what a version may do; harm need not wait for them. */
const fewestKnown = { rows: 50, ofClass: 10 }

/** What is still to be seen before a version may count as not worse: a mean that only lacks its rare losses looks fine. */
function missing(units: readonly ComparedUnit[], metric: string): string | undefined {
  const rows = rowsOf(units)
  if (rows < fewestKnown.rows) return `waits for ${fewestKnown.rows} labelled rows, ${count(rows)} so far`
  if (metric !== 'log_loss') return undefined
  const positive = units.reduce((sum, unit) => sum + unit.championActual, 0)
  const rarer = Math.round(Math.min(positive, rows - positive))
  return rarer < fewestKnown.ofClass
    ? `waits for ${fewestKnown.ofClass} labels of the rarer class, ${count(rarer)} so far`
    : undefined
}

export interface QualityJudgement extends RolloutCheck {
  /** The sentence without its verdict. */
  measured: string
  /** How long it still takes, as the end of a sentence; empty when that cannot be said. */
  outlook: string
  verdict: PairedQuality['verdict']
  harmP: number
}

/** The tolerated loss a row: a share of the champion's. */
function marginOf(units: readonly ComparedUnit[], share: number): number {
  return (share * units.reduce((sum, unit) => sum + unit.championLoss, 0)) / Math.max(1, rowsOf(units))
}

/** When the time is up, the units that were to be known by then are looked at once, with an α kept for it. */
function lookAtEnd(evidence: Evidence): { nonInferior: boolean; upper: number | undefined } {
  if (evidence.age < evidence.maxAge) return { nonInferior: false, upper: undefined }
  const units = evidence.units.slice(0, evidence.unitsAtEnd)
  const margin = marginOf(units, evidence.margin)
  return nonInferiorAt(differences(units), { alpha: alphas.end, margin, ...shapeOf(units, evidence.metric) })
}

export function judgeQuality(evidence: Evidence): QualityJudgement {
  const { units, metric } = evidence
  const margin = marginOf(units, evidence.margin)
  const soFar = compareUnits(units, margin, metric)
  const end = lookAtEnd(evidence)
  const found = soFar.verdict === 'continue' && end.nonInferior ? 'non_inferior' : soFar.verdict
  const lacks = found === 'harm' ? undefined : missing(units, metric)
  const verdict = lacks === undefined ? found : 'continue'
  const { candidate, champion } = {
    candidate: pooledMetric(units, 'candidate', metric),
    champion: pooledMetric(units, 'champion', metric),
  }
  const words = { harm: 'worse', non_inferior: 'not worse', better: 'better', continue: 'undecided' }[verdict]
  const state = verdict === 'harm' ? 'critical' : verdict === 'continue' ? 'unknown' : 'ok'
  const isDrawn = units.some((unit) => unit.isDrawn)
  // Drawn rows may be compared by the day where their hours have too few.
  const word = isDrawn && evidence.unit < 86_400_000 ? 'units' : (unitWords[evidence.unit] ?? 'units')
  const how = isDrawn
    ? `${word}, by who was drawn`
    : `paired ${word}${evidence.byEntity ? ', clustered by entity' : ''}`
  const atEnd = soFar.verdict === found ? '' : `, at the one look when the time is up at most ${number(end.upper)}`
  const measured =
    soFar.n === 0
      ? `waits for ${evidence.byEntity ? `a day with labels in at least ${fewest.slices} slices of the entities` : `${word} with labels for nearly all of their rows`}`
      : `${metricName(metric)} ${number(candidate)} against ${number(champion)} on ${count(soFar.n)} ${how} (difference a row ${number(soFar.mean)}, at any time ${number(soFar.lower)} to ${number(soFar.upper)}${atEnd})${lacks === undefined ? '' : `; ${lacks}`}`
  const outlook = verdict === 'continue' && lacks === undefined ? outlookOf(evidence, margin) : undefined
  return {
    name: 'Prediction quality',
    state,
    sentence: soFar.n === 0 ? measured : `${words}: ${measured}${outlook?.text ?? ''}`,
    measured,
    outlook: outlook?.text ?? '',
    numbers: {
      differences: differences(units),
      candidate: candidate ?? null,
      champion: champion ?? null,
      margin,
      ...soFar,
      verdict,
      upper_at_end: end.upper ?? null,
      more_units: outlook?.more ?? null,
      power_at_end: outlook?.power ?? null,
    },
    verdict,
    harmP: soFar.harmP,
  }
}

const unitWords: Record<number, string> = { 3_600_000: 'hours', 86_400_000: 'days' }

/** At the noise and pace so far: how many more units until the bounds decide, or what the look at the end could show. */
function outlookOf(
  evidence: Evidence,
  margin: number,
): { text: string; more: number | undefined; power: number } | undefined {
  const { units, metric, age, maxAge } = evidence
  if (age <= 0 || age >= maxAge) return undefined
  const end = Math.max(units.length, Math.floor((units.length * maxAge) / age))
  const forecast = forecastQuality(differences(units), {
    alpha: alphas.quality,
    endAlpha: alphas.end,
    margin,
    end,
    ...shapeOf(units, metric),
  })
  if (!forecast) return undefined
  const { units: more, powerAtEnd: power } = forecast
  const word = unitWords[evidence.unit] ?? 'units'
  const chance = `an equal version is found not worse with a chance of ${percent(power)} when the time is up`
  const text =
    more === undefined
      ? `; at this noise the ${end} ${word} it may take do not decide it, ${chance}`
      : `; at this noise about ${more} more ${more === 1 ? word.slice(0, -1) : word} ${more === 1 ? 'decides' : 'decide'} it`
  return { text, more, power }
}
