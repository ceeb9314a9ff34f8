import type { SegmentEndpoint, SegmentMeta, SegmentRefusals } from '../../contract/plane.ts'
import { readCell } from '../compat/oip/layout.ts'
import type { Logger } from '../platform/log.ts'
import type { RowFields } from '../platform/spool/encode.ts'
import type { ClosedSegment, SpoolWriter } from '../platform/spool/writer.ts'
import { PLAYGROUND, SHADOW, eventTimeOf, type Job } from './job.ts'
import { SegmentProfiles } from './profiles.ts'

/** What one segment will say about one endpoint. */
export class EndpointTally {
  rows = 0
  minTime = Infinity
  maxTime = -Infinity
  notCaptured = 0
  readonly #refused = new Map<string, SegmentRefusals>()
  watermark: number | null = null
  readonly profiles = new SegmentProfiles()

  addRefused(hour: number | null, reason: string): void {
    const known = this.#refused.get(`${hour} ${reason}`)
    if (known) known.requests++
    else this.#refused.set(`${hour} ${reason}`, { hour, reason, requests: 1 })
  }

  toMeta(endpoint: string): SegmentEndpoint {
    const { rows, minTime, maxTime, watermark, notCaptured } = this
    const profiles = this.profiles.toMeta()
    return {
      endpoint,
      rows,
      minTime: rows ? minTime : 0,
      maxTime: rows ? maxTime : 0,
      watermark,
      notCaptured,
      refused: [...this.#refused.values()],
      profiles,
    }
  }
}

interface OpenSegment {
  endpoints: Map<string, EndpointTally>
  /** Jobs whose rows are written and not yet profiled, and how far we are. */
  unprofiled: Job[]
}

const newSegment = (): OpenSegment => ({ endpoints: new Map(), unprofiled: [] })

/** How long profiles may hold the event loop at a stretch. */
const PROFILE_MS = 2
const RETRY_MS = 5000
const HOUR_MS = 3_600_000

/** Writes each turn's rows and, off the path, keeps the profiles of exactly the rows that were written. */
export class Capture {
  readonly spool: SpoolWriter
  notCaptured = 0
  openRows = 0
  watermarkOf: (endpoint: string) => number | null = () => null
  readonly #replica: string
  readonly #log: Logger
  readonly #segmentMs: number
  #segment = newSegment()
  #sealing: Promise<void> = Promise.resolve()
  #isProfiling = false
  #isStopping = false
  #hasTallies = false
  readonly #timer: NodeJS.Timeout
  readonly #row: RowFields = {
    id: '',
    requestId: null,
    eventTime: NaN,
    arrival: 0,
    propensity: 1,
    entity: null,
    kind: 0,
    isError: false,
    error: null,
    latencyUs: 0,
    inputs: { num: [], str: [] },
    inputRow: 0,
    outputs: { num: [], str: [] },
    outputRow: 0,
  }

  constructor(spool: SpoolWriter, replica: string, segmentMs: number, log: Logger) {
    this.spool = spool
    this.#replica = replica
    this.#segmentMs = segmentMs
    this.#log = log
    this.#timer = setInterval(() => this.#everySecond(), 1000)
    this.#timer.unref()
  }

