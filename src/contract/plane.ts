import { z } from 'zod'
import { Signature, type Cell } from './signature.ts'

/** What the control process tells a data plane to serve. Higher generations replace lower ones whole. */
export const SnapshotVariant = z.object({
  /** Stable name inside the endpoint, also the prediction log's `variant`: `v3`. */
  name: z.string(),
  model: z.string(),
  version: z.number().int(),
  /** Share of assignment units, 0 to 1; the weights of an endpoint sum to 1. */
  weight: z.number().min(0).max(1),
  role: z.enum(['live', 'canary', 'shadow']),
  /** The ONNX object: the plane reads it from `url` and refuses bytes that do not match `digest`. */
  model_digest: z.string(),
  model_url: z.string(),
  signature: Signature,
  /** Frozen reference columns (JSON of stats/profile ReferenceColumn by column name), or none yet. */
  reference_digest: z.string().nullable(),
  reference_url: z.string().nullable(),
})
export type SnapshotVariant = z.infer<typeof SnapshotVariant>

/** The exact rate-ratio e-process that the plane runs against a rollout's candidate. */
const ErrorTest = z.object({
  rollout: z.string(),
  candidate: z.string(),
  alpha: z.number(),
  /** Evidence that replay already brought; opaque JSON of stats/eprocess. */
  state: z.unknown().optional(),
})
type ErrorTest = z.infer<typeof ErrorTest>

export const SnapshotEndpoint = z.object({
  name: z.string(),
  project: z.string(),
  clock: z.enum(['event', 'arrival']),
  capture: z.enum(['off', 'best_effort', 'required', 'durable']),
  allowed_lateness_ms: z.number().int().nonnegative(),
  /** Rows per second up to which every variant scores every request. */
  pair_below: z.number().nonnegative(),
  /** Rows that may wait; more are refused with 503. */
  queue_rows: z.number().int().positive(),
  deadline_ms: z.number().int().positive(),
  /** Per rollout, so that the same entities are not always the first to be exposed. */
  salt: z.string(),
  variants: z.array(SnapshotVariant),
  error_test: ErrorTest.nullable(),
})
export type SnapshotEndpoint = z.infer<typeof SnapshotEndpoint>

export const Snapshot = z.object({ generation: z.number().int(), endpoints: z.array(SnapshotEndpoint) })
export type Snapshot = z.infer<typeof Snapshot>

/** One captured row, as the spool's reader yields it. */
export interface CapturedRow {
  endpoint: string
  id: string
  requestId: string | null
  /** Milliseconds UTC; null when the caller sent none (then the row is logged, not monitored, on `clock: event`). */
  eventTime: number | null
  arrival: number
  variant: string
  model: string
  version: number
  /** Probability with which this variant was drawn; 1 for shadow rows. */
  propensity: number
  entity: string | null
  kind: 'live' | 'shadow' | 'playground'
  status: 'ok' | 'error'
  error: string | null
  latencyUs: number
  inputs: Record<string, Cell>
  outputs: Record<string, Cell>
}

/** What lies beside a sealed segment `<replica>/<sequence>.rows` as `<sequence>.json`. */
export interface SegmentMeta {
  replica: string
  sequence: number
  rows: number
  bytes: number
  sealedAt: number
  endpoints: SegmentEndpoint[]
}

export interface SegmentEndpoint {
  endpoint: string
  rows: number
  minTime: number
  maxTime: number
  /** Largest event time less the allowed lateness, after this segment; null before the first. */
  watermark: number | null
  notCaptured: number
  /** Requests refused for their shape or values (4xx), which still tell about the feed. */
  refused: SegmentRefusals[]
  profiles: SegmentProfile[]
}

export interface SegmentRefusals {
  /** Start of the hour that they are about, ms UTC; null where their stamp is what was wrong. */
  hour: number | null
  /** Code of the error. */
  reason: string
  requests: number
}

/** Profile of one (version, hour): columns by name, in the JSON form of stats/profile. Exactly the segment's rows. */
export interface SegmentProfile {
  model: string
  version: number
  variant: string
  kind: 'live' | 'shadow'
  /** Start of the event-time hour, ms UTC. */
  hour: number
  rows: number
  errors: number
  columns: Record<string, unknown>
  /** Output columns, the same form. */
  outputs: Record<string, unknown>
}

/** GET /status on the plane's control socket. */
export interface PlaneStatus {
  replica: string
  pid: number
  generation: number
  startedAt: number
  /** False while it starts or drains. */
  isReady: boolean
  /** Sequence of the newest sealed segment, and whether unsealed rows exist. */
  sealed: number
  openRows: number
  notCaptured: number
  /** Prediction log on this disk; `full` at its cap, `failing` when a write failed. Counted in notCaptured. */
  spool: { state: 'ok' | 'full' | 'failing'; bytes: number }
  endpoints: PlaneEndpointStatus[]
  trips: PlaneTrip[]
}

export interface PlaneEndpointStatus {
  endpoint: string
  watermark: number | null
  variants: PlaneVariantStatus[]
  /** Latest state of the error test: its E value as a natural logarithm and the counts it is made of. */
  errorTest: {
    rollout: string
    candidate: string
    logE: number
    candidateErrors: number
    candidateRows: number
    championErrors: number
    championRows: number
    tripped: boolean
    state: unknown
  } | null
}

export interface PlaneVariantStatus {
  variant: string
  version: number
  weight: number
  loaded: 'inline' | 'worker' | 'failed'
  error: string | null
  requests: number
  rows: number
  errors: number
  clientErrors: number
  /** Milliseconds over the newest ~10,000 requests; null before the first. */
  p50: number | null
  p99: number | null
  /** Fixed log-spaced latency counts (µs, 8 per doubling from 1 µs), cumulative, for tests of quantiles. */
  latencyCounts: number[]
}

/** The plane took a variant out of traffic by itself; it outranks snapshots older than `generation`. */
export interface PlaneTrip {
  endpoint: string
  rollout: string
  variant: string
  version: number
  at: number
  eventTime: number | null
  generation: number
  logE: number
  candidateErrors: number
  candidateRows: number
  /** Rows of callers that got an error from this variant (not shadow or replay rows). */
  hurtRows: number
  lastError: string
}

/** What the one-shot scorer is asked: a process of its own that loads a model nobody vetted, and scores rows with it. */
export const ScorerJob = z.object({
  model_url: z.string(),
  model_digest: z.string(),
  /** Null: one is derived from the graph. */
  signature: Signature.nullable(),
  /** What a derived one calls the columns of a graph with a single input. */
  columns: z.array(z.string()).optional(),
  /** NDJSON, one object of column → cell per line; null to only load and describe. */
  rows_file: z.string().nullable(),
  /** Milliseconds from the start after which the process kills itself. */
  deadline_ms: z.number().positive(),
})
export type ScorerJob = z.infer<typeof ScorerJob>
