import { MainstayError } from '../../contract/errors.ts'
import { readCsvRequest } from '../compat/oip/csv.ts'
import { assertNoBinary, readInferRequest, type InferRequest } from '../compat/oip/infer-request.ts'
import { parseJsonBody } from '../compat/oip/json.ts'
import { readScoringRequest } from '../compat/oip/scoring.ts'
import type { Layout, RowBlock } from '../compat/oip/layout.ts'
import type { Capture } from './capture.ts'
import type { Assignment, Endpoint } from './endpoint.ts'
import { LIVE, LiveJob, PLAYGROUND, type Form, type RequestFacts } from './job.ts'
import { sendError, type Reply } from './answers.ts'
import { hashRow, type SeenId } from './repeats.ts'
import { expandId, newestStamp, readEntity, readEventTimes, readIds, type GivenIds } from './row-stamps.ts'
import type { Turn } from './turn.ts'

export interface PredictContext {
  turn: Turn
  capture: Capture
  makeId: () => string
}

export interface PredictCall {
  endpoint: Endpoint
  /** A version named in the address; null for the endpoint's own choice. */
  version: number | null
  form: Form
  headers: RequestHeaders
  body: Buffer
  arrival: number
  started: number
}

/** By lower-case name; only headers that may not repeat are read, so none is a list. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>

const header = (call: PredictCall, name: string): string | undefined => call.headers[name] as string | undefined

/** From a body to a job in its lane, or to an answer at once. Throws refusals. */
export function predict(context: PredictContext, call: PredictCall, reply: Reply): void {
  const { endpoint } = call
  const entity = readEntity(header(call, 'mainstay-entity'))
  const { variant, propensity, isPinned } = choose(endpoint, call.version, entity)
  try {
    const request = readRequest(call, variant.layout)
    const { block } = request
    const given = readIds(header(call, 'mainstay-prediction-id'), block.n)
    const eventTime = readEventTimes(header(call, 'mainstay-event-time'), block.n, call.arrival)
    const kind = isPinned || header(call, 'mainstay-playground') === '1' ? PLAYGROUND : LIVE
    const { ids, seen, fresh, answerId } = nameRows(context, call, block, variant.layout.inputs, given, request.id)
    const facts: RequestFacts = {
      endpoint,
      ids,
      requestId: request.id ?? answerId,
      eventTime,
      arrival: call.arrival,
      entity,
    }
    const deadline = call.started + endpoint.spec.deadline_ms
    const job = new LiveJob(facts, variant, block, kind, propensity, call.started, deadline, context.turn.settled)
    job.reply = reply
    job.form = call.form
    job.wanted = request.outputs
    job.answerId = request.id ?? answerId
    job.idHeader = given && given.base === ids[0] && block.n > 1 ? headerList(ids) : answerId
    job.fresh = fresh
    job.seen = seen
    if (seen && !fresh?.includes(true) && answerAgain(seen, job)) return
    if (seen) rememberRows(endpoint, job, ids)
    submit(job, endpoint)
  } catch (error) {
    // A client's mistake says something about the feed, nothing about the variant.
    if (error instanceof MainstayError && error.status < 500) {
      variant.counters.clientErrors++
      if (!isPinned && header(call, 'mainstay-playground') !== '1') noteRefused(context, call, error.code)
    }
    throw error
  }
}

/**
 * What is monitored when it is answered is counted when it is refused. Time goes on where every row is refused, or nobody
 * would be told of such a feed; but not before the first answer: a backlog that is sent again, mended, must not be late.
 */
function noteRefused({ capture }: PredictContext, call: PredictCall, code: string): void {
  const { name, state, spec } = call.endpoint
  const stamp = header(call, 'mainstay-event-time')
  if (spec.clock === 'event' && (stamp === undefined || stamp === '')) return
  const time = spec.clock === 'event' ? newestStamp(stamp, call.arrival) : call.arrival
  capture.noteRefused(name, code, time)
  if (time !== undefined && state.maxTime > -Infinity && time > state.maxTime) state.maxTime = time
}

function readRequest(call: PredictCall, layout: Layout): InferRequest {
  const { name, spec } = call.endpoint
  const limit = spec.queue_rows
  if (call.form === 'csv') return { id: null, outputs: null, block: readCsvRequest(call.body, layout, limit) }
  if (call.form === 'oip') assertNoBinary(header(call, 'inference-header-content-length'), call.body.length)
  const body = parseJsonBody(call.body)
  if (call.form === 'oip') return readInferRequest(body, layout, name, limit)
  return { id: null, outputs: null, block: readScoringRequest(body, layout, limit) }
}

/** A version named by the caller was not drawn, so unless it is the only one its rows are not evidence. */
function choose(endpoint: Endpoint, version: number | null, entity: string | null): Assignment & { isPinned: boolean } {
  if (version === null) {
    const assigned = endpoint.assign(entity)
    if (!assigned) throw unavailable(endpoint)
    return { variant: assigned.variant, propensity: assigned.propensity, isPinned: false }
  }
  const variant = endpoint.variants.find((candidate) => candidate.spec.version === version)
  if (!variant) {
    throw new MainstayError(
      'serving.model_not_found',
      `Request for unknown model: '${endpoint.name}' version ${version} is not found`,
    )
  }
  if (!variant.lane) throw unavailable(endpoint)
  return { variant, propensity: 1, isPinned: variant.weight !== 1 }
}