  #tally(endpoint: string): EndpointTally {
    let tally = this.#segment.endpoints.get(endpoint)
    if (!tally) this.#segment.endpoints.set(endpoint, (tally = new EndpointTally()))
    this.#hasTallies = true
    return tally
  }

  /** A 4xx also tells about the feed, in the hour that it is about. */
  noteRefused(endpoint: string, reason: string, time: number | undefined): void {
    this.#tally(endpoint).addRefused(time === undefined ? null : Math.floor(time / HOUR_MS) * HOUR_MS, reason)
  }

  /** Encodes a job's rows for the next `commit`. */
  add(job: Job): void {
    const { facts, variant, errors, fresh } = job
    const row = this.#row
    row.requestId = facts.requestId
    row.arrival = facts.arrival
    row.propensity = job.propensity
    row.entity = facts.entity
    row.kind = job.kind
    row.latencyUs = job.latencyUs
    row.inputs = job.block
    row.outputs = job.out
    for (let i = 0; i < job.block.n; i++) {
      if (fresh && fresh[i] !== true) continue
      row.id = facts.ids[i] ?? ''
      row.eventTime = eventTimeOf(facts, i)
      row.error = errors?.[i] ?? null
      row.isError = row.error !== null
      row.inputRow = i
      row.outputRow = i
      this.spool.add(variant.schema, row)
    }
  }

  /** Writes what was added; false if nothing of it is in the log. */
  commit(jobs: readonly Job[]): boolean {
    const rows = this.spool.pendingRows
    if (rows === 0) return true
    const before = this.spool.state
    const isWritten = this.spool.commit()
    if (this.spool.state !== before) this.#log.warn({ state: this.spool.state, was: before }, 'spool state changed')
    if (isWritten) {
      this.openRows += rows
      for (const job of jobs) this.#count(job)
    } else {
      this.notCaptured += rows
      for (const job of jobs) this.#tally(job.facts.endpoint.name).notCaptured += rowsOf(job)
    }
    return isWritten
  }

  #count(job: Job): void {
    const { facts, fresh } = job
    const tally = this.#tally(facts.endpoint.name)
    for (let i = 0; i < job.block.n; i++) {
      if (fresh && fresh[i] !== true) continue
      const eventTime = eventTimeOf(facts, i)
      const time = Number.isNaN(eventTime) ? facts.arrival : eventTime
      tally.rows++
      if (time < tally.minTime) tally.minTime = time
      if (time > tally.maxTime) tally.maxTime = time
    }
    if (job.kind !== PLAYGROUND) this.#segment.unprofiled.push(job)
  }

  /** After the answers have left. */
  afterAnswers(): void {
    if (this.spool.isFull) void this.seal()
    if (this.#segment.unprofiled.length === 0 || this.#isProfiling) return
    this.#isProfiling = true
    setImmediate(() => {
      this.#isProfiling = false
      this.#profile(this.#segment, performance.now() + PROFILE_MS)
      this.afterAnswers()
    })
  }

  #profile(segment: OpenSegment, until: number): void {
    const jobs = segment.unprofiled
    let done = 0
    while (done < jobs.length) {
      profileJob(jobs[done++] as Job, segment)
      if ((done & 15) === 0 && performance.now() > until) break
    }
    segment.unprofiled = done === jobs.length ? [] : jobs.slice(done)
  }

  #everySecond(): void {
    if (++this.#seconds % 5 === 0) this.spool.measure()
    this.spool.sync().catch((error: unknown) => this.#log.error({ err: error }, 'the spool could not be synced'))
    if (this.#hasTallies && this.#age() >= this.#segmentMs) void this.seal()
  }

  #seconds = 0
  #openedAt = performance.now()

  #age(): number {
    return performance.now() - (this.spool.bytes > 0 ? this.spool.openedAt : this.#openedAt)
  }

  /** Ends the open segment; resolves when its rows and its seal are on the disk. */
  seal(): Promise<void> {
    if (!this.#hasTallies) return this.#sealing
    const closed = this.#close()
    if (!closed) return this.#sealing
    const segment = this.#segment
    for (const [endpoint, tally] of segment.endpoints) tally.watermark = this.watermarkOf(endpoint)
    this.#segment = newSegment()
    this.#hasTallies = false
    this.#openedAt = performance.now()
    const rows = this.openRows
    this.openRows = 0
    this.#sealing = this.#sealing.then(() => this.#finish(closed, segment, rows))
    return this.#sealing
  }

  /** Refusals without a row still make a segment, so that they are counted. */
  #close(): ClosedSegment | undefined {
    try {
      this.spool.open()
    } catch (error) {
      this.#log.warn({ err: error }, 'no segment can be opened')
      return undefined
    }
    return this.spool.closeSegment()
  }

  async #finish(closed: ClosedSegment, segment: OpenSegment, rows: number): Promise<void> {
    while (segment.unprofiled.length > 0) {
      this.#profile(segment, performance.now() + PROFILE_MS)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const endpoints = [...segment.endpoints].map(([name, tally]) => tally.toMeta(name))
    const meta: SegmentMeta = {
      replica: this.#replica,
      sequence: closed.sequence,
      rows,
      bytes: closed.bytes,
      sealedAt: Date.now(),
      endpoints,
    }
    while (!(await this.#trySeal(closed, meta)) && !this.#isStopping)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }

  /** An unsealed segment is not lost: it is tried again, and a restart recovers it. */
  async #trySeal(closed: ClosedSegment, meta: SegmentMeta): Promise<boolean> {
    try {
      await this.spool.seal(closed, meta)
      return true
    } catch (error) {
      this.#log.warn({ err: error, sequence: closed.sequence }, 'the segment could not be sealed')
      return false
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#timer)
    await this.seal()
  }
}

function rowsOf(job: Job): number {
  return job.fresh ? job.fresh.filter(Boolean).length : job.block.n
}

/** On `clock: event` a row without an event time is logged and not monitored. */
function profileJob(job: Job, segment: OpenSegment): void {
  const { facts, variant, block, out, errors, fresh } = job
  const tally = segment.endpoints.get(facts.endpoint.name)
  if (!tally) return
  const isEventClock = facts.endpoint.spec.clock === 'event'
  const { inputs, outputs } = variant.layout
  let row = 0
  const input = (index: number) => readCell(inputs, block, row, index)
  const output = (index: number) => readCell(outputs, out, row, index)
  for (; row < block.n; row++) {
    if (fresh && fresh[row] !== true) continue
    const time = isEventClock ? eventTimeOf(facts, row) : facts.arrival
    if (Number.isNaN(time)) continue
    const isError = (errors?.[row] ?? null) !== null
    tally.profiles.add(variant.subject, job.kind === SHADOW ? 'shadow' : 'live', time, isError, input, output)
  }
}
