import { count, metricName, number, percent } from '../../../contract/format.ts'
import type { RolloutCheck, Verdict } from '../../../contract/rollouts.ts'
import { logRatioMismatch } from '../../../stats/eprocess.ts'
import { compareTailQuantile } from '../../../stats/quantile-sequence.ts'
import { alphas, type Evidence } from './evidence.ts'
import { judgeQuality } from './quality.ts'
import type { ReplayLosses } from './replay-losses.ts'
import { pooledMetric } from './units.ts'

export interface Decision {
  verdict: Verdict
  /** True when the present step has all the evidence it needs. */
  stepDone: boolean
  /** Its `max_duration` is over and the evidence does not decide. */
  isOverdue: boolean
  /** The candidate is known to be not worse and known to be outside the limit: only a person may let it go on. */
  isOutside: boolean
  sentence: string
  checks: RolloutCheck[]
}

const dayMs = 86_400_000

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
    sentence: `${count(errors.candidateErrors)} of ${count(errors.candidateRows)} rows; the version before ${count(errors.championErrors)} of ${count(errors.championRows)}`,
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
      sentence:
        evidence.stage === 'shadow' ? 'the candidate answers nobody yet' : 'nobody was assigned in this step yet',
      numbers: {},
      mismatch: false,
    }
  }
  const logE = logRatioMismatch(split.counts, [1 - split.weight, split.weight], 100)
  const mismatch = logE > Math.log(1000)
  return {
    name: 'Share of traffic as asked',
    state: mismatch ? 'critical' : 'ok',
    sentence: `${percent(split.counts[1] / total, 3)} of ${count(total)} entities, asked ${percent(split.weight)}`,
    numbers: { counts: split.counts, weight: split.weight, log_e: logE },
    mismatch,
  }
}

/** A quantile in ms as its bounds say it; few requests only bound it from below. */
const boundsOf = ({ lower, upper }: { lower: number; upper: number }): string =>
  Number.isFinite(upper) ? `${number(lower / 1000)} to ${number(upper / 1000)}` : `at least ${number(lower / 1000)}`

/** Slower than this is slow, not only slower. */
const slowUs = 5_000

/** By the tail, and by the median, which few requests tell: the 99th of a hundred has no upper bound for some 500 of them. */
function judgeLatency({ latency }: Evidence): RolloutCheck & { harm: boolean } {
  const compare = (q: number) =>
    latency && compareTailQuantile(latency.champion, latency.candidate, { q, alpha: alphas.latency / 2, tolerance: 2 })
  const [tail, median] = [compare(0.99), compare(0.5)]
  const slow = [tail, median].find((found) => found?.verdict === 'harm' && (found.candidate?.lower ?? 0) > slowUs)
  const { candidate, champion } = slow ?? tail ?? {}
  const name = slow && slow === median ? 'Latency p50' : 'Latency p99'
  if (!candidate || !champion)
    return { name, state: 'unknown', sentence: 'not enough requests', numbers: {}, harm: false }
  return {
    name,
    state: slow ? 'critical' : 'ok',
    sentence: `${boundsOf(candidate)} ms; the version before ${boundsOf(champion)} ms`,
    numbers: { candidate, champion },
    harm: slow !== undefined && slow !== null,
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
    sentence: `KS distance ${number(predictions.distance, 2)} on the same ${count(predictions.n)} requests${differs && evidence.answersDrift ? ', as expected of an answer to drift' : ''}`,
    numbers: { ...predictions },
    differs,
  }
}

function judgeLimit(evidence: Evidence): RolloutCheck & { inside: boolean } {
  const candidate = evidence.limited
    ? evidence.limited.value
    : pooledMetric(evidence.units, 'candidate', evidence.metric)
  if (evidence.limit === null || candidate === undefined) {
    return {
      name: 'Inside the limit',
      state: 'unknown',
      sentence: evidence.limit === null ? 'no limit is declared' : 'waits for labels',
      numbers: {},
      inside: evidence.limit === null,
    }
  }
  const inside =
    evidence.limited || evidence.metric === 'accuracy' ? candidate >= evidence.limit : candidate <= evidence.limit
  return {
    name: 'Inside the limit',
    state: inside ? 'ok' : 'warning',
    sentence: `${number(candidate)}, limit ${number(evidence.limit)}`,
    numbers: { candidate, limit: evidence.limit },
    inside,
  }
}

