import { z } from 'zod'
import { endpoint, streamEndpoint } from './endpoint.ts'
import { PageInput, pageOf } from './paging.ts'
import { RelativePath, Scalar } from './pipeline-definition.ts'

export const CodeTreeFile = z.object({
  path: RelativePath,
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.number().int().nonnegative(),
  mode: z.number().int(),
})
export type CodeTreeFile = z.infer<typeof CodeTreeFile>

export const RunState = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled'])
export type RunState = z.infer<typeof RunState>

export const NodeState = z.enum([
  'waiting',
  'ready',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'skipped',
  'cached',
  'cancelled',
])
export type NodeState = z.infer<typeof NodeState>

export const NodeKind = z.enum(['run', 'check', 'register', 'deploy'])
export type NodeKind = z.infer<typeof NodeKind>

export const RunTrigger = z.object({ kind: z.string(), ref: z.string() })
export type RunTrigger = z.infer<typeof RunTrigger>

export const PipelineRun = z.object({
  id: z.string(),
  pipeline: z.string(),
  version: z.string(),
  state: RunState,
  params: z.record(z.string(), Scalar),
  trigger: RunTrigger,
  /** How it ended, or what it waits for. */
  sentence: z.string().nullable(),
  created_by: z.string(),
  created_at: z.number(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
})
export type PipelineRun = z.infer<typeof PipelineRun>

export const PipelineAttempt = z.object({
  id: z.string(),
  number: z.number().int(),
  state: z.enum(['running', 'ended']),
  /** `succeeded`, `failed`, `timeout`, `lost`, `cancelled`, `cached`; null while it runs. */
  reason: z.string().nullable(),
  exit_code: z.number().int().nullable(),
  pid: z.number().int().nullable(),
  started_at: z.number(),
  ended_at: z.number().nullable(),
})
export type PipelineAttempt = z.infer<typeof PipelineAttempt>

export const PipelineNode = z.object({
  name: z.string(),
  kind: NodeKind,
  state: NodeState,
  needs: z.array(z.string()),
  /** What a check decided; null for other steps and before. */
  passed: z.boolean().nullable(),
  sentence: z.string().nullable(),
  outputs: z.record(z.string(), z.unknown()),
  ready_at: z.number().nullable(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
  attempts: z.array(PipelineAttempt),
})
export type PipelineNode = z.infer<typeof PipelineNode>

export const PipelineSummary = z.object({
  name: z.string(),
  version: z.string(),
  steps: z.number().int(),
  updated_at: z.number(),
  next_fire_at: z.number().nullable(),
  last_run: PipelineRun.nullable(),
})
export type PipelineSummary = z.infer<typeof PipelineSummary>

export const listPipelines = endpoint({
  id: 'pipelines.list',
  method: 'GET',
  path: '/api/v1/pipelines',
  permission: 'pipelines.read',
  summary: 'Lists pipelines with their newest run and next scheduled time.',
  input: z.object({}),
  output: z.object({ items: z.array(PipelineSummary) }),
})

export const getPipeline = endpoint({
  id: 'pipelines.get',
  method: 'GET',
  path: '/api/v1/pipelines/:name',
  permission: 'pipelines.read',
  summary: 'One pipeline: its definition, triggers, stored code and newest runs.',
  input: z.object({ name: z.string() }),
  output: PipelineSummary.extend({
    definition: z.record(z.string(), z.unknown()),
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
    triggers: z.array(
      z.object({ id: z.string(), trigger: z.record(z.string(), z.unknown()), next_at: z.number().nullable() }),
    ),
    code: z.array(CodeTreeFile),
    runs: z.array(PipelineRun),
  }),
})

export const startRun = endpoint({
  id: 'pipelines.startRun',
  method: 'POST',
  path: '/api/v1/pipelines/:name/runs',
  permission: 'pipelines.write',
  summary: 'Starts a run of the stored pipeline. The same key starts one run, however often it is sent.',
  input: z.object({
    name: z.string(),
    params: z.record(z.string(), Scalar).default({}),
    key: z.string().min(1).max(200).optional(),
  }),
  output: PipelineRun,
})

export const listRuns = endpoint({
  id: 'pipelines.listRuns',
  method: 'GET',
  path: '/api/v1/pipeline-runs',
  permission: 'pipelines.read',
  summary: 'Runs, newest first.',
  input: PageInput.extend({ pipeline: z.string().optional(), state: RunState.optional() }),
  output: pageOf(PipelineRun),
})

const RunInput = z.object({ run: z.string() })
const NodeInput = RunInput.extend({ node: z.string() })
const LogPlace = NodeInput.extend({
  /** Number of the attempt; the newest when absent. */
  attempt: z.coerce.number().int().positive().optional(),
  offset: z.coerce.number().int().nonnegative().default(0),
})

export const getRun = endpoint({
  id: 'pipelines.getRun',
  method: 'GET',
  path: '/api/v1/pipeline-runs/:run',
  permission: 'pipelines.read',
  summary: 'One run with its nodes, edges, attempts and times.',
  input: RunInput,
  output: PipelineRun.extend({
    nodes: z.array(PipelineNode),
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
  }),
})

export const cancelRun = endpoint({
  id: 'pipelines.cancelRun',
  method: 'POST',
  path: '/api/v1/pipeline-runs/:run/cancel',
  permission: 'pipelines.write',
  summary: 'Cancels a run; it stays running until its processes are proven dead.',
  input: RunInput,
  output: PipelineRun,
})

export const retryRun = endpoint({
  id: 'pipelines.retryRun',
  method: 'POST',
  path: '/api/v1/pipeline-runs/:run/retry',
  permission: 'pipelines.write',
  summary: 'Runs what failed, and what was left out because of it, once more; what succeeded stays.',
  input: RunInput,
  output: PipelineRun,
})

export const readLog = endpoint({
  id: 'pipelines.readLog',
  method: 'GET',
  path: '/api/v1/pipeline-runs/:run/nodes/:node/log',
  permission: 'pipelines.read',
  summary: 'A piece of a step’s log from a byte offset; `next` is the offset to go on from.',
  input: LogPlace.extend({ limit: z.coerce.number().int().min(1).max(1_048_576).default(65_536) }),
  output: z.object({
    attempt: z.number().int(),
    text: z.string(),
    next: z.number().int(),
    size: z.number().int(),
    /** No more will come. */
    ended: z.boolean(),
  }),
})

export const tailLog = streamEndpoint({
  id: 'pipelines.tailLog',
  method: 'GET',
  path: '/api/v1/pipeline-runs/:run/nodes/:node/log/tail',
  permission: 'pipelines.read',
  summary: 'A step’s log as server-sent events while it grows; the id is the byte offset, Last-Event-ID resumes.',
  contentTypes: ['text/event-stream'],
  input: LogPlace,
})

export const CacheField = z.object({
  field: z.string(),
  now: z.string().nullable(),
  before: z.string().nullable(),
  same: z.boolean(),
})

export const why = endpoint({
  id: 'pipelines.why',
  method: 'GET',
  path: '/api/v1/pipeline-runs/:run/nodes/:node/why',
  permission: 'pipelines.read',
  summary: 'Why the step ran, was taken from the cache, was skipped or waits: field by field.',
  input: NodeInput,
  output: z.object({
    run: z.string(),
    node: z.string(),
    verdict: z.enum(['hit', 'miss', 'off', 'skipped', 'waiting', 'unknown']),
    sentence: z.string(),
    key: z.string().nullable(),
    compared_with: z.object({ run: z.string(), node: z.string() }).nullable(),
    fields: z.array(CacheField),
  }),
})

export const getAttempt = endpoint({
  id: 'pipelines.getAttempt',
  method: 'GET',
  path: '/api/v1/pipeline-attempts/:attempt',
  permission: 'pipelines.read',
  summary: 'The step of which run an attempt was: runs and logged models name the attempt that made them.',
  input: z.object({ attempt: z.string() }),
  output: z.object({
    attempt: z.string(),
    number: z.number().int(),
    node: z.string(),
    run: z.string(),
    pipeline: z.string(),
  }),
})

const OutputInput = NodeInput.extend({ output: z.string() })

export const listOutputFiles = endpoint({
  id: 'pipelines.listOutputFiles',
  method: 'GET',
  path: '/api/v1/pipeline-runs/:run/nodes/:node/outputs/:output',
  permission: 'pipelines.read',
  summary: 'The stored files of an output: one, or those of a folder.',
  input: OutputInput,
  output: z.object({ items: z.array(z.object({ path: z.string(), size: z.number().int() })) }),
})

export const getOutputFile = streamEndpoint({
  id: 'pipelines.getOutputFile',
  method: 'GET',
  path: '/api/v1/pipeline-runs/:run/nodes/:node/outputs/:output/file',
  permission: 'pipelines.read',
  summary: 'The bytes of one stored file of an output; ranges are answered.',
  contentTypes: ['application/octet-stream'],
  input: OutputInput.extend({ path: z.string() }),
})
