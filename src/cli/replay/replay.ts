import type { ServedEndpoint } from '../../contract/serving.ts'
import { serverToken } from '../env.ts'
import { Failure, usage } from '../failure.ts'
import { bodyOf } from './body.ts'
import { boundaryAt, planRows, type PlannedRow, type PlanOptions } from './plan.ts'
import { Predictor } from './predict.ts'
import { latenessMs, liveVersion, ReplayServer, type Label } from './server.ts'
import { readTable, type Row } from './table.ts'

export type { Row } from './table.ts'

export interface ReplayOptions extends PlanOptions {
  endpoint: string
  /** Address and token of the control process; default: MAINSTAY_URL and MAINSTAY_TOKEN. */
  url?: string
  token?: string | undefined
  /** How long after its row a label becomes known, on the replayed clock. One of an answer still in flight follows with the next row. */
  labelDelayMs?: number
  /** Columns to send; default: all of the endpoint's signature. */
  features?: readonly string[] | undefined
  /** Column whose value is sent as the assignment unit. */
  entity?: string | undefined
  /** `max`, or how many times faster than the clock on the wall. */
  speed?: 'max' | number
  barrier?: 'window' | 'none'
  /** Distance of the boundaries, aligned to 1970; default one day. */
  everyMs?: number
  barrierTimeoutMs?: number
  /** Requests in flight, within a step of the replayed clock. */
  inFlight?: number
  stepMs?: number
  /** Sees every row before it is sent and may change or delete its values; `false` leaves the row out. The label is not touched. */
  onRow?(row: Row, time: number): boolean | void | undefined
  /** Awaited at every boundary, after everything up to it is settled (with barrier `window`). */
  onBoundary?(time: number): Promise<void> | void
  signal?: AbortSignal
}

export interface ReplayProgress {
  /** Event time of the newest row. */
  time: number
  sent: number
  rows: number
  rowsPerSecond: number
  errors: number
  version: number | null
  /** What a barrier waits for, once that takes long. */
  pending: string[]
}

export interface ReplaySummary {
  endpoint: string
  rows: number
  predictions: number
  /** 5xx and requests without an answer. */
  failed: number
  /** 4xx. */
  refused: number
  /** One sentence for each kind of refusal or failure, with how often. */
  errors: { status: number; error: string; count: number }[]
  labels: number
  barriers: number
  waited_ms: number
  first: number | null
  last: number | null
  took_ms: number
  rows_per_second: number
  version: number | null
}

const hourMs = 3_600_000
const dayMs = 86_400_000

/** Sends a table through a live endpoint: predictions in event-time order, labels as the replayed clock reaches them. */
export async function replayTable(
  options: ReplayOptions,
  onProgress: (progress: ReplayProgress) => void = () => undefined,
): Promise<ReplaySummary> {
  const table = await readTable(options.file)
  const rows = planRows(table, options)
  const replay = new Replay(options, rows, onProgress)
  return await replay.run(table.columns)
}

class Replay {
  readonly #options: ReplayOptions
  readonly #rows: readonly PlannedRow[]
  readonly #onProgress: (progress: ReplayProgress) => void
  readonly #server: ReplayServer
  readonly #inFlight = new Set<Promise<void>>()
  /** Labels in the order in which they become known, from `#nextLabel` on. */
  readonly #labels: Label[] = []
  #nextLabel = 0
  #endpoint!: ServedEndpoint
  #predictor!: Predictor
  #boundary = -Infinity
  #began = 0
  #shownAt = 0
  #pending: string[] = []
  #time = 0
  readonly #summary: ReplaySummary

