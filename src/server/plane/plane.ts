import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Snapshot, type PlaneStatus, type SnapshotEndpoint, type SnapshotVariant } from '../../contract/plane.ts'
import type { Logger } from '../platform/log.ts'
import { replaceFile } from '../platform/spool/files.ts'
import { SpoolWriter } from '../platform/spool/writer.ts'
import { Capture } from './capture.ts'
import type { PlaneConfig } from './config.ts'
import { Endpoint, EndpointState, Variant, layoutOf, type LoadedVariant } from './endpoint.ts'
import { ErrorTest, type ErrorTestRecord } from './error-test.ts'
import { readKept } from './kept-file.ts'
import { makeIdSource } from './made-ids.ts'
import { readObject, readReferences, type Places } from './objects.ts'
import { makeOutcomes } from './outcomes.ts'
import type { References } from './profiles.ts'
import { Lane } from './runtime/lane.ts'
import type { Measured } from './runtime/measure.ts'
import { loadModel } from './runtime/models.ts'
import { Trips, type TripName } from './trips.ts'
import { Turn } from './turn.ts'

export interface SnapshotAnswer {
  generation: number
  variants: { endpoint: string; variant: string; loaded: 'inline' | 'worker' | 'failed'; error: string | null }[]
}

interface KeptState {
  maxTimes: Record<string, number>
  tests: Record<string, ErrorTestRecord>
  /** Of models that stay on the event loop, by digest. */
  measured: Record<string, Measured>
}

/** Everything the data plane holds: the endpoints of the newest snapshot, the log, and what it decided by itself. */
export class Plane {
  readonly replica: string
  readonly capture: Capture
  readonly turn: Turn
  readonly trips: Trips
  readonly makeId = makeIdSource()
  readonly startedAt = Date.now()
  endpoints = new Map<string, Endpoint>()
  generation = 0
  /** Between its start and its drain. */
  isOpen = false
  #lacksSnapshot = false
  readonly #log: Logger
  readonly #home: string
  readonly #folder: string
  readonly #states = new Map<string, EndpointState>()
  #lanes = new Map<string, Lane>()
  #applying: Promise<unknown> = Promise.resolve()
  #kept: KeptState = { maxTimes: {}, tests: {}, measured: {} }

