import { MainstayError } from '../../contract/errors.ts'
import type { PlaneTrip } from '../../contract/plane.ts'
import { writeInferResponse } from '../compat/oip/infer-response.ts'
import { remapBlock } from '../compat/oip/layout.ts'
import { writeScoringResponse } from '../compat/oip/scoring.ts'
import type { Logger } from '../platform/log.ts'
import { sendError } from './answers.ts'
import type { Endpoint, Variant } from './endpoint.ts'
import { Job, LIVE, PLAYGROUND, SHADOW, eventTimeOf, type LiveJob, type Pair } from './job.ts'
import { forgetRows, keepAnswer } from './predict.ts'
import { toHeader } from './row-stamps.ts'
import type { Trips } from './trips.ts'
import type { TurnEvents } from './turn.ts'

/** Rows of second opinions that may wait before one variant. */
const SHADOW_QUEUE_ROWS = 512

export interface OutcomeContext {
  trips: Trips
  log: Logger
  /** Generation being served. */
  generation(): number
  /** The endpoint as it is served now; a job may have started under an older snapshot. */
  current(name: string): Endpoint | undefined
  settled(job: Job): void
}

/** What follows from a model's answer: counters, the error test, the reply, second opinions. */
export function makeOutcomes(context: OutcomeContext): TurnEvents {
  return {
    outcome: (job) => noteOutcome(context, job),
    answer: reply,
    afterAnswer: (job) => offerShadows(context, job),
  }
}

function noteOutcome(context: OutcomeContext, job: Job): void {
  const { counters } = job.variant
  if (job.kind === SHADOW) {
    counters.shadowRows += job.block.n
    counters.shadowErrors += job.errorRows
    if (job.problem === null || job.problem === 'crashed') closePair(context, job)
    return
  }
  counters.requests++
  counters.rows += job.block.n
  if (job.problem !== 'abandoned') counters.latency.add(job.latencyUs)
  if (job.isModelError) counters.errors += job.errorRows
  if (job.kind === PLAYGROUND) return
  if (job.problem === null) noteTime(job)
  noteHurt(context, job)
  planPair(context, job)
}

function noteTime(job: Job): void {
  const { state, spec } = job.facts.endpoint
  for (let row = 0; row < job.block.n; row++) {
    const time = spec.clock === 'event' ? eventTimeOf(job.facts, row) : job.facts.arrival
    if (time > state.maxTime) state.maxTime = time
  }
}

/**
 * Decides, before any second opinion exists, whether this request counts as a pair or by its propensity. The decision
 * uses the rate of traffic and roles alone, never the outcome.
 */
function planPair(context: OutcomeContext, job: Job): void {
  const { endpoint } = job.facts
  const { test, candidate, champion } = endpoint
  // On an event clock the rate is that of the events, so a fast replay pairs as the year itself would have.
  const now =
    endpoint.spec.clock === 'event' && Number.isFinite(endpoint.state.maxTime)
      ? endpoint.state.maxTime
      : job.facts.arrival
  const rate = endpoint.state.noteRows(job.block.n, now)
  endpoint.isPairing = rate <= endpoint.spec.pair_below
  if (!test || !candidate || !champion || (job.variant !== candidate && job.variant !== champion)) return
  if (job.problem === 'deadline' || job.problem === 'abandoned') return
  const isCandidate = job.variant === candidate
  const other = isCandidate ? champion : candidate
  if (other.lane && (endpoint.isPairing || other.spec.role === 'shadow')) {
    job.pair = {
      candidateFailed: isCandidate ? job.isModelError : null,
      championFailed: isCandidate ? null : job.isModelError,
    }
    return
  }
  // Weights of the moment the request was assigned would differ only for requests under way at a change of weights.
  const share = candidate.weight / (candidate.weight + champion.weight)
  test.single(isCandidate, job.isModelError, share, job.facts.entity)
  checkTrip(context, endpoint)
}

function closePair(context: OutcomeContext, job: Job): void {
  const { pair } = job
  const { endpoint } = job.facts
  const { test } = endpoint
  if (!pair || !test) return
  if (pair.candidateFailed === null) pair.candidateFailed = job.isModelError
  else pair.championFailed = job.isModelError
  if (pair.candidateFailed === null || pair.championFailed === null) return
  if (pair.candidateFailed && job.variant === endpoint.candidate) noteError(endpoint, job)
  test.pair(pair.candidateFailed, pair.championFailed, job.facts.entity)
  checkTrip(context, endpoint)
}

function noteError(endpoint: Endpoint, job: Job): void {
  const text = job.errors?.find((error) => error !== null) ?? job.problem
  if (endpoint.test && text) endpoint.test.lastError = text
}

function noteHurt(context: OutcomeContext, job: Job): void {
  const { endpoint } = job.facts
  const { test } = endpoint
  if (!test || !job.isModelError || job.variant.spec.name !== test.candidate) return
  test.hurtRows += job.errorRows
  noteError(endpoint, job)
  context.trips.noteHurt({ endpoint: endpoint.name, rollout: test.rollout, variant: test.candidate }, test.hurtRows)
}