  constructor(options: ReplayOptions, rows: readonly PlannedRow[], onProgress: (progress: ReplayProgress) => void) {
    this.#options = options
    this.#rows = rows
    this.#onProgress = onProgress
    const target = { ...(options.url === undefined ? {} : { url: options.url }), token: options.token }
    this.#server = new ReplayServer(options.endpoint, target, options.barrierTimeoutMs ?? 15 * 60_000)
    this.#summary = {
      endpoint: options.endpoint,
      rows: rows.length,
      predictions: 0,
      failed: 0,
      refused: 0,
      errors: [],
      labels: 0,
      barriers: 0,
      waited_ms: 0,
      first: rows[0]?.time ?? null,
      last: rows.at(-1)?.time ?? null,
      took_ms: 0,
      rows_per_second: 0,
      version: null,
    }
  }

  async run(columns: readonly string[]): Promise<ReplaySummary> {
    this.#endpoint = await this.#server.endpoint()
    this.#assertSendable(columns)
    this.#began = performance.now()
    this.#predictor = new Predictor(
      this.#endpoint.predict_url,
      this.#options.inFlight ?? 8,
      this.#options.token ?? serverToken(),
    )
    try {
      await this.#sendAll()
      await this.#drain()
      await this.#sendLabels(Infinity)
      if (this.#options.barrier === 'window' && this.#boundary > -Infinity) await this.#settle(this.#boundary)
    } finally {
      this.#predictor.close()
    }
    this.#endpoint = await this.#server.endpoint()
    const took = performance.now() - this.#began
    const rate = Math.round((this.#sent() / took) * 1_000)
    return { ...this.#summary, took_ms: Math.round(took), rows_per_second: rate, version: liveVersion(this.#endpoint) }
  }

  async #sendAll(): Promise<void> {
    const stepMs = this.#options.stepMs ?? hourMs
    const everyMs = this.#options.everyMs ?? dayMs
    const start = this.#rows[0]?.time ?? 0
    let step = Number.NaN
    for (const planned of this.#rows) {
      if (this.#options.signal?.aborted === true) throw new Failure('the replay was ended by hand')
      const { time } = planned
      const ownStep = Math.floor(time / stepMs)
      if (ownStep !== step) await this.#drain()
      step = ownStep
      await this.#pace(time, start)
      await this.#sendLabels(time)
      if (this.#inFlight.size >= (this.#options.inFlight ?? 8)) await Promise.race(this.#inFlight)
      this.#send(planned)
      // The watermark trails by the allowed lateness, so a boundary is behind it only that much later.
      const boundary = boundaryAt(time - latenessMs(this.#endpoint), everyMs, Math.max(start, this.#boundary))
      if (boundary !== undefined) await this.#hold(boundary, time)
    }
  }

  /** Speed N: the row at event time t is sent (t − start) / N after the first. */
  async #pace(time: number, start: number): Promise<void> {
    const { speed = 'max' } = this.#options
    if (speed === 'max') return
    const wait = (time - start) / speed - (performance.now() - this.#began)
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
  }

  #send(planned: PlannedRow): void {
    const { time, id } = planned
    const row = { ...planned.row }
    this.#time = time
    if (this.#options.onRow?.(row, time) === false) return
    const signature = this.#endpoint.signature
    if (signature === null) throw new Failure(`${this.#endpoint.name} serves no version any more`)
    const entity = this.#options.entity === undefined ? undefined : row[this.#options.entity]
    const headers = {
      'mainstay-event-time': new Date(time).toISOString(),
      'mainstay-prediction-id': id,
      ...(entity === undefined || entity === null ? {} : { 'mainstay-entity': String(entity) }),
    }
    const sent = this.#predictor
      .predict(this.#endpoint.predict_url, bodyOf(signature, row, this.#options.features), headers)
      .then(({ status, error }) => {
        this.#inFlight.delete(sent)
        this.#count(status, error)
        // A refused row is not in the log, so nothing waits for its label; a failed one is.
        const isLogged = status !== 0 && (status < 400 || status >= 500)
        if (isLogged && planned.label !== null)
          this.#addLabel({ id, value: planned.label, at: time + (this.#options.labelDelayMs ?? 0) })
        this.#show()
      })
    this.#inFlight.add(sent)
  }

  /** Answers of one step arrive in any order; the few at the end are kept sorted. */
  #addLabel(label: Label & { at: number }): void {
    let at = this.#labels.length
    while (at > this.#nextLabel && Number(this.#labels[at - 1]?.at) > label.at) at -= 1
    this.#labels.splice(at, 0, label)
  }

  async #drain(): Promise<void> {
    await Promise.all(this.#inFlight)
  }

  /** Sends the labels that are known by now, in order. */
  async #sendLabels(now: number): Promise<void> {
    let end = this.#nextLabel
    while (end < this.#labels.length && Number(this.#labels[end]?.at) <= now) end += 1
    if (end === this.#nextLabel) return
    const due = this.#labels.slice(this.#nextLabel, end)
    this.#nextLabel = end
    if (this.#nextLabel > 10_000) {
      this.#labels.splice(0, this.#nextLabel)
      this.#nextLabel = 0
    }
    await this.#server.sendLabels(due)
    this.#summary.labels += due.length
  }

  async #hold(boundary: number, now: number): Promise<void> {
    await this.#drain()
    await this.#sendLabels(now)
    this.#boundary = boundary
    if (this.#options.barrier === 'window') await this.#settle(boundary)
    this.#summary.barriers += 1
    this.#endpoint = await this.#server.endpoint()
    await this.#options.onBoundary?.(boundary)
  }

  async #settle(boundary: number): Promise<void> {
    const waited = await this.#server.settle(boundary, this.#options.barrierTimeoutMs ?? 15 * 60_000, (pending) => {
      this.#pending = pending
      this.#show(true)
    })
    this.#pending = []
    this.#summary.waited_ms += Math.round(waited)
  }

  #count(status: number, error: string): void {
    const summary = this.#summary
    if (status >= 200 && status < 400) return void (summary.predictions += 1)
    if (status >= 400 && status < 500) summary.refused += 1
    else summary.failed += 1
    const known = summary.errors.find((each) => each.status === status && kindOf(each.error) === kindOf(error))
    if (known) known.count += 1
    else if (summary.errors.length < 50) summary.errors.push({ status, error, count: 1 })
  }

  #sent(): number {
    return this.#summary.predictions + this.#summary.failed + this.#summary.refused
  }

  #show(isForced = false): void {
    const now = performance.now()
    if (!isForced && now - this.#shownAt < 100) return
    this.#shownAt = now
    this.#onProgress({
      time: this.#time,
      sent: this.#sent(),
      rows: this.#rows.length,
      rowsPerSecond: Math.round((this.#sent() / (now - this.#began)) * 1_000),
      errors: this.#summary.failed + this.#summary.refused,
      version: liveVersion(this.#endpoint),
      pending: this.#pending,
    })
  }

  #assertSendable(columns: readonly string[]): void {
    const { signature, name } = this.#endpoint
    if (signature === null)
      throw new Failure(`${name} serves no version yet`, {
        next: `Put one on it: mainstay deploy MODEL --endpoint ${name}`,
      })
    const wanted = this.#options.features ?? signature.inputs.map((column) => column.name)
    const known = new Set([...columns, ...Object.keys(this.#options.set ?? {})])
    const absent = wanted.filter((column) => !known.has(column))
    if (absent.length > 0 && !this.#options.onRow) {
      throw usage(
        `the table has no column ${absent.join(', ')}, which ${name} wants`,
        'Make it with --set NAME=EXPRESSION, or name the columns to send with --features.',
      )
    }
  }
}

/** Refusals that differ only in numbers and quoted values are one kind. */
function kindOf(error: string): string {
  return error.replace(/'[^']*'|“[^”]*”|[\d.]+/g, '…').slice(0, 120)
}
