import { z } from 'zod'
import { endpoint, streamEndpoint } from './endpoint.ts'
import { PageInput, pageOf } from './paging.ts'
import { MetricPoint, Pair } from './experiments.ts'
import { Signature } from './signature.ts'

/** How far the ONNX form is from the original on the model's own input example. */
export const Difference = z.object({
  max_abs: z.number(),
  /** Largest absolute difference, divided by the largest absolute output of the original. */
  max_rel: z.number(),
  rows: z.number().int(),
  tolerance: z.number(),
})
export type Difference = z.infer<typeof Difference>

export const OnnxState = z.object({
  state: z.enum(['pending', 'ready', 'failed', 'not_exportable', 'none']),
  digest: z.string().nullable(),
  signature: Signature.nullable(),
  /** Null means unknown: there was no input example to compare on. */
  difference: Difference.nullable(),
  reason: z.string().nullable(),
})
export type OnnxState = z.infer<typeof OnnxState>

export const GateResult = z.object({
  id: z.number().int(),
  kind: z.string(),
  passed: z.boolean(),
  sentence: z.string(),
  numbers: z.record(z.string(), z.unknown()),
  at: z.number(),
})
export type GateResult = z.infer<typeof GateResult>

export const ModelVersion = z.object({
  id: z.string(),
  model: z.string(),
  version: z.number().int(),
  status: z.enum(['PENDING_REGISTRATION', 'FAILED_REGISTRATION', 'READY']),
  status_message: z.string(),
  description: z.string(),
  aliases: z.array(z.string()),
  tags: z.array(Pair),
  source: z.string(),
  run: z.string().nullable(),
  logged_model: z.string().nullable(),
  attempt: z.string().nullable(),
  tree: z.string().nullable(),
  reference_digest: z.string().nullable(),
  run_metrics: z.array(MetricPoint),
  gates: z.array(GateResult),
  onnx: OnnxState,
  created_at: z.number(),
})
export type ModelVersion = z.infer<typeof ModelVersion>

export const RegisteredModel = z.object({
  name: z.string(),
  description: z.string(),
  tags: z.array(Pair),
  aliases: z.array(z.object({ alias: z.string(), version: z.number().int() })),
  newest_version: z.number().int().nullable(),
  created_at: z.number(),
  updated_at: z.number(),
})
export type RegisteredModel = z.infer<typeof RegisteredModel>

const version = z.coerce.number().int().positive()

export const listModels = endpoint({
  id: 'registry.listModels',
  method: 'GET',
  path: '/api/v1/models',
  permission: 'registry.read',
  summary: 'Registered models by name; prompts are left out.',
  input: PageInput,
  output: pageOf(RegisteredModel),
})

export const getModel = endpoint({
  id: 'registry.getModel',
  method: 'GET',
  path: '/api/v1/models/:name',
  permission: 'registry.read',
  summary: 'One registered model.',
  input: z.object({ name: z.string() }),
  output: RegisteredModel,
})

export const listVersions = endpoint({
  id: 'registry.listVersions',
  method: 'GET',
  path: '/api/v1/models/:name/versions',
  permission: 'registry.read',
  summary: 'Versions, newest first, with metrics, gates and the state of the ONNX form.',
  input: PageInput.extend({ name: z.string() }),
  output: pageOf(ModelVersion),
})

export const getVersion = endpoint({
  id: 'registry.getVersion',
  method: 'GET',
  path: '/api/v1/models/:name/versions/:version',
  permission: 'registry.read',
  summary: 'One version.',
  input: z.object({ name: z.string(), version }),
  output: ModelVersion,
})

export const setAlias = endpoint({
  id: 'registry.setAlias',
  method: 'PUT',
  path: '/api/v1/models/:name/aliases/:alias',
  permission: 'registry.promote',
  summary: 'Points an alias at a version, away from where it pointed before.',
  input: z.object({ name: z.string(), alias: z.string(), version }),
  output: z.object({ alias: z.string(), version: z.number().int(), previous: z.number().int().nullable() }),
})

export const deleteAlias = endpoint({
  id: 'registry.deleteAlias',
  method: 'DELETE',
  path: '/api/v1/models/:name/aliases/:alias',
  permission: 'registry.promote',
  summary: 'Removes an alias.',
  input: z.object({ name: z.string(), alias: z.string() }),
  output: z.object({}),
})

export const createUpload = endpoint({
  id: 'registry.createUpload',
  method: 'POST',
  path: '/api/v1/models/:name/uploads',
  permission: 'registry.write',
  summary: 'Opens an upload of a model’s files; the model is made when its first version is.',
  input: z.object({ name: z.string() }),
  output: z.object({ upload: z.string() }),
})

/** The body is the file itself, streamed; `path` is relative to the model’s folder. */
export const uploadFile = streamEndpoint({
  id: 'registry.uploadFile',
  method: 'PUT',
  path: '/api/v1/uploads/:upload/files/*',
  permission: 'registry.write',
  summary: 'Streams one file into an upload.',
  contentTypes: ['application/json'],
  input: z.object({ upload: z.string() }),
})

export const registerVersion = endpoint({
  id: 'registry.registerVersion',
  method: 'POST',
  path: '/api/v1/models/:name/versions',
  permission: 'registry.write',
  summary: 'Registers an uploaded tree or a logged model as a new version; makes the model if it is new.',
  input: z.object({
    name: z.string(),
    upload: z.string().optional(),
    logged_model: z.string().optional(),
    description: z.string().default(''),
    tags: z.array(Pair).default([]),
  }),
  output: ModelVersion,
})
