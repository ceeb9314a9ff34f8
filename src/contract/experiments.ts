import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { PageInput, pageOf } from './paging.ts'

export const Pair = z.object({ key: z.string(), value: z.string() })

/** JSON knows no NaN and no infinity: such a value is null. */
export const MetricPoint = z.object({
  key: z.string(),
  value: z.number().nullable(),
  timestamp: z.number(),
  step: z.number().int(),
})
export type MetricPoint = z.infer<typeof MetricPoint>

export const Experiment = z.object({
  id: z.string(),
  name: z.string(),
  lifecycle: z.enum(['active', 'deleted']),
  created_at: z.number(),
  updated_at: z.number(),
  tags: z.array(Pair),
})
export type Experiment = z.infer<typeof Experiment>

export const RunDataset = z.object({
  name: z.string(),
  digest: z.string(),
  context: z.string().nullable(),
  source: z.string(),
})

export const Run = z.object({
  id: z.string(),
  experiment: z.string(),
  name: z.string(),
  user: z.string(),
  status: z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']),
  lifecycle: z.enum(['active', 'deleted']),
  started_at: z.number(),
  ended_at: z.number().nullable(),
  /** The pipeline attempt that made it. */
  attempt: z.string().nullable(),
  metrics: z.array(MetricPoint),
  params: z.array(Pair),
  tags: z.array(Pair),
  datasets: z.array(RunDataset),
  models: z.array(z.object({ id: z.string(), direction: z.enum(['input', 'output']), step: z.number().int() })),
})
export type Run = z.infer<typeof Run>

export const listExperiments = endpoint({
  id: 'experiments.list',
  method: 'GET',
  path: '/api/v1/experiments',
  permission: 'experiments.read',
  summary: 'Active experiments, newest first.',
  input: PageInput.extend({ filter: z.string().optional() }),
  output: pageOf(Experiment),
})

export const getExperiment = endpoint({
  id: 'experiments.get',
  method: 'GET',
  path: '/api/v1/experiments/:id',
  permission: 'experiments.read',
  summary: 'One experiment.',
  input: z.object({ id: z.string() }),
  output: Experiment,
})

export const countRuns = endpoint({
  id: 'experiments.countRuns',
  method: 'GET',
  path: '/api/v1/run-counts',
  permission: 'experiments.read',
  summary: 'How many active runs each experiment has; one without runs is absent.',
  input: z.object({}),
  output: z.object({ items: z.array(z.object({ experiment: z.string(), runs: z.number().int() })) }),
})

export const listRunKeys = endpoint({
  id: 'experiments.listRunKeys',
  method: 'GET',
  path: '/api/v1/experiments/:id/keys',
  permission: 'experiments.read',
  summary: 'Keys of metrics and params that the newest thousand runs of an experiment logged.',
  input: z.object({ id: z.string() }),
  output: z.object({ metrics: z.array(z.string()), params: z.array(z.string()) }),
})

export const searchRuns = endpoint({
  id: 'experiments.searchRuns',
  method: 'GET',
  path: '/api/v1/runs',
  permission: 'experiments.read',
  summary: 'Runs of experiments; filter and order are written as in MLflow.',
  input: PageInput.extend({
    experiment: z.union([z.string(), z.array(z.string())]),
    filter: z.string().optional(),
    order: z.union([z.string(), z.array(z.string())]).optional(),
    deleted: z.stringbool().or(z.boolean()).default(false),
  }),
  output: pageOf(Run),
})

export const getRun = endpoint({
  id: 'experiments.getRun',
  method: 'GET',
  path: '/api/v1/runs/:id',
  permission: 'experiments.read',
  summary: 'One run with its newest metrics, params, tags, datasets and models.',
  input: z.object({ id: z.string() }),
  output: Run,
})

export const metricHistory = endpoint({
  id: 'experiments.metricHistory',
  method: 'GET',
  path: '/api/v1/runs/:id/metrics',
  permission: 'experiments.read',
  summary: 'A metric over its steps, thinned evenly to at most `points` steps.',
  input: z.object({
    id: z.string(),
    key: z.string(),
    points: z.coerce.number().int().min(2).max(5_000).default(1_000),
  }),
  output: z.object({ items: z.array(MetricPoint) }),
})

export const LoggedModel = z.object({
  id: z.string(),
  name: z.string(),
  experiment: z.string(),
  status: z.enum(['PENDING', 'READY', 'FAILED']),
  run: z.string().nullable(),
  attempt: z.string().nullable(),
  tree: z.string().nullable(),
  created_at: z.number(),
  params: z.array(Pair),
  tags: z.array(Pair),
})
export type LoggedModel = z.infer<typeof LoggedModel>

export const getLoggedModel = endpoint({
  id: 'experiments.getLoggedModel',
  method: 'GET',
  path: '/api/v1/logged-models/:id',
  permission: 'experiments.read',
  summary: 'One logged model.',
  input: z.object({ id: z.string() }),
  output: LoggedModel,
})

export const listRunModels = endpoint({
  id: 'experiments.listRunModels',
  method: 'GET',
  path: '/api/v1/runs/:id/models',
  permission: 'experiments.read',
  summary: 'The logged models that a run made.',
  input: z.object({ id: z.string() }),
  output: z.object({ items: z.array(LoggedModel) }),
})
