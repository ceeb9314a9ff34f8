import type { RolloutCheck, Verdict } from '../../../contract/rollouts.ts'
import { logRatioMismatch } from '../../../stats/eprocess.ts'
import { pairedQuality } from '../../../stats/paired-quality.ts'
import { compareTailQuantile, type TailHistogram } from '../../../stats/quantile-sequence.ts'

/** The families share α = 0.05 (loop.md 14). */
export const alphas = { errors: 0.02, quality: 0.02, latency: 0.01 } as const

/** One complete unit of rows that both versions scored and whose labels are known. */
export interface PairedUnit {
  start: number
  n: number
  candidateLoss: number
  championLoss: number
  /** Σ|y|, for metrics that divide by it. */
  absActual: number
}

export interface Evidence {
  stage: 'shadow' | 'canary'
  weight: number
  /** Since the rollout began, oldest first. */
  units: readonly PairedUnit[]
  /** How many of them lie wholly in the present step. */
  unitsInStep: number
  /** True when the next step is all traffic. */
  isLastStep: boolean
  metric: string
  /** Absolute limit on the candidate's loss, if one is declared. */
  limit: number | null
  margin: number
  errors: {
    candidateErrors: number
    candidateRows: number
    championErrors: number
    championRows: number
    logE: number
    hurtRows: number
  } | null
  latency: { champion: TailHistogram; candidate: TailHistogram } | null
  split: { counts: readonly [champion: number, candidate: number]; weight: number } | null
  /** KS distance of both versions' predictions for the same requests. */
  predictions: { distance: number; n: number } | null
  answersDrift: boolean
  pausedBy: string | null
  /** Event time that the rollout has taken, and may take, in ms. */
  age: number
  maxAge: number
  frozen: boolean
}

export interface Decision {
  verdict: Verdict
  /** True when the present step has all the evidence it needs. */
  stepDone: boolean
  sentence: string
  checks: RolloutCheck[]
}

const round = (value: number | undefined | null, digits = 3): string =>
  value === undefined || value === null ? '—' : value.toFixed(digits)
const dayMs = 86_400_000

/** A side's metric as people read it: Σ|e|/Σ|y| for WAPE, the root for RMSE, the share of right answers for accuracy. */
export function pooledMetric(
  units: readonly PairedUnit[],
  of: 'candidateLoss' | 'championLoss',
  metric: string,
): number | undefined {
  const loss = units.reduce((sum, unit) => sum + unit[of], 0)
  const weight = units.reduce((sum, unit) => sum + (metric === 'wape' ? unit.absActual : unit.n), 0)
  if (!(weight > 0)) return undefined
  const mean = loss / weight
  if (metric === 'accuracy') return 1 - mean
  return metric === 'rmse' ? Math.sqrt(mean) : mean
}

/** Mean loss a row, candidate less champion, unit by unit. */
export function differences(units: readonly PairedUnit[]): number[] {
  return units.map((unit) => (unit.candidateLoss - unit.championLoss) / unit.n)
}

function judgeErrors(evidence: Evidence): RolloutCheck & { harm: boolean; near: boolean } {
  const { errors } = evidence
  if (!errors)
    return {
      name: 'Failed requests',
      state: 'unknown',
      sentence: 'no data plane has reported yet',
      numbers: {},
      harm: false,
      near: false,
    }
  const bound = -Math.log(alphas.errors)
  const harm = errors.logE >= bound
  const near = errors.logE >= bound / 2
  return {
    name: 'Failed requests',
    state: harm ? 'critical' : near ? 'warning' : 'ok',
    sentence: `${errors.candidateErrors} of ${errors.candidateRows} rows; the version before ${errors.championErrors} of ${errors.championRows}`,
    numbers: { ...errors, bound },
    harm,
    near,
  }
}

function judgeSplit(evidence: Evidence): RolloutCheck & { mismatch: boolean } {
  const { split } = evidence
  const total = split ? split.counts[0] + split.counts[1] : 0
  if (!split || total === 0 || evidence.stage === 'shadow') {
    return {
      name: 'Share of traffic as asked',
      state: 'unknown',
      sentence: evidence.stage === 'shadow' ? 'the candidate answers nobody yet' : 'no rows in this step yet',
      numbers: {},
      mismatch: false,
    }
  }
  const logE = logRatioMismatch(split.counts, [1 - split.weight, split.weight], 100)
  const mismatch = logE > Math.log(1000)
  return {
    name: 'Share of traffic as asked',
    state: mismatch ? 'critical' : 'ok',
    sentence: `${((split.counts[1] / total) * 100).toFixed(1)} % of ${total} rows, asked ${(split.weight * 100).toFixed(0)} %`,
    numbers: { counts: split.counts, weight: split.weight, log_e: logE },
    mismatch,
  }
}

