import type {
  PlaneEndpointStatus,
  PlaneVariantStatus,
  SnapshotEndpoint,
  SnapshotVariant,
} from '../../contract/plane.ts'
import { pickVariant, stickyBucket } from '../../stats/assignment.ts'
import { makeResponseHead, type ResponseHead } from '../compat/oip/infer-response.ts'
import { compileLayout, type Layout } from '../compat/oip/layout.ts'
import { prepareSchema, type PreparedSchema } from '../platform/spool/writer.ts'
import type { ErrorTest } from './error-test.ts'
import { LatencyHistogram } from './histogram.ts'
import type { ProfileSubject, References } from './profiles.ts'
import { RepeatIndex } from './repeats.ts'
import type { Lane } from './runtime/lane.ts'

/** Counters of one version at one endpoint; they outlive snapshots. */
export class VariantCounters {
  requests = 0
  rows = 0
  errors = 0
  clientErrors = 0
  shadowRows = 0
  shadowErrors = 0
  shadowDropped = 0
  readonly latency = new LatencyHistogram()
}

/** One variant of one snapshot with its loaded model. */
export class Variant {
  readonly spec: SnapshotVariant
  readonly layout: Layout
  readonly lane: Lane | null
  /** Why there is no lane. */
  readonly error: string | null
  readonly head: ResponseHead
  readonly outputRanks: number[]
  readonly counters: VariantCounters
  readonly schema: PreparedSchema
  readonly subject: ProfileSubject
  /** Share after trips and failed loads; shares of an endpoint sum to 1 or all are 0. */
  weight = 0

  constructor(endpoint: SnapshotEndpoint, spec: SnapshotVariant, loaded: LoadedVariant, counters: VariantCounters) {
    this.spec = spec
    this.layout = loaded.layout
    this.lane = loaded.lane
    this.error = loaded.error
    this.outputRanks = loaded.lane?.model.measured?.outputRanks ?? []
    this.counters = counters
    this.head = makeResponseHead(endpoint.name, spec.version, spec.name, this.layout, this.outputRanks)
    const { inputs, outputs } = spec.signature
    this.subject = {
      model: spec.model,
      version: spec.version,
      variant: spec.name,
      inputs,
      outputs,
      references: loaded.references,
    }
    this.schema = prepareSchema({
      endpoint: endpoint.name,
      variant: spec.name,
      model: spec.model,
      version: spec.version,
      inputs,
      outputs,
      clock: endpoint.clock,
      allowedLatenessMs: endpoint.allowed_lateness_ms,
      referenceUrl: spec.reference_url,
      referenceDigest: spec.reference_digest,
    })
  }

  get isLoaded(): boolean {
    return this.lane !== null && this.lane.model.isReady
  }

  toStatus(): PlaneVariantStatus {
    const { requests, rows, errors, clientErrors, latency } = this.counters
    const [p50 = null, p99 = null] = latency.quantiles(0.5, 0.99)
    return {
      variant: this.spec.name,
      version: this.spec.version,
      weight: this.weight,
      loaded: this.lane ? this.lane.model.kind : 'failed',
      error: this.error,
      requests,
      rows,
      errors,
      clientErrors,
      p50,
      p99,
      latencyCounts: latency.cumulative(),
    }
  }
}

export interface LoadedVariant {
  layout: Layout
  lane: Lane | null
  error: string | null
  references: References | null
}

/** What an endpoint knows across snapshots. */
export class EndpointState {
  readonly repeats = new RepeatIndex()
  readonly counters = new Map<string, VariantCounters>()
  /** Largest event time of a live row (arrival, where that is the clock); -Infinity before the first. */
  maxTime = -Infinity
  test: ErrorTest | null = null
  #rate = 0
  #rateAt = 0

  countersOf(spec: SnapshotVariant): VariantCounters {
    const key = `${spec.name}\u0000${spec.version}`
    let counters = this.counters.get(key)
    if (!counters) this.counters.set(key, (counters = new VariantCounters()))
    return counters
  }

