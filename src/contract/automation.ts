import { z } from 'zod'
import { Duration } from './duration.ts'
import { endpoint } from './endpoint.ts'

export const Mode = z.enum(['observe', 'propose', 'auto'])
export type Mode = z.infer<typeof Mode>

/** `when` a signal arises, `do` an action, in a mode. */
export const RuleSpec = z.strictObject({
  when: z.enum(['performance.degraded', 'inputs.broken', 'errors.tripped']),
  endpoint: z.string(),
  do: z.enum(['retrain', 'rollback', 'notify']),
  pipeline: z.string().optional(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  mode: Mode.default('propose'),
  /** Default: label delay and one window. */
  cooldown: Duration.optional(),
  /** A change of ours this recent is the suspect: roll back instead of retraining. */
  bake_time: Duration.default('7d'),
})
export type RuleSpec = z.infer<typeof RuleSpec>

export const Rule = z.object({
  name: z.string(),
  spec: RuleSpec,
  /** After two actions without recovery the rule only proposes. */
  effective_mode: Mode,
  sentence: z.string(),
  last_decision: z.object({ at: z.number(), sentence: z.string() }).nullable(),
})
export type Rule = z.infer<typeof Rule>

export const ActionState = z.enum([
  'proposed',
  'waiting',
  'running',
  'verifying',
  'done',
  'refused',
  'rejected',
  'failed',
  'undone',
])

export const Action = z.object({
  id: z.string(),
  rule: z.string(),
  endpoint: z.string(),
  incident: z.string().nullable(),
  kind: z.enum(['retrain', 'rollback', 'notify']),
  state: ActionState,
  sentence: z.string(),
  outcome: z.enum(['recovered', 'better_but_outside', 'did_not_help', 'unknown']).nullable(),
  outcome_sentence: z.string().nullable(),
  run: z.string().nullable(),
  rollout: z.string().nullable(),
  numbers: z.record(z.string(), z.unknown()),
  at: z.number(),
  event_time: z.number(),
  ended_at: z.number().nullable(),
})
export type Action = z.infer<typeof Action>

/** A decision is kept also when it was to do nothing. */
export const Decision = z.object({
  id: z.string(),
  at: z.number(),
  event_time: z.number(),
  rule: z.string(),
  endpoint: z.string(),
  verdict: z.enum(['act', 'propose', 'observe', 'hold']),
  sentence: z.string(),
  numbers: z.record(z.string(), z.unknown()),
  action: z.string().nullable(),
})
export type Decision = z.infer<typeof Decision>

export const listRules = endpoint({
  id: 'automation.listRules',
  method: 'GET',
  path: '/api/v1/rules',
  permission: 'automation.read',
  summary: 'What Mainstay will do by itself, as sentences.',
  input: z.object({}),
  output: z.object({ items: z.array(Rule), enabled: z.boolean() }),
})

export const setMode = endpoint({
  id: 'automation.setMode',
  method: 'POST',
  path: '/api/v1/rules/:name/mode',
  permission: 'automation.write',
  summary: 'Changes what a rule may do by itself.',
  input: z.object({ name: z.string(), mode: Mode }),
  output: Rule,
})

export const setEnabled = endpoint({
  id: 'automation.setEnabled',
  method: 'POST',
  path: '/api/v1/automation/enabled',
  permission: 'automation.write',
  summary: 'The kill switch: off, no rule acts.',
  input: z.object({ enabled: z.boolean(), reason: z.string().min(1).max(1000) }),
  output: z.object({ enabled: z.boolean() }),
})

export const listDecisions = endpoint({
  id: 'automation.listDecisions',
  method: 'GET',
  path: '/api/v1/decisions',
  permission: 'automation.read',
  summary: 'What was decided and why, newest first.',
  input: z.object({ endpoint: z.string().optional(), limit: z.coerce.number().int().min(1).max(1000).default(200) }),
  output: z.object({ items: z.array(Decision) }),
})

export const listActions = endpoint({
  id: 'automation.listActions',
  method: 'GET',
  path: '/api/v1/actions',
  permission: 'automation.read',
  summary: 'Actions, newest first.',
  input: z.object({ endpoint: z.string().optional(), incident: z.string().optional(), state: ActionState.optional() }),
  output: z.object({ items: z.array(Action) }),
})

export const approveAction = endpoint({
  id: 'automation.approve',
  method: 'POST',
  path: '/api/v1/actions/:id/approve',
  permission: 'automation.write',
  summary: 'Lets a proposed action run.',
  input: z.object({ id: z.string() }),
  output: Action,
})

export const rejectAction = endpoint({
  id: 'automation.reject',
  method: 'POST',
  path: '/api/v1/actions/:id/reject',
  permission: 'automation.write',
  summary: 'Declines a proposed action, with a reason.',
  input: z.object({ id: z.string(), reason: z.string().min(1).max(1000) }),
  output: Action,
})
