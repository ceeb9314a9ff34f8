import { z } from 'zod'
import { Duration } from './duration.ts'
import { endpoint } from './endpoint.ts'

/** `entity` is whom the `mainstay-entity` header of a request names, else the request; `auto` never chooses it. */
export const Unit = z.enum(['row', 'entity', 'hour', 'day', 'auto'], { error: 'is row, entity, hour, day or auto' })

export const Metric = z.enum(['wape', 'mae', 'rmse', 'log_loss', 'accuracy', 'auc', 'f1', 'precision', 'recall'], {
  error: 'is wape, mae or rmse for numbers; log_loss, accuracy, auc, f1, precision or recall for classes',
})
export type Metric = z.infer<typeof Metric>

export const MonitorSpec = z.strictObject({
  endpoint: z.string().optional(),
  performance: z
    .strictObject({
      metric: Metric.default('wape'),
      /** Absolute. Absent: the forward backtest × 1.25, and the rule only proposes. */
      limit: z.number().optional(),
      unit: Unit.default('auto'),
      window: Duration.optional(),
      label_delay: Duration.default('0s'),
      warn: z.strictObject({ bias: z.number().positive().optional() }).prefault({}),
    })
    .optional(),
  inputs: z
    .strictObject({
      window: Duration.optional(),
      nulls: z.number().default(0.05),
      /** Share of categories the reference never had that breaks a window. Absent: new ones are drift, unless none is known. */
      unseen: z.number().positive().max(1).optional(),
    })
    .prefault({}),
  /** `window` is how far back each verdict looks; absent: 14 units, at least a day. */
  drift: z.strictObject({ window: Duration.optional(), ignore: z.array(z.string()).default([]) }).prefault({}),
  columns: z
    .record(
      z.string(),
      z.strictObject({
        kind: z
          .literal('category', { error: 'can only be category: numbers that are codes. Texts cannot become numbers' })
          .optional(),
        ignore: z.boolean().optional(),
      }),
    )
    .default({}),
})
export type MonitorSpec = z.infer<typeof MonitorSpec>

/** What a subject is in. Unknown has its own words; `insufficient` and `quarantined` are states. */
export const MonitorState = z.enum(['healthy', 'warning', 'degraded', 'quarantined', 'insufficient', 'recovering'])
export type MonitorState = z.infer<typeof MonitorState>

export const ColumnState = z.enum([
  'ok',
  'drifted',
  'insufficient',
  'empty',
  'constant',
  'schema_changed',
  'warming_up',
  'no_reference',
])
export type ColumnState = z.infer<typeof ColumnState>

export const WindowJudgement = z.object({
  start: z.number(),
  end: z.number(),
  version: z.number().int().nullable(),
  rows: z.number(),
  labelled: z.number(),
  units: z.number(),
  state: MonitorState,
  value: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  bias: z.number().nullable(),
  skill: z.number().nullable(),
  sentence: z.string(),
  numbers: z.record(z.string(), z.unknown()),
})
export type WindowJudgement = z.infer<typeof WindowJudgement>

export const ColumnVerdict = z.object({
  column: z.string(),
  kind: z.enum(['numeric', 'category']),
  role: z.enum(['input', 'output']),
  state: ColumnState,
  what: z.string(),
  effect: z.number().nullable(),
  method: z.string(),
  q: z.number().nullable(),
  psi: z.number().nullable(),
  outside: z.number().nullable(),
  nulls: z.number().nullable(),
  unseen: z.number().nullable(),
  /** How much the input moves the model's answers over its training rows, 0 to about 1. */
  importance: z.number().nullable(),
  /** Effect × importance: how far the input moved, weighed by how much the model listens to it. */
  impact: z.number().nullable(),
  /** Shares by bin, reference and current, with the bins' edges or names. */
  bins: z.array(z.object({ label: z.string(), reference: z.number(), current: z.number() })),
})
export type ColumnVerdict = z.infer<typeof ColumnVerdict>

export const Marker = z.object({
  at: z.number(),
  kind: z.enum(['incident', 'retrain', 'promote', 'rollback', 'deploy', 'quarantine', 'lift', 'refused']),
  label: z.string(),
  link: z.string().nullable(),
})

export const Span = z.object({
  from: z.number(),
  to: z.number(),
  kind: z.enum(['degraded', 'quarantined', 'rollout']),
  label: z.string(),
})

export const Tile = z.object({
  name: z.enum(['traffic', 'performance', 'quality', 'drift', 'fairness', 'value']),
  state: z.enum(['ok', 'warning', 'critical', 'unknown']),
  value: z.string(),
  unit: z.string(),
  note: z.string(),
  series: z.array(z.object({ at: z.number(), value: z.number().nullable() })),
})