function judgeLatency(evidence: Evidence): RolloutCheck & { harm: boolean } {
  const { latency } = evidence
  const result =
    latency &&
    compareTailQuantile(latency.champion, latency.candidate, { q: 0.99, alpha: alphas.latency, tolerance: 2 })
  if (!result?.candidate || !result.champion)
    return { name: 'Latency p99', state: 'unknown', sentence: 'not enough requests', numbers: {}, harm: false }
  const harm = result.verdict === 'harm' && result.candidate.lower > 5_000
  return {
    name: 'Latency p99',
    state: harm ? 'critical' : 'ok',
    sentence: `${round(result.candidate.lower / 1000, 2)} to ${Number.isFinite(result.candidate.upper) ? round(result.candidate.upper / 1000, 2) : '∞'} ms; the version before from ${round(result.champion.lower / 1000, 2)} ms`,
    numbers: { candidate: result.candidate, champion: result.champion },
    harm,
  }
}

function judgePredictions(evidence: Evidence): RolloutCheck & { differs: boolean } {
  const { predictions } = evidence
  if (!predictions)
    return { name: 'Predictions', state: 'unknown', sentence: 'not compared yet', numbers: {}, differs: false }
  const differs = predictions.distance >= 0.25
  return {
    name: 'Predictions',
    state: differs && !evidence.answersDrift ? 'warning' : 'ok',
    sentence: `distance D ${round(predictions.distance, 2)} on ${predictions.n} same requests${differs && evidence.answersDrift ? ', as expected of an answer to drift' : ''}`,
    numbers: { ...predictions },
    differs,
  }
}

export interface QualityJudgement extends RolloutCheck {
  /** The sentence without its verdict. */
  measured: string
  verdict: 'harm' | 'non_inferior' | 'better' | 'continue'
  harmP: number
  lower: number | undefined
  upper: number | undefined
}

function judgeQuality(evidence: Evidence): QualityJudgement {
  const championMean =
    evidence.units.reduce((sum, unit) => sum + unit.championLoss, 0) /
    Math.max(
      1,
      evidence.units.reduce((sum, unit) => sum + unit.n, 0),
    )
  const quality = pairedQuality(differences(evidence.units), {
    alpha: alphas.quality,
    margin: evidence.margin * championMean,
  })
  const candidate = pooledMetric(evidence.units, 'candidateLoss', evidence.metric)
  const champion = pooledMetric(evidence.units, 'championLoss', evidence.metric)
  const words = { harm: 'worse', non_inferior: 'not worse', better: 'better', continue: 'undecided' }[quality.verdict]
  const state = quality.verdict === 'harm' ? 'critical' : quality.verdict === 'continue' ? 'unknown' : 'ok'
  const measured =
    quality.n === 0
      ? 'waits for labels'
      : `${evidence.metric.toUpperCase()} ${round(candidate)} against ${round(champion)} on ${quality.n} paired units (difference a row ${round(quality.mean, 1)}, at any time ${round(quality.lower, 1)} to ${round(quality.upper, 1)})`
  return {
    name: 'Prediction quality',
    state,
    sentence: quality.n === 0 ? measured : `${words}: ${measured}`,
    measured,
    numbers: {
      differences: differences(evidence.units),
      candidate: candidate ?? null,
      champion: champion ?? null,
      margin: evidence.margin * championMean,
      ...quality,
    },
    verdict: quality.verdict,
    harmP: quality.harmP,
    lower: quality.lower,
    upper: quality.upper,
  }
}

function judgeLimit(evidence: Evidence): RolloutCheck & { inside: boolean } {
  const candidate = pooledMetric(evidence.units, 'candidateLoss', evidence.metric)
  if (evidence.limit === null || candidate === undefined) {
    return {
      name: 'Inside the limit',
      state: 'unknown',
      sentence: evidence.limit === null ? 'no limit is declared' : 'waits for labels',
      numbers: {},
      inside: evidence.limit === null,
    }
  }
  const inside = evidence.metric === 'accuracy' ? candidate >= evidence.limit : candidate <= evidence.limit
  return {
    name: 'Inside the limit',
    state: inside ? 'ok' : 'warning',
    sentence: `${round(candidate)}, limit ${round(evidence.limit)}`,
    numbers: { candidate, limit: evidence.limit },
    inside,
  }
}

