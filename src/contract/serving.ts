import { z } from 'zod'
import { Duration } from './duration.ts'
import { endpoint, streamEndpoint } from './endpoint.ts'
import { Signature } from './signature.ts'

export const Capture = z.enum(['off', 'best_effort', 'required', 'durable'])
export const VariantRole = z.enum(['live', 'canary', 'shadow'])

/** How an endpoint serves; everything has a default. */
export const EndpointSpec = z.strictObject({
  clock: z.enum(['event', 'arrival']).default('arrival'),
  capture: Capture.default('best_effort'),
  allowed_lateness: Duration.default('0s'),
  pair_below: z.number().nonnegative().default(10),
  queue_rows: z.number().int().positive().default(10_000),
  deadline: Duration.default('10s'),
  rollout: z
    .strictObject({
      steps: z.array(z.number().min(1).max(100)).default([10, 50, 100]),
      shadow: z.boolean().default(true),
      replay: z.number().int().nonnegative().default(336),
      margin: z.number().positive().default(0.05),
      max_duration: Duration.default('28d'),
    })
    .prefault({}),
})
export type EndpointSpec = z.infer<typeof EndpointSpec>

export const Variant = z.object({
  name: z.string(),
  model: z.string(),
  version: z.number().int(),
  weight: z.number(),
  role: VariantRole,
  loaded: z.enum(['inline', 'worker', 'failed', 'unknown']),
  error: z.string().nullable(),
  /** Since the plane started; null while no plane answers. */
  requests: z.number().nullable(),
  errors: z.number().nullable(),
  p50: z.number().nullable(),
  p99: z.number().nullable(),
})
export type Variant = z.infer<typeof Variant>

export const ServedEndpoint = z.object({
  name: z.string(),
  spec: EndpointSpec,
  state: z.enum(['serving', 'empty', 'unreachable']),
  generation: z.number().int(),
  watermark: z.number().nullable(),
  variants: z.array(Variant),
  signature: Signature.nullable(),
  rollout: z.string().nullable(),
  /** Rows that were asked for (a shadow's answers to them are not counted) and the labels of them. */
  captured: z.object({ rows: z.number(), segments: z.number(), pending_labels: z.number(), labels: z.number() }),
  predict_url: z.string(),
  created_at: z.number(),
})
export type ServedEndpoint = z.infer<typeof ServedEndpoint>

export const listEndpoints = endpoint({
  id: 'serving.listEndpoints',
  method: 'GET',
  path: '/api/v1/endpoints',
  permission: 'serving.read',
  summary: 'Every endpoint with its variants.',
  input: z.object({}),
  output: z.object({ items: z.array(ServedEndpoint) }),
})

export const getEndpoint = endpoint({
  id: 'serving.getEndpoint',
  method: 'GET',
  path: '/api/v1/endpoints/:name',
  permission: 'serving.read',
  summary: 'One endpoint: variants, split, latency, what has been captured.',
  input: z.object({ name: z.string() }),
  output: ServedEndpoint,
})

export const TrafficBucket = z.object({
  start: z.number(),
  variant: z.string(),
  version: z.number().int(),
  rows: z.number(),
  errors: z.number(),
  /** Milliseconds that half and 99 of 100 rows stayed within, to 9 %; null where no latency was kept. */
  p50: z.number().nullable(),
  p99: z.number().nullable(),
})
export type TrafficBucket = z.infer<typeof TrafficBucket>

export const getTraffic = endpoint({
  id: 'serving.getTraffic',
  method: 'GET',
  path: '/api/v1/endpoints/:name/traffic',
  permission: 'serving.read',
  summary: 'Captured rows, errors and latency by variant and event-time hour or day.',
  input: z.object({
    name: z.string(),
    from: z.coerce.number().int().optional(),
    to: z.coerce.number().int().optional(),
    bucket: z.enum(['hour', 'day']).default('day'),
  }),
  output: z.object({ items: z.array(TrafficBucket) }),
})

/** As far from 1970 as a date can be, ms. */
const longestTime = 8.64e15

export const LabelInput = z.object({
  id: z.string().min(1).max(512),
  value: z.union([z.number(), z.string(), z.boolean()]),
  /** Milliseconds since 1970 or an ISO date. */
  at: z.union([z.number().min(-longestTime).max(longestTime), z.iso.datetime({ offset: true })]).optional(),
})

export const putLabels = endpoint({
  id: 'serving.putLabels',
  method: 'POST',
  path: '/api/v1/endpoints/:name/labels',
  permission: 'serving.label',
  summary:
    'Sends the truth for earlier predictions, by prediction id or request id. Sending the same again changes nothing.',
  input: z.object({ name: z.string(), labels: z.array(LabelInput).min(1).max(10_000) }),
  output: z.object({ accepted: z.number().int(), unchanged: z.number().int() }),
})

export const getPredictions = streamEndpoint({
  id: 'serving.getPredictions',
  method: 'GET',
  path: '/api/v1/endpoints/:name/predictions',
  permission: 'serving.read',
  summary: 'The prediction log joined with labels: the training data of tomorrow.',
  contentTypes: ['application/x-ndjson', 'text/csv', 'application/vnd.apache.parquet'],
  input: z.object({
    name: z.string(),
    format: z.enum(['jsonl', 'csv', 'parquet']).default('jsonl'),
    from: z.coerce.number().int().optional(),
    to: z.coerce.number().int().optional(),
    labelled: z.stringbool().default(false),
    /** Which rows come first, and which ones a limit keeps. */
    order: z.enum(['oldest', 'newest']).default('oldest'),
    limit: z.coerce.number().int().positive().optional(),
  }),
})

export const getSettled = endpoint({
  id: 'serving.getSettled',
  method: 'GET',
  path: '/api/v1/endpoints/:name/settled',
  permission: 'serving.read',
  summary: 'Whether everything up to an event time is captured, judged and decided: the barrier of a replay.',
  input: z.object({ name: z.string(), through: z.coerce.number().int() }),
  output: z.object({ settled: z.boolean(), pending: z.array(z.string()), watermark: z.number().nullable() }),
})

export const playground = endpoint({
  id: 'serving.playground',
  method: 'POST',
  path: '/api/v1/endpoints/:name/playground',
  permission: 'serving.predict',
  summary: 'One prediction by hand; logged, never monitored.',
  input: z.object({
    name: z.string(),
    row: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  }),
  output: z.object({
    outputs: z.record(z.string(), z.unknown()),
    variant: z.string(),
    id: z.string(),
    took_ms: z.number(),
  }),
})