function checkTrip(context: OutcomeContext, endpoint: Endpoint): void {
  const { test } = endpoint
  if (!test?.isHarmful) return
  const name = { endpoint: endpoint.name, rollout: test.rollout, variant: test.candidate }
  if (context.trips.has(name)) return
  const trip: PlaneTrip = {
    ...name,
    version: endpoint.candidate?.spec.version ?? 0,
    at: Date.now(),
    eventTime: endpoint.state.maxTime === -Infinity ? null : endpoint.state.maxTime,
    generation: context.generation(),
    logE: test.logE,
    candidateErrors: test.candidateErrors,
    candidateRows: test.candidateRows,
    hurtRows: test.hurtRows,
    lastError: test.lastError,
  }
  try {
    context.trips.add(trip)
  } catch (error) {
    // The variant is out of traffic in memory all the same; a full disk must not keep a failing version in.
    context.log.error({ err: error }, 'the trip could not be written')
  }
  context.log.warn({ ...trip }, 'a variant fails too often and was taken out of traffic')
  endpoint.reweigh()
  context.current(endpoint.name)?.reweigh()
}

/** Every other variant's opinion, off the path and on a queue of its own. */
function offerShadows(context: OutcomeContext, job: LiveJob): void {
  const { facts, block } = job
  const { endpoint } = facts
  if (endpoint.variants.length < 2 || job.kind !== LIVE || job.problem === 'abandoned' || job.problem === 'deadline')
    return
  if (job.fresh?.includes(false)) return
  for (const other of endpoint.variants) {
    if (other === job.variant || !other.lane) continue
    if (!endpoint.isPairing && other.spec.role !== 'shadow') continue
    offerShadow(context, job, other, isOfTest(endpoint, job.variant, other) ? job.pair : null, block.n)
  }
}

function isOfTest(endpoint: Endpoint, a: Variant, b: Variant): boolean {
  const { candidate, champion } = endpoint
  return (a === candidate && b === champion) || (a === champion && b === candidate)
}

function offerShadow(context: OutcomeContext, job: LiveJob, other: Variant, pair: Pair | null, rows: number): void {
  const { lane } = other
  const block = remapBlock(job.block, job.variant.layout.inputs, other.layout.inputs)
  if (!lane || !lane.model.isReady || !block || lane.backgroundRows + rows > SHADOW_QUEUE_ROWS) {
    other.counters.shadowDropped += rows
    return
  }
  const shadow = new Job(job.facts, other, block, SHADOW, 1, performance.now(), Infinity, context.settled)
  shadow.pair = pair
  lane.submitBackground(shadow)
}

function reply(job: LiveJob, isCaptured: boolean): void {
  if (job.isAnswered) return
  job.isAnswered = true
  const refusal = refusalOf(job, isCaptured)
  if (refusal) {
    forgetRows(job)
    sendError(job.reply, refusal, ['mainstay-variant', job.variant.spec.name])
    return
  }
  const headers = ['mainstay-variant', job.variant.spec.name, 'mainstay-prediction-id', toHeader(job.idHeader)]
  const body =
    job.form === 'oip'
      ? writeInferResponse(
          job.variant.head,
          job.variant.layout.outputs,
          job.answerId,
          job.out,
          job.wanted,
          failedRows(job),
        )
      : writeScoringResponse(job.variant.layout, job.out)
  job.reply.send(200, body, headers)
  keepAnswer(job, body, headers)
}

function refusalOf(job: LiveJob, isCaptured: boolean): MainstayError | undefined {
  const { endpoint } = job.facts
  if (job.problem === 'crashed')
    return new MainstayError(
      'platform.unavailable',
      `the model of '${endpoint.name}' stopped while it computed this request`,
    )
  if (job.problem !== null)
    return new MainstayError(
      'serving.deadline_exceeded',
      `'${endpoint.name}' did not answer within ${endpoint.spec.deadline_ms} ms: Request timeout expired`,
    )
  const { capture } = endpoint.spec
  if (!isCaptured && (capture === 'required' || capture === 'durable')) {
    return new MainstayError(
      'serving.capture_required',
      `'${endpoint.name}' answers only what it can log, and the log cannot be written`,
    )
  }
  if (job.failed > 0 && job.failed === job.block.n) {
    const text = job.errors?.find((error) => error !== null) ?? 'unknown'
    return new MainstayError('serving.model_failed', `the model failed: ${text.slice(0, 300)}`)
  }
  return undefined
}

/** Rows of a larger request that got no answer: their outputs are null, the other rows' are not withheld. */
function failedRows(job: LiveJob): string {
  if (job.failed === 0 || !job.errors) return ''
  const rows: number[] = []
  for (const [row, error] of job.errors.entries()) if (error !== null) rows.push(row)
  return rows.slice(0, 100).join(',')
}