export const MonitorSummary = z.object({
  endpoint: z.string(),
  model: z.string().nullable(),
  version: z.number().int().nullable(),
  state: MonitorState,
  since: z.number().nullable(),
  sentence: z.string(),
  facts: z.string(),
  metric: Metric,
  limit: z.number().nullable(),
  value: z.number().nullable(),
  drifted: z.object({ columns: z.number(), of: z.number() }).nullable(),
  last_action: z.object({ at: z.number(), sentence: z.string() }).nullable(),
  rows: z.array(z.object({ at: z.number(), value: z.number() })),
  open_incidents: z.number().int(),
  watermark: z.number().nullable(),
})
export type MonitorSummary = z.infer<typeof MonitorSummary>

export const MonitorDetail = MonitorSummary.extend({
  spec: MonitorSpec,
  tiles: z.array(Tile),
  windows: z.array(WindowJudgement),
  /** Day by day (or unit by unit): trailing-window value with its interval, and what the version before would have had. */
  series: z.array(
    z.object({
      at: z.number(),
      value: z.number().nullable(),
      lower: z.number().nullable(),
      upper: z.number().nullable(),
      bias: z.number().nullable(),
      shadow: z.number().nullable(),
      n: z.number(),
      labelled: z.number(),
      version: z.number().int().nullable(),
    }),
  ),
  markers: z.array(Marker),
  spans: z.array(Span),
  columns: z.array(ColumnVerdict),
  columns_window: z.object({ from: z.number(), to: z.number() }).nullable(),
})
export type MonitorDetail = z.infer<typeof MonitorDetail>

export const listMonitors = endpoint({
  id: 'monitoring.list',
  method: 'GET',
  path: '/api/v1/monitors',
  permission: 'monitoring.read',
  summary: 'Every monitor with its verdict, worst first.',
  input: z.object({}),
  output: z.object({ items: z.array(MonitorSummary) }),
})

export const getMonitor = endpoint({
  id: 'monitoring.get',
  method: 'GET',
  path: '/api/v1/monitors/:endpoint',
  permission: 'monitoring.read',
  summary: 'One monitor: verdict, windows, columns, markers.',
  input: z.object({
    endpoint: z.string(),
    from: z.coerce.number().int().optional(),
    to: z.coerce.number().int().optional(),
  }),
  output: MonitorDetail,
})

export const IncidentEntry = z.object({
  at: z.number(),
  event_time: z.number().nullable(),
  kind: z.enum([
    'signal',
    'opened',
    'action',
    'gate',
    'rollout',
    'promoted',
    'rolled_back',
    'follow_up',
    'quarantine',
    'lifted',
    'closed',
    'proposed',
    'note',
  ]),
  state: z.enum(['ok', 'warning', 'critical', 'running', 'unknown']),
  title: z.string(),
  text: z.string(),
  link: z.string().nullable(),
  numbers: z.record(z.string(), z.unknown()),
})
export type IncidentEntry = z.infer<typeof IncidentEntry>

export const Incident = z.object({
  id: z.string(),
  number: z.number().int(),
  endpoint: z.string(),
  signal: z.enum(['performance', 'inputs', 'volume', 'errors', 'capture', 'drift']),
  severity: z.enum(['warning', 'critical']),
  state: z.enum(['open', 'recovering', 'closed']),
  title: z.string(),
  cause: z.string(),
  opened_at: z.number(),
  opened_event_time: z.number(),
  closed_at: z.number().nullable(),
  closed_event_time: z.number().nullable(),
  closed_reason: z.string().nullable(),
})
export type Incident = z.infer<typeof Incident>

export const listIncidents = endpoint({
  id: 'monitoring.listIncidents',
  method: 'GET',
  path: '/api/v1/incidents',
  permission: 'monitoring.read',
  summary: 'Incidents, open ones first.',
  input: z.object({ endpoint: z.string().optional(), state: z.enum(['open', 'recovering', 'closed']).optional() }),
  output: z.object({ items: z.array(Incident) }),
})

export const getIncident = endpoint({
  id: 'monitoring.getIncident',
  method: 'GET',
  path: '/api/v1/incidents/:id',
  permission: 'monitoring.read',
  summary: 'What happened, what Mainstay did, and whether it helped.',
  input: z.object({ id: z.string().describe('Its id or its number.') }),
  output: Incident.extend({
    entries: z.array(IncidentEntry),
    windows: z.array(WindowJudgement),
    limit: z.number().nullable(),
    error_sources: z.array(z.object({ name: z.string(), amount: z.number(), share: z.number() })),
    /** The input that had moved most when it opened, and the span it was seen in. */
    column: ColumnVerdict.nullable(),
    column_window: z.object({ from: z.number(), to: z.number() }).nullable(),
  }),
})

export const closeIncident = endpoint({
  id: 'monitoring.closeIncident',
  method: 'POST',
  path: '/api/v1/incidents/:id/close',
  permission: 'monitoring.write',
  summary: 'Closes an incident with a reason.',
  input: z.object({ id: z.string(), reason: z.string().min(1).max(2000) }),
  output: Incident,
})
