import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Name } from './name.ts'

export const RolloutStage = z.enum(['replay', 'shadow', 'canary', 'promoted', 'rolled_back', 'paused'])
export const Verdict = z.enum(['promote', 'rollback', 'continue', 'pause'])
export type Verdict = z.infer<typeof Verdict>

export const CheckState = z.enum(['ok', 'warning', 'critical', 'unknown'])

/** One line of the evidence; its numbers are enough to recompute it. */
export const RolloutCheck = z.object({
  name: z.string(),
  state: CheckState,
  sentence: z.string(),
  numbers: z.record(z.string(), z.unknown()),
})
export type RolloutCheck = z.infer<typeof RolloutCheck>

export const RolloutVerdict = z.object({
  id: z.string(),
  at: z.number(),
  event_time: z.number(),
  stage: RolloutStage,
  weight: z.number(),
  verdict: Verdict,
  sentence: z.string(),
  checks: z.array(RolloutCheck),
})
export type RolloutVerdict = z.infer<typeof RolloutVerdict>

export const RolloutStep = z.object({
  name: z.string(),
  state: z.enum(['done', 'running', 'waiting', 'failed', 'skipped']),
  started_at: z.number().nullable(),
  facts: z.array(z.string()),
})

export const Rollout = z.object({
  id: z.string(),
  endpoint: z.string(),
  model: z.string(),
  candidate: z.number().int(),
  champion: z.number().int().nullable(),
  stage: RolloutStage,
  weight: z.number(),
  /** Why it was started: by hand, a retrain after drift, … */
  reason: z.string(),
  incident: z.string().nullable(),
  steps: z.array(RolloutStep),
  verdict: RolloutVerdict.nullable(),
  sentence: z.string(),
  started_at: z.number(),
  started_event_time: z.number().nullable(),
  ended_at: z.number().nullable(),
  ended_event_time: z.number().nullable(),
})
export type Rollout = z.infer<typeof Rollout>

/** Difference of the loss, candidate less champion, unit by unit, with the always-valid bounds of that moment. */
export const PairedPoint = z.object({
  unit: z.number(),
  units: z.number().int(),
  /** Whether each row of the unit was answered by one version only, for callers drawn at random; else both answered it. */
  drawn: z.boolean(),
  difference: z.number(),
  mean: z.number(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
})

export const deploy = endpoint({
  id: 'rollouts.deploy',
  method: 'POST',
  path: '/api/v1/endpoints/:name/deploy',
  permission: 'rollouts.write',
  summary:
    'Puts a version on an endpoint: at once if it is the first, else by replay, shadow and canary. An endpoint that nobody declared is made with the defaults.',
  input: z.object({
    name: Name,
    model: z.string(),
    version: z.number().int().positive().optional(),
    alias: z.string().optional(),
    /** `direct` skips the rollout; an audited act of a person. */
    strategy: z.enum(['rollout', 'direct']).default('rollout'),
    reason: z.string().max(1000).default('deployed by hand'),
  }),
  output: z.object({
    endpoint: z.string(),
    /** Whether this deployment made the endpoint. */
    created: z.boolean(),
    version: z.number().int(),
    rollout: z.string().nullable(),
    acknowledged: z.boolean(),
    not_acknowledged: z.array(z.string()),
  }),
})

export const listRollouts = endpoint({
  id: 'rollouts.list',
  method: 'GET',
  path: '/api/v1/rollouts',
  permission: 'rollouts.read',
  summary: 'Rollouts, newest first.',
  input: z.object({ endpoint: z.string().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
  output: z.object({ items: z.array(Rollout) }),
})

export const getRollout = endpoint({
  id: 'rollouts.get',
  method: 'GET',
  path: '/api/v1/rollouts/:id',
  permission: 'rollouts.read',
  summary: 'One rollout with every verdict and the paired evidence.',
  input: z.object({ id: z.string() }),
  output: Rollout.extend({ verdicts: z.array(RolloutVerdict), paired: z.array(PairedPoint) }),
})

const act = (verb: 'promote' | 'rollback' | 'pause' | 'resume', summary: string) =>
  endpoint({
    id: `rollouts.${verb}`,
    method: 'POST',
    path: `/api/v1/rollouts/:id/${verb}`,
    permission: 'rollouts.write',
    summary,
    input: z.object({ id: z.string(), reason: z.string().min(1).max(1000) }),
    output: Rollout,
  })

export const promoteRollout = act('promote', 'Gives the candidate all traffic now; an audited act of a person.')
export const rollbackRollout = act('rollback', 'Takes the candidate out of traffic with the next request.')
export const pauseRollout = act('pause', 'Holds the rollout at its present weight.')
export const resumeRollout = act('resume', 'Lets a paused rollout go on.')

export const rollbackEndpoint = endpoint({
  id: 'rollouts.rollbackEndpoint',
  method: 'POST',
  path: '/api/v1/endpoints/:name/rollback',
  permission: 'rollouts.write',
  summary: 'Goes back to the last version that was healthy; acts on the next request.',
  input: z.object({ name: z.string(), reason: z.string().min(1).max(1000) }),
  output: z.object({ endpoint: z.string(), from: z.number().int(), to: z.number().int(), acknowledged: z.boolean() }),
})
