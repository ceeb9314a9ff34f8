import { createServer, type Server } from 'node:http'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { PlaneStatus, PlaneTrip, SegmentMeta, Snapshot } from '../contract/plane.ts'
import type { MonitorSpec } from '../contract/monitoring.ts'
import type { Cell, Signature } from '../contract/signature.ts'
import { EndpointSpec, putLabels } from '../contract/serving.ts'
import type { z } from 'zod'
import { MonitorSpec as MonitorShape } from '../contract/monitoring.ts'
import { registerVersion, getVersion } from '../contract/registry.ts'
import { putArtifact } from '../server/modules/artifacts/module.ts'
import { createLoggedModel, createRun, finalizeLoggedModel, logBatch } from '../server/modules/experiments/module.ts'
import { saveMonitor } from '../server/modules/monitoring/module.ts'
import { ensureReference, findServable, saveEndpoint } from '../server/modules/serving/module.ts'
import { hasSealed } from '../server/modules/serving/spool.ts'
import { SegmentProfiles, cellReader, type ProfileSubject, type References } from '../server/plane/profiles.ts'
import { Analytics } from '../server/platform/analytics/analytics.ts'
import { newestEventId } from '../server/platform/events/outbox.ts'
import type { RowFields } from '../server/platform/spool/encode.ts'
import { SpoolWriter, prepareSchema, type PreparedSchema } from '../server/platform/spool/writer.ts'
import type { Stack } from './stack.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