  /** Rows per second, exponentially weighted over 10 s, after these rows. */
  noteRows(rows: number, now: number): number {
    const elapsed = Math.max(0, now - this.#rateAt) / 1000
    this.#rateAt = now
    this.#rate = this.#rate * Math.exp(-elapsed / 10) + rows / 10
    return this.#rate
  }
}

export interface Assignment {
  variant: Variant
  propensity: number
}

/** An endpoint of the snapshot being served. */
export class Endpoint {
  readonly spec: SnapshotEndpoint
  readonly variants: Variant[]
  readonly state: EndpointState
  readonly isTripped: (variant: string) => boolean
  /** Traffic is slow enough that every variant scores every request. */
  isPairing = true
  #weights: number[] = []

  constructor(
    spec: SnapshotEndpoint,
    variants: Variant[],
    state: EndpointState,
    isTripped: (variant: string) => boolean,
  ) {
    this.spec = spec
    this.variants = variants
    this.state = state
    this.isTripped = isTripped
    this.reweigh()
  }

  get name(): string {
    return this.spec.name
  }

  /** Takes tripped and unloadable variants out of traffic and gives their share to the others. */
  reweigh(): void {
    const raw = this.variants.map(({ spec, lane }) =>
      spec.role === 'shadow' || !lane || this.isTripped(spec.name) ? 0 : spec.weight,
    )
    let sum = raw.reduce((a, b) => a + b, 0)
    if (sum === 0) {
      const fallback = this.variants.findIndex((v) => v.lane && v.spec.role === 'live' && !this.isTripped(v.spec.name))
      if (fallback >= 0) raw[fallback] = sum = 1
    }
    this.#weights = raw.map((weight) => (sum > 0 ? weight / sum : 0))
    for (const [i, variant] of this.variants.entries()) variant.weight = this.#weights[i] ?? 0
  }

  /** The unit is the entity, and stays with its variant; without one it is the request. */
  assign(entity: string | null): Assignment | undefined {
    const bucket =
      this.variants.length === 1 ? 0 : entity === null ? Math.random() : stickyBucket(this.spec.salt, entity)
    const at = pickVariant(this.#weights, bucket)
    const variant = at === undefined ? undefined : this.variants[at]
    return variant && { variant, propensity: variant.weight }
  }

  get isReady(): boolean {
    return this.variants.some((variant) => variant.weight > 0 && variant.isLoaded)
  }

  /** The variant whose traffic answers for the endpoint's shape: the live one with the most weight. */
  get main(): Variant | undefined {
    return this.variants.reduce<Variant | undefined>(
      (best, v) => (v.lane && (!best || v.weight > best.weight) ? v : best),
      undefined,
    )
  }

  get candidate(): Variant | undefined {
    return this.spec.error_test ? this.variants.find((v) => v.spec.name === this.spec.error_test?.candidate) : undefined
  }

  /** The running test, if this snapshot's rollout is the one it is about; a late answer is no evidence for the next. */
  get test(): ErrorTest | null {
    const { test } = this.state
    const wanted = this.spec.error_test
    return test && test.rollout === wanted?.rollout && test.candidate === wanted.candidate ? test : null
  }

  /** Whom the candidate is compared with. */
  get champion(): Variant | undefined {
    const candidate = this.candidate
    const others = this.variants.filter((v) => v !== candidate && v.spec.role === 'live')
    return others.reduce<Variant | undefined>(
      (best, v) => (!best || v.spec.weight > best.spec.weight ? v : best),
      undefined,
    )
  }

  get watermark(): number | null {
    const { maxTime } = this.state
    return maxTime === -Infinity ? null : maxTime - this.spec.allowed_lateness_ms
  }

  queuedRows(): number {
    let rows = 0
    for (const variant of this.variants) rows += variant.lane?.queuedRows ?? 0
    return rows
  }

  toStatus(): PlaneEndpointStatus {
    const { test } = this
    return {
      endpoint: this.name,
      watermark: this.watermark,
      variants: this.variants.map((variant) => variant.toStatus()),
      errorTest: test ? test.toStatus(this.isTripped(test.candidate)) : null,
    }
  }
}

export const layoutOf = (spec: SnapshotVariant): Layout => compileLayout(spec.signature)