/** A test of harm this near its bound leaves a promotion for later, whatever the margin says. */
const nearHarm = 0.1

/**
 * One look at a rollout in shadow or canary. Rollback on proven harm; promote (or the next step) only when the
 * step has its evidence, quality is not worse and inside the limit; never on time (loop.md 14 and 15).
 */
export function decide(evidence: Evidence): Decision {
  const errors = judgeErrors(evidence)
  const split = judgeSplit(evidence)
  const latency = judgeLatency(evidence)
  const predictions = judgePredictions(evidence)
  const quality = judgeQuality(evidence)
  const limit = judgeLimit(evidence)
  const checks = [errors, split, latency, quality, limit, predictions].map(({ name, state, sentence, numbers }) => ({
    name,
    state,
    sentence,
    numbers,
  }))
  const say = (verdict: Verdict, stepDone: boolean, sentence: string): Decision => ({
    verdict,
    stepDone,
    sentence,
    checks,
  })

  if (errors.harm) return say('rollback', false, `It fails more often than the version before: ${errors.sentence}.`)
  if (split.mismatch)
    return say('pause', false, `Verdicts are withheld: the traffic is not split as asked (${split.sentence}).`)
  if (latency.harm) return say('rollback', false, `It is slower than the version before: p99 ${latency.sentence}.`)
  if (quality.verdict === 'harm')
    return say('rollback', false, `It predicts worse than the version before: ${quality.measured}.`)
  if (evidence.frozen) return say('pause', false, 'The inputs are quarantined; the rollout waits.')
  const notWorse = quality.verdict === 'better' || quality.verdict === 'non_inferior'
  if (evidence.pausedBy !== null) return say('pause', false, `Paused by ${evidence.pausedBy}.`)
  if (predictions.differs && !evidence.answersDrift && !notWorse)
    return say(
      'pause',
      false,
      `Its predictions differ much from the version before (${predictions.sentence}); it waits for labels to tell which is right.`,
    )
  if (evidence.age > evidence.maxAge)
    return say('pause', false, `${Math.round(evidence.age / dayMs)} days without enough evidence; a person decides.`)
  if (errors.near) return say('continue', false, `Failed requests are near their bound: ${errors.sentence}.`)
  if (evidence.stage === 'shadow' && !evidence.isLastStep) {
    return evidence.unitsInStep >= 1
      ? say('continue', true, `No harm in shadow: ${quality.measured}.`)
      : say('continue', false, 'Waits for the first labelled unit in shadow.')
  }
  if (evidence.unitsInStep < 1) return say('continue', false, 'Waits for a labelled unit at this share of traffic.')
  if (!notWorse || quality.harmP < nearHarm)
    return say('continue', false, `Quality is not decided yet: ${quality.measured}.`)
  if (!limit.inside) return say('continue', false, `Not worse, but outside the limit: ${limit.sentence}.`)
  return say(
    'promote',
    true,
    `It predicts ${quality.verdict === 'better' ? 'better' : 'no worse'} than the version before and is inside the limit: ${quality.measured}; ${limit.sentence}.`,
  )
}

export interface ReplayResult {
  rows: number
  errors: number
  nonFinite: number
  constant: boolean
  outOfRange: number
  logE: number
  firstError: string | null
}

/** Replay exposes nobody: it stops what plainly does not work (loop.md 12). */
export function judgeReplay(result: ReplayResult): { passed: boolean; sentence: string } {
  if (result.rows === 0) return { passed: true, sentence: 'No captured requests to replay yet.' }
  const failed = result.errors + result.nonFinite
  if (result.logE >= -Math.log(alphas.errors))
    return {
      passed: false,
      sentence: `${failed} of ${result.rows} captured requests failed${result.firstError === null ? '' : `: ${result.firstError}`}.`,
    }
  if (result.constant && result.rows >= 24)
    return { passed: false, sentence: `It answers the same for all ${result.rows} captured requests.` }
  return { passed: true, sentence: `${failed} of ${result.rows} captured requests failed.` }
}