export async function until<T>(
  read: () => Promise<T>,
  done: (value: T) => boolean,
  what = 'what was awaited',
): Promise<T> {
  const end = Date.now() + 60_000
  for (;;) {
    const value = await read()
    if (done(value)) return value
    if (Date.now() > end) throw new Error(`${what} did not come: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Everything that was captured is ingested, every fact delivered and every due job done. */
export async function quiet(stack: Stack): Promise<void> {
  const { ctx, control, home } = stack
  await until(
    async () => {
      const busy = await ctx.db
        .selectFrom('job')
        .select(['kind', 'state', 'error'])
        .where('state', 'in', ['ready', 'running'])
        .execute()
      // Asking costs the server what it needs for the work itself: the rest is asked once no job is left.
      if (busy.length > 0 || (await hasSealed(home))) return { busy, isAtRest: false }
      const before = await newestEventId(ctx.db)
      const isDelivered = await control.dispatcher.isIdle()
      const jobs = await ctx.db.selectFrom('job').select('id').where('state', 'in', ['ready', 'running']).execute()
      const isSame = before === (await newestEventId(ctx.db))
      return { busy, isAtRest: isDelivered && isSame && jobs.length === 0 }
    },
    ({ isAtRest }) => isAtRest,
    'rest',
  )
}

const analytics = new WeakMap<Stack, Analytics>()

/** One per stack; the process ends by itself when it is idle. */
function analyticsOf(stack: Stack): Analytics {
  const known = analytics.get(stack) ?? new Analytics(stack.ctx.log, stack.home)
  analytics.set(stack, known)
  return known
}

export interface VersionInput {
  model: string
  signature: Signature
  onnx: Buffer
  /** Text of mainstay/reference.csv; none without. */
  reference?: string
  metrics?: Record<string, number>
}

/** Registers a version as a training run does, with its ONNX form given instead of exported. */
export async function aVersion(stack: Stack, input: VersionInput): Promise<number> {
  const { ctx } = stack
  const run = await createRun(ctx, { experimentId: '0' })
  if (input.metrics) {
    const metrics = Object.entries(input.metrics).map(([key, value]) => ({ key, value, timestamp: 0, step: 0 }))
    await logBatch(ctx, run.run_id, { metrics, params: [], tags: [] })
  }
  if (input.reference !== undefined) {
    await putArtifact(ctx, `run:${run.run_id}`, 'mainstay/reference.csv', Readable.from([Buffer.from(input.reference)]))
  }
  const logged = await createLoggedModel(ctx, {
    experimentId: '0',
    name: input.model,
    sourceRunId: run.run_id,
    params: [],
    tags: [],
  })
  await putArtifact(ctx, `model:${logged.model_id}`, 'MLmodel', Readable.from([Buffer.from(`# ${logged.model_id}`)]))
  const { tree } = await finalizeLoggedModel(ctx, logged.model_id, 'READY')
  const made = await stack.call(registerVersion, { name: input.model, logged_model: logged.model_id })
  await until(
    () => stack.call(getVersion, { name: input.model, version: made.version }),
    (version) => version.status === 'READY',
    'the version',
  )
  const { digest } = await ctx.blobs.putBytes(input.onnx)
  await ctx.db
    .updateTable('model_export')
    .set({ state: 'ready', onnx: digest, signature: JSON.stringify(input.signature), reason: null })
    .where('tree', '=', tree ?? '')
    .execute()
  if (input.reference !== undefined)
    await ensureReference(ctx, { home: stack.home, analytics: analyticsOf(stack) }, input.model, made.version)
  return made.version
}

export async function anEndpoint(
  stack: Stack,
  name: string,
  spec: z.input<typeof EndpointSpec>,
  monitor?: z.input<typeof MonitorShape>,
): Promise<void> {
  await stack.ctx.tx(async (ctx) => {
    await saveEndpoint(ctx, name, EndpointSpec.parse(spec))
    if (monitor) await saveMonitor(ctx, name, MonitorShape.parse(monitor) satisfies MonitorSpec)
  })
}

export interface FeedRow {
  id: string
  /** Event time; null for a row that carries none. */
  at: number | null
  arrival?: number
  requestId?: string
  entity?: string
  /** The chance with which the first answer's version was drawn; 1 where nothing was drawn. */
  propensity?: number
  inputs: Record<string, Cell>
  /** What each version answered; the first is whom the caller heard (a Map where that is not the lowest). An Error is a model error. */
  answers: Record<number, Answer> | ReadonlyMap<number, Answer>
}

export type Answer = Cell | Record<string, Cell> | Error

interface Known {
  prepared: PreparedSchema
  subject: ProfileSubject
  signature: Signature
}

/** Writes segments as a data plane does: rows by the spool's writer, the seal with the rows' own profiles. */
export class Feed {
  readonly stack: Stack
  readonly endpoint: string
  readonly model: string
  readonly clock: 'event' | 'arrival'
  readonly #writer: SpoolWriter
  readonly #replica: string
  readonly #versions = new Map<number, Known>()
  watermark: number | null = null

  constructor(
    stack: Stack,
    options: { endpoint: string; model: string; clock?: 'event' | 'arrival'; replica?: string },
  ) {
    this.stack = stack
    this.endpoint = options.endpoint
    this.model = options.model
    this.clock = options.clock ?? 'event'
    this.#replica = options.replica ?? options.endpoint
    this.#writer = new SpoolWriter({
      folder: join(stack.home, 'spool', this.#replica),
      capBytes: 1e9,
      segmentBytes: 1e9,
    })
  }

  async #version(version: number): Promise<Known> {
    const known = this.#versions.get(version)
    if (known) return known
    const { ctx } = this.stack
    const servable = await findServable(ctx, this.model, version)
    if (!servable) throw new Error(`version ${version} cannot be served`)
    const { signature, referenceDigest } = servable
    const references =
      referenceDigest === null ? null : (JSON.parse((await ctx.blobs.read(referenceDigest)).toString()) as References)
    const { inputs, outputs } = signature
    const prepared = prepareSchema({
      endpoint: this.endpoint,
      variant: `v${version}`,
      model: this.model,
      version,
      inputs,
      outputs,
      clock: this.clock,
      allowedLatenessMs: 0,
      referenceUrl: null,
      referenceDigest,
    })
    const made = {
      prepared,
      signature,
      subject: { model: this.model, version, variant: `v${version}`, inputs, outputs, references },
    }
    this.#versions.set(version, made)
    return made
  }

  /** One sealed segment; `more` says what did not become rows. */
  async write(
    rows: readonly FeedRow[],
    more: { refused?: number; refusedAt?: number; notCaptured?: number; watermark?: number; keep?: boolean } = {},
  ): Promise<SegmentMeta> {
    const profiles = new SegmentProfiles()
    let [minTime, maxTime, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
    this.#writer.open()
    for (const row of rows) {
      const arrival = row.arrival ?? row.at ?? 0
      const answers =
        row.answers instanceof Map
          ? [...(row.answers as ReadonlyMap<number, Answer>)]
          : Object.entries(row.answers as Record<number, Answer>)
      for (const [i, [version, answer]] of answers.entries()) {
        const known = await this.#version(Number(version))
        const kind = i === 0 ? 'live' : 'shadow'
        const isError = answer instanceof Error
        const first = known.signature.outputs[0]?.name ?? 'y'
        const outputs: Record<string, Cell> = isError
          ? {}
          : typeof answer === 'object' && answer !== null
            ? answer
            : { [first]: answer }
        this.#writer.add(
          known.prepared,
          fields(known.signature, row, outputs, {
            kind: i === 0 ? 0 : 1,
            arrival,
            error: isError ? answer.message : null,
          }),
        )
        const time = this.clock === 'event' ? row.at : arrival
        if (time !== null)
          profiles.add(
            known.subject,
            kind,
            time,
            isError,
            cellReader(known.signature.inputs, row.inputs),
            cellReader(known.signature.outputs, outputs),
          )
        count += 1
        minTime = Math.min(minTime, row.at ?? arrival)
        maxTime = Math.max(maxTime, row.at ?? arrival)
        if (kind === 'live' && time !== null) this.watermark = Math.max(this.watermark ?? time, time)
      }
    }
    if (rows.length > 0 && !this.#writer.commit()) throw new Error('the spool took no rows')
    if (more.watermark !== undefined) this.watermark = more.watermark
    const closed = this.#writer.closeSegment()
    if (!closed) throw new Error('no segment is open')
    const { refused: requests, refusedAt: hour = null } = more
    const refused = requests === undefined ? [] : [{ hour, reason: 'serving.invalid_input', requests }]
    const endpoint = {
      endpoint: this.endpoint,
      rows: count,
      minTime: count ? minTime : 0,
      maxTime: count ? maxTime : 0,
      watermark: this.watermark,
      notCaptured: more.notCaptured ?? 0,
      refused,
      profiles: profiles.toMeta(),
    }
    const meta = {
      replica: this.#replica,
      sequence: closed.sequence,
      rows: count,
      bytes: closed.bytes,
      sealedAt: Date.now(),
      endpoints: [endpoint],
    }
    await this.#writer.seal(closed, meta)
    if (more.keep !== true) await this.ingest()
    return meta
  }

  /** Captures days, and then their labels come. */
  async days(from: number, days: number, plan: DayPlan = {}, labels: 'all' | 'none' = 'all'): Promise<void> {
    const rows = hourlyRows(from, days, plan)
    await this.write(rows)
    if (labels === 'none') return
    await this.stack.call(putLabels, { name: this.endpoint, labels: rows.map(({ id }) => ({ id, value: 100 })) })
    await quiet(this.stack)
  }

  async ingest(): Promise<void> {
    await this.stack.ctx.tx((ctx) => ctx.enqueue({ kind: 'serving.ingest', key: 'spool', lane: 'capture' }))
    await quiet(this.stack)
  }
}

function fields(
  signature: Signature,
  row: FeedRow,
  outputs: Record<string, Cell>,
  more: { kind: number; arrival: number; error: string | null },
): RowFields {
  const sideOf = (columns: Signature['inputs'], cells: Record<string, Cell>) => ({
    num: columns.flatMap(({ name, kind }) =>
      kind === 'string' ? [] : [cells[name] === null || cells[name] === undefined ? Number.NaN : Number(cells[name])],
    ),
    str: columns.flatMap(({ name, kind }) =>
      kind === 'string' ? [(cells[name] as string | null | undefined) ?? null] : [],
    ),
  })
  return {
    id: row.id,
    requestId: row.requestId ?? row.id,
    eventTime: row.at ?? Number.NaN,
    arrival: more.arrival,
    propensity: more.kind === 0 ? (row.propensity ?? 1) : 1,
    entity: row.entity ?? null,
    kind: more.kind,
    isError: more.error !== null,
    error: more.error,
    latencyUs: 100,
    inputs: sideOf(signature.inputs, row.inputs),
    inputRow: 0,
    outputs: sideOf(signature.outputs, outputs),
    outputRow: 0,
  }
}

/** A data plane's control socket without a plane behind it: it takes snapshots, answers its status and remembers. */
export class PlaneStub implements AsyncDisposable {
  readonly status: PlaneStatus
  readonly snapshots: Snapshot[] = []
  readonly acknowledged: unknown[] = []
  flushes = 0
  readonly #server: Server

  private constructor() {
    this.status = {
      replica: 'stub',
      pid: 1,
      generation: 0,
      startedAt: 0,
      isReady: true,
      sealed: 0,
      openRows: 0,
      notCaptured: 0,
      spool: { state: 'ok', bytes: 0 },
      endpoints: [],
      trips: [],
    }
    this.#server = createServer((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        const body: unknown = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())
        res.end(JSON.stringify(this.#answer(`${req.method} ${req.url}`, body)))
      })
    })
  }

  static async start(home: string): Promise<PlaneStub> {
    const stub = new PlaneStub()
    await mkdir(join(home, 'run'), { recursive: true })
    await new Promise<void>((resolve) => stub.#server.listen(join(home, 'run', 'plane-stub.sock'), resolve))
    return stub
  }

  #answer(route: string, body: unknown): unknown {
    if (route === 'PUT /snapshot') {
      const snapshot = body as Snapshot
      this.snapshots.push(snapshot)
      this.status.generation = snapshot.generation
      return { generation: snapshot.generation, variants: [] }
    }
    if (route === 'POST /trips/ack') {
      this.acknowledged.push(body)
      this.status.trips.length = 0
      return {}
    }
    if (route === 'POST /flush') this.flushes += 1
    return this.status
  }

  trip(trip: PlaneTrip): void {
    this.status.trips.push(trip)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

export const hourlySignature: Signature = {
  inputs: [
    { name: 'x', kind: 'float', missing: true },
    { name: 'site', kind: 'string', missing: true },
  ],
  outputs: [{ name: 'y', kind: 'float', missing: false }],
  onnx: { inputs: [], outputs: [] },
}

const sites = ['north', 'south', 'east']
const xOf = (hour: number): number => ((hour * 37) % 101) / 2

/** Eight weeks of hourly rows as the training run saw them. */
export function hourlyReference(): string {
  const rows = Array.from({ length: 56 * 24 }, (_, hour) => `${xOf(hour)},${sites[hour % 3]}`)
  return ['x,site', ...rows].join('\n')
}

export interface DayPlan {
  /** Share by which each answer misses its label, of either sign in turn. */
  error?: number
  /** The same for other versions, which see every row in shadow. */
  shadows?: Record<number, number>
  inputs?(hour: number, usual: { x: number; site: string }): Record<string, Cell>
  fails?(hour: number): boolean
  /** Whom the row is about; nobody is named without. */
  entity?(hour: number): string
  version?: number
  /** Who answers in an hour, if not always `version`; the others see the row in shadow. */
  live?(hour: number): number
  /** The chance with which that version was drawn. */
  propensity?(version: number): number
}

/** Rows of whole days, 24 a day, whose label is always 100. */
export function hourlyRows(from: number, days: number, plan: DayPlan = {}): FeedRow[] {
  return Array.from({ length: days * 24 }, (_, i) => {
    const at = from + i * hourMs
    const hour = at / hourMs
    const usual = { x: xOf(hour), site: sites[hour % 3] ?? 'north' }
    // Days differ a little, as they do.
    const wobble = 1 + 0.1 * Math.sin(Math.floor(at / dayMs) * 12.9898)
    const answer = (error: number): number => 100 * (1 + (hour % 2 === 0 ? 1 : -1) * error * wobble)
    const main = plan.version ?? 1
    const fails = plan.fails?.(hour) === true
    const all = new Map<number, Answer>([[main, fails ? new Error('the model broke') : answer(plan.error ?? 0.1)]])
    for (const [version, error] of Object.entries(plan.shadows ?? {})) all.set(Number(version), answer(error))
    const live = plan.live?.(hour) ?? main
    const answers = new Map([[live, all.get(live) ?? null] as const, ...all])
    const propensity = plan.propensity?.(live) ?? 1
    const row = { id: `h${hour}`, at, propensity, inputs: plan.inputs?.(hour, usual) ?? usual, answers }
    return plan.entity ? { ...row, entity: plan.entity(hour) } : row
  })
}