  constructor(config: PlaneConfig, log: Logger) {
    this.replica = config.replica
    this.#log = log
    this.#home = config.home
    this.#folder = join(config.home, 'plane', config.replica)
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const spool = new SpoolWriter({
      folder: spoolFolder(config),
      capBytes: config.spoolCapBytes,
      segmentBytes: config.segmentBytes,
    })
    this.capture = new Capture(spool, config.replica, config.segmentMs, log)
    this.capture.watermarkOf = (name) => this.endpoints.get(name)?.watermark ?? null
    this.trips = new Trips(this.#folder, log)
    const outcomes = makeOutcomes({
      trips: this.trips,
      log,
      generation: () => this.generation,
      current: (name) => this.endpoints.get(name),
      settled: (job) => this.turn.settled(job),
    })
    this.turn = new Turn(this.capture, outcomes)
    const kept = readKept(join(this.#folder, 'state.json'), (json) => json as Partial<KeptState>, log)
    this.#kept = { ...this.#kept, ...kept }
  }

  /** Not without a snapshot where there was one: a client that hears 404 would not come back. */
  get isReady(): boolean {
    return this.isOpen && !this.#lacksSnapshot
  }

  get places(): Places {
    return { home: this.#home, cache: join(this.#folder, 'objects') }
  }

  /** Serves what was served before, without asking anybody; if that cannot be read, what control sends next. */
  async restore(): Promise<void> {
    const path = join(this.#folder, 'snapshot.json')
    const isFresh = !existsSync(path)
    const snapshot = readKept(path, (json) => Snapshot.parse(json), this.#log)
    if (snapshot) await this.apply(snapshot, false)
    else this.#lacksSnapshot = !isFresh && this.generation === 0
  }

  /** One snapshot at a time; an older or equal generation changes nothing and is answered with what is served. */
  apply(snapshot: Snapshot, isNew = true): Promise<SnapshotAnswer> {
    const applied = this.#applying.then(() => this.#apply(snapshot, isNew))
    this.#applying = applied.catch(() => {})
    return applied
  }

  async #apply(snapshot: Snapshot, isNew: boolean): Promise<SnapshotAnswer> {
    if (isNew && snapshot.generation <= this.generation) return this.#answer()
    const lanes = new Map<string, Lane>()
    const endpoints = new Map<string, Endpoint>()
    for (const spec of snapshot.endpoints) {
      endpoints.set(spec.name, await this.#build(spec, snapshot.generation, lanes))
    }
    if (isNew) await replaceFile(join(this.#folder, 'snapshot.json'), JSON.stringify(snapshot))
    this.#flip(snapshot.generation, endpoints, lanes)
    return this.#answer()
  }

  /** From this line on requests see the new snapshot; old models go when their last request has its answer. */
  #flip(generation: number, endpoints: Map<string, Endpoint>, lanes: Map<string, Lane>): void {
    const retired = [...this.#lanes].filter(([key]) => !lanes.has(key))
    this.#lanes = lanes
    this.endpoints = endpoints
    this.generation = generation
    this.#lacksSnapshot = false
    for (const endpoint of endpoints.values()) {
      this.#startTest(endpoint)
      endpoint.reweigh()
    }
    for (const [, lane] of retired) lane.retire()
    for (const name of this.#states.keys()) if (!endpoints.has(name)) this.#states.delete(name)
    this.trips.prune(generation)
    this.#log.info({ generation, endpoints: endpoints.size }, 'snapshot served')
  }

  async #build(spec: SnapshotEndpoint, generation: number, lanes: Map<string, Lane>): Promise<Endpoint> {
    const state = this.#stateOf(spec.name)
    const variants: Variant[] = []
    for (const variant of spec.variants) {
      const loaded = await this.#load(spec, variant, lanes)
      variants.push(new Variant(spec, variant, loaded, state.countersOf(variant)))
    }
    const rollout = spec.error_test?.rollout
    const isTripped = (variant: string) =>
      rollout !== undefined && this.trips.holds({ endpoint: spec.name, rollout, variant }, generation)
    return new Endpoint(spec, variants, state, isTripped)
  }

  async #load(endpoint: SnapshotEndpoint, spec: SnapshotVariant, lanes: Map<string, Lane>): Promise<LoadedVariant> {
    const key = JSON.stringify([endpoint.name, spec.name, spec.version, spec.model_digest, spec.signature])
    const layout = layoutOf(spec)
    try {
      const references = await this.#references(spec)
      let lane = this.#lanes.get(key)
      if (!lane) {
        const bytes = await readObject(spec.model_url, spec.model_digest, this.places)
        const model = await loadModel(bytes, spec.signature, layout, this.#kept.measured[spec.model_digest])
        if (model.kind === 'inline') this.#kept.measured[spec.model_digest] = model.measured
        this.#log.info(
          { endpoint: endpoint.name, variant: spec.name, loaded: model.kind, ...model.measured },
          'model loaded',
        )
        const made: Lane = new Lane(model, () => this.turn.pumpLater(made))
        lane = made
      }
      lanes.set(key, lane)
      return { layout, lane, error: null, references }
    } catch (error) {
      this.#log.warn({ err: error, endpoint: endpoint.name, variant: spec.name }, 'the model could not be loaded')
      return { layout, lane: null, error: (error as Error).message, references: null }
    }
  }

  /** Without its reference a model still serves; its rows are logged and have no histograms. */
  async #references(spec: SnapshotVariant): Promise<References | null> {
    try {
      return await readReferences(spec.reference_url, spec.reference_digest, this.places)
    } catch (error) {
      this.#log.warn({ err: error, variant: spec.name }, 'the reference profile could not be read')
      return null
    }
  }

  #stateOf(name: string): EndpointState {
    let state = this.#states.get(name)
    if (!state) {
      this.#states.set(name, (state = new EndpointState()))
      state.maxTime = this.#kept.maxTimes[name] ?? -Infinity
    }
    return state
  }

  /** A test goes on over snapshots and restarts of the plane for as long as its rollout lasts. */
  #startTest(endpoint: Endpoint): void {
    const { error_test: wanted } = endpoint.spec
    const { state } = endpoint
    if (!wanted) {
      state.test = null
      return
    }
    if (state.test?.rollout !== wanted.rollout || state.test.candidate !== wanted.candidate) {
      state.test = new ErrorTest(wanted.rollout, wanted.candidate, wanted.alpha, wanted.state)
      const kept = this.#kept.tests[endpoint.name]
      if (kept?.rollout === wanted.rollout && kept.candidate === wanted.candidate) state.test.restore(kept)
    }
    state.test.alpha = wanted.alpha
  }

  #answer(): SnapshotAnswer {
    const variants = [...this.endpoints.values()].flatMap((endpoint) =>
      endpoint.variants.map((variant) => ({
        endpoint: endpoint.name,
        variant: variant.spec.name,
        loaded: variant.toStatus().loaded,
        error: variant.error,
      })),
    )
    return { generation: this.generation, variants }
  }

  acknowledgeTrips(names: TripName[]): number {
    return this.trips.acknowledge(names, this.generation)
  }

  /** Seals the open segment and notes what a restart should know. */
  async flush(): Promise<PlaneStatus> {
    await this.capture.seal()
    await this.keep()
    return this.status()
  }

  /** A recovered segment knows later times than what was last kept. */
  noteRecovered(maxTimes: Map<string, number>): void {
    for (const [name, time] of maxTimes)
      this.#kept.maxTimes[name] = Math.max(time, this.#kept.maxTimes[name] ?? -Infinity)
  }

  async keep(): Promise<void> {
    const kept: KeptState = { maxTimes: {}, tests: {}, measured: {} }
    for (const { variants } of this.endpoints.values()) {
      for (const { lane, spec } of variants)
        if (lane?.model.kind === 'inline') kept.measured[spec.model_digest] = lane.model.measured
    }
    this.#kept.measured = kept.measured
    for (const [name, state] of this.#states) {
      if (state.maxTime !== -Infinity) kept.maxTimes[name] = state.maxTime
      if (state.test) kept.tests[name] = state.test.toRecord()
    }
    await replaceFile(join(this.#folder, 'state.json'), JSON.stringify(kept))
  }

  /** No request is waiting for a model or the disk. */
  get isIdle(): boolean {
    return this.turn.waitingForDisk === 0 && [...this.#lanes.values()].every((lane) => lane.isIdle)
  }

  status(): PlaneStatus {
    const { capture } = this
    return {
      replica: this.replica,
      pid: process.pid,
      generation: this.generation,
      startedAt: this.startedAt,
      isReady: this.isReady,
      sealed: capture.spool.sealed,
      openRows: capture.openRows,
      notCaptured: capture.notCaptured,
      spool: { state: capture.spool.state, bytes: capture.spool.usedBytes },
      endpoints: [...this.endpoints.values()].map((endpoint) => endpoint.toStatus()),
      trips: this.trips.open(),
    }
  }
}

export const spoolFolder = (config: PlaneConfig): string => join(config.home, 'spool', config.replica)