function unavailable(endpoint: Endpoint): MainstayError {
  const reasons = endpoint.variants.filter((v) => v.error !== null).map((v) => `${v.spec.name}: ${v.error}`)
  return new MainstayError(
    'platform.unavailable',
    `'${endpoint.name}' has no variant that can answer. ${reasons.join('; ')}`.trim(),
  )
}

/** A list of ids goes back as it came, unless it would make too large a header. */
const headerList = (ids: string[]): string => (ids.length <= 32 ? ids.join(',') : (ids[0] ?? ''))

interface RowNames {
  ids: string[]
  answerId: string
  seen: SeenId[] | null
  fresh: boolean[] | null
}

/** Row ids as settled: the header's; else the OIP id if it is new; else made. */
function nameRows(
  context: PredictContext,
  call: PredictCall,
  block: RowBlock,
  side: { numWidth: number; strWidth: number },
  given: GivenIds | undefined,
  requestId: string | null,
): RowNames {
  const { repeats } = call.endpoint.state
  if (!given) {
    if (requestId === null || repeats.find(requestId, call.arrival)) {
      const made = context.makeId()
      return { ids: expandId(made, block.n), answerId: made, seen: null, fresh: null }
    }
    // Remembered under the OIP id alone: it may repeat with other inputs, it just names no second row.
    repeats.remember(requestId, NaN, call.arrival)
    return { ids: expandId(requestId, block.n), answerId: requestId, seen: null, fresh: null }
  }
  const seen: SeenId[] = []
  const fresh: boolean[] = []
  for (const [row, id] of given.ids.entries()) {
    const hash = hashRow(block, row, side.numWidth, side.strWidth)
    const known = repeats.find(id, call.arrival)
    if (known && known.hash !== hash) {
      throw new MainstayError(
        'serving.id_reused',
        `the prediction id '${id}' was used for other inputs within the last ten minutes`,
        { id },
      )
    }
    seen.push(known ?? { hash, at: call.arrival, answer: null, request: '', headers: null, waiting: null })
    fresh.push(!known)
  }
  return { ids: given.ids, answerId: given.base, seen, fresh }
}

const requestOf = (ids: readonly string[]): string => ids.join('\n')

function rememberRows(endpoint: Endpoint, job: LiveJob, ids: string[]): void {
  const request = requestOf(ids)
  job.seen = ids.map((id, row) => {
    const known = job.seen?.[row]
    if (known && job.fresh?.[row] !== true) return known
    const made = endpoint.state.repeats.remember(id, known?.hash ?? 0, job.facts.arrival)
    made.waiting = []
    made.request = request
    return made
  })
}

/** A repeat gets the first answer again, also when that is still on its way. False if it must be computed anew. */
function answerAgain(seen: SeenId[], job: LiveJob): boolean {
  const [first] = seen
  if (first?.request !== requestOf(job.facts.ids)) return false
  if (first.waiting) {
    first.waiting.push((answer) => {
      if (answer !== null && first.headers) job.reply.send(200, answer, first.headers)
      else
        sendError(
          job.reply,
          new MainstayError('serving.overloaded', 'the first request with this id was not answered; send it again'),
        )
    })
    return true
  }
  if (first.answer === null || first.headers === null) return false
  job.reply.send(200, first.answer, first.headers)
  return true
}

function submit(job: LiveJob, endpoint: Endpoint): void {
  const { lane } = job.variant
  const limit = endpoint.spec.queue_rows
  try {
    if (!lane?.model.isReady)
      throw new MainstayError(
        'platform.unavailable',
        `${job.variant.spec.name} of '${endpoint.name}' is starting again`,
      )
    if (endpoint.queuedRows() + job.block.n > limit) {
      throw new MainstayError('serving.overloaded', `'${endpoint.name}' has ${limit} rows waiting`)
    }
  } catch (error) {
    forgetRows(job)
    throw error
  }
  if (job.block.n === 0) job.settle(null)
  else lane.submit(job)
}

/** Without an answer the id is free again, so that the caller's next attempt is not taken for a repeat. */
export function forgetRows(job: LiveJob): void {
  if (!job.seen) return
  for (const [row, seen] of job.seen.entries()) {
    if (job.fresh?.[row] !== true) continue
    job.facts.endpoint.state.repeats.forget(job.facts.ids[row] ?? '')
    for (const wake of seen.waiting ?? []) wake(null)
    seen.waiting = null
  }
}

/** Keeps the answer for repeats and wakes those that wait for it. */
export function keepAnswer(job: LiveJob, answer: string, headers: string[]): void {
  if (!job.seen) return
  for (const [row, seen] of job.seen.entries()) {
    if (job.fresh?.[row] !== true) continue
    if (row === 0) job.facts.endpoint.state.repeats.keepAnswer(seen, answer, headers)
    const waiting = seen.waiting ?? []
    seen.waiting = null
    if (waiting.length > 0) seen.headers ??= headers
    for (const wake of waiting) wake(answer)
  }
}