/** A test of harm this near its bound leaves a promotion for later or for a person, whatever the margin says. */
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
    isOverdue: false,
    isOutside: false,
    sentence,
    checks,
  })
  const isOver = evidence.age > evidence.maxAge
  const wait = (sentence: string): Decision =>
    isOver
      ? {
          ...say(
            'pause',
            false,
            `${Math.round(evidence.age / dayMs)} days without enough evidence; a person decides. ${sentence}`,
          ),
          isOverdue: true,
        }
      : say('continue', false, sentence)

  if (errors.harm) return say('rollback', false, `It fails more often than the version before: ${errors.sentence}.`)
  if (split.mismatch)
    return say('pause', false, `Verdicts are withheld: the traffic is not split as asked (${split.sentence}).`)
  if (latency.harm)
    return say(
      'rollback',
      false,
      `It is slower than the version before: ${latency.name.slice('Latency '.length)} ${latency.sentence}.`,
    )
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
  if (errors.near) return wait(`Failed requests are near their bound: ${errors.sentence}.`)
  if (evidence.stage === 'shadow' && !evidence.isLastStep && !isOver) {
    return evidence.unitsInStep >= 1
      ? say('continue', true, `No harm in shadow: ${quality.measured}.`)
      : wait('Waits for the first labelled unit in shadow.')
  }
  if (evidence.unitsInStep < 1) {
    const sentence = 'Waits for a labelled unit at this share of traffic.'
    // What the look at the end has found stands: the steps that are left get a quarter of the time more.
    const isFinishing = notWorse && limit.inside && evidence.age <= 1.25 * evidence.maxAge
    return isFinishing ? say('continue', false, sentence) : wait(sentence)
  }
  if (!notWorse) return wait(`Quality is not decided yet: ${quality.measured}${quality.outlook}.`)
  if (quality.harmP < nearHarm) return wait(`Within the margin, but likely to be worse: ${quality.measured}.`)
  if (!limit.inside && limit.state === 'unknown') return wait(`Within the margin; the limit ${limit.sentence}.`)
  if (!limit.inside) {
    const sentence = outsideText(evidence, quality.verdict, limit.sentence)
    return { ...say(isOver ? 'pause' : 'continue', false, sentence), isOverdue: isOver, isOutside: true }
  }
  return say(
    'promote',
    true,
    `It predicts ${quality.verdict === 'better' ? 'better' : 'no worse'} than the version before and is inside the limit: ${quality.measured}; ${limit.sentence}.`,
  )
}

function outsideText({ age, maxAge }: Evidence, verdict: string, limit: string): string {
  const than = `${verdict === 'better' ? 'Better' : 'No worse'} than the version before, but outside the limit: ${limit}.`
  return age > maxAge
    ? `${than} ${Math.round(age / dayMs)} days have not changed that; a person decides.`
    : `${than} A person may promote it; else it goes on once it is inside.`
}

export interface ReplayResult {
  rows: number
  errors: number
  nonFinite: number
  constant: boolean
  /** Answers far outside what labels have been; null while too few labels are known to say. */
  outOfRange: number | null
  logE: number
  firstError: string | null
  losses: ReplayLosses | null
}

/** Replay exposes nobody: it stops what plainly does not work (loop.md 12). */
export function judgeReplay(result: ReplayResult): { passed: boolean; sentence: string } {
  if (result.rows === 0) return { passed: true, sentence: 'No captured requests to replay yet.' }
  const failed = result.errors + result.nonFinite
  if (result.logE >= -Math.log(alphas.errors))
    return {
      passed: false,
      sentence: `${count(failed)} of ${count(result.rows)} captured requests failed${result.firstError === null ? '' : `: ${result.firstError}`}.`,
    }
  if (result.constant && result.rows >= 24)
    return { passed: false, sentence: `It answers the same for all ${count(result.rows)} captured requests.` }
  return {
    passed: true,
    sentence: `${count(failed)} of ${count(result.rows)} captured requests failed${notesOf(result)}.`,
  }
}

/** What a person may want to look at; the tests that follow decide. */
function notesOf({ outOfRange, losses }: ReplayResult): string {
  const range =
    outOfRange === null || outOfRange === 0
      ? ''
      : `; ${count(outOfRange)} answers lie far outside what labels have been`
  const loss =
    losses === null
      ? ''
      : `; ${metricName(losses.metric)} ${number(losses.candidate)} against ${number(losses.champion)} on ${count(losses.n)} labelled requests, some of which it may have been trained on`
  return range + loss
}
