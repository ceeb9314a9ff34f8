import { toMs } from '../../../contract/duration.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { newId } from '../../platform/ids.ts'
import { issueStepToken, revokeStepToken } from '../identity/module.ts'
import { durable } from './durable.ts'
import { isCommand, type Graph } from './graph.ts'
import type { CacheFields } from './cache-key.ts'
import type { CommandStep } from '../../../contract/pipeline-definition.ts'
import type { CodeTreeFile, NodeState } from '../../../contract/pipelines.ts'
import * as q from './queries/runs.ts'
import { settle } from './run-state.ts'
import { getVersion } from './versions.ts'

/** One attempt at one node, with all that is needed to do it. */
export interface Attempt {
  id: string
  fence: number
  run: q.RunRow
  node: q.NodeRow
  graph: Graph
  code: readonly CodeTreeFile[]
  /** Lets the step log its work; null for platform steps and for attempts that were adopted. */
  token: string | null
}

const tokenMarginMs = 3_600_000

/** Takes those nodes that nobody has taken since they were read: each gets the next fence and an attempt of ours. */
export function claimNodes(ctx: Ctx, holder: string, ready: readonly q.NodeRow[]): Promise<Attempt[]> {
  return durable(ctx, 'pipelines.claim', async (ctx) => {
    const claimed: Attempt[] = []
    for (const node of ready) {
      const attempt = await claim(ctx, holder, node)
      if (attempt) claimed.push(attempt)
    }
    return claimed
  })
}

async function claim(ctx: TxCtx, holder: string, node: q.NodeRow): Promise<Attempt | undefined> {
  const now = ctx.clock.now()
  const fence = node.fence + 1
  const values = { state: 'running', fence, sentence: null, started_at: node.started_at ?? now } as const
  if (!(await q.changeNode(ctx.db, node, ['ready'], values))) return undefined
  const id = newId('pa', now)
  await q.insertAttempt(ctx.db, {
    id,
    project_id: node.project_id,
    run_id: node.run_id,
    node: node.name,
    fence,
    holder,
    state: 'running',
    reason: null,
    exit_code: null,
    pid: null,
    started_at: now,
    ended_at: null,
  })
  const attempt = await load(ctx, id, { ...node, ...values })
  const step = attempt.graph.step(node.name)
  if (!isCommand(step)) return attempt
  return { ...attempt, token: await issueStepToken(ctx, id, toMs(step.timeout) + tokenMarginMs) }
}

async function load(ctx: Ctx, id: string, node: q.NodeRow): Promise<Attempt> {
  const run = await q.getRun(ctx.db, node.run_id)
  const { graph, code } = await getVersion(ctx.db, run.project_id, run.pipeline, run.version)
  return { id, fence: node.fence, run, node, graph, code, token: null }
}

/** Attempts that this home's server began and did not see the end of. */
export async function listUnfinished(ctx: Ctx, holder: string): Promise<Attempt[]> {
  const attempts: Attempt[] = []
  for (const row of await q.runningAttempts(ctx.db, holder)) {
    const node = await q.findNode(ctx.db, row.run_id, row.node)
    if (node) attempts.push({ ...(await load(ctx, row.id, node)), fence: row.fence })
  }
  return attempts
}

export type Outcome =
  | {
      kind: 'succeeded'
      outputs: Record<string, unknown>
      passed?: boolean
      sentence?: string
      exitCode?: number
      /** Under which key the outputs may be used again. */
      cache?: { key: string; fields: CacheFields }
    }
  | { kind: 'cached'; outputs: Record<string, unknown>; sentence: string }
  | { kind: 'skipped'; sentence: string }
  /** The step's own fault: its `retry` decides. `final` ones are not tried again. */
  | { kind: 'failed'; reason: 'failed' | 'timeout'; sentence: string; exitCode?: number; final?: boolean }
  /** Ours or the machine's fault: the infrastructure budget decides. */
  | { kind: 'lost'; sentence: string }
  /** It had no effect, so it costs no budget. */
  | { kind: 'never_started' }
  | { kind: 'cancelled' }

const infraBudget = 3
const longestBackoffMs = 300_000
const infraBackoffMs = 500

const backoffOf = (base: number, failures: number): number => Math.min(longestBackoffMs, base * 2 ** (failures - 1))

/**
 * Ends an attempt. Whoever comes with an old fence changes nothing: returns false, and its processes are to be
 * killed. A node that is being cancelled ends as cancelled, whatever its attempt brought.
 */
export function finishAttempt(ctx: Ctx, attempt: Attempt, outcome: Outcome): Promise<boolean> {
  return durable(ctx, 'pipelines.finish', (ctx) => finishWithin(ctx, attempt, () => Promise.resolve(outcome)))
}

/** As `finishAttempt`, where the effects that make the outcome belong to the same transaction. */
export async function finishWithin(
  ctx: TxCtx,
  attempt: Attempt,
  effects: (ctx: TxCtx) => Promise<Outcome>,
): Promise<boolean> {
  const { fence, node } = attempt
  const held = { run_id: node.run_id, name: node.name, fence }
  const row = await q.holdNode(ctx.db, held)
  if (!row) {
    await endAttempt(ctx, attempt, { reason: 'superseded' })
    return false
  }
  const outcome: Outcome = row.state === 'cancelling' ? { kind: 'cancelled' } : await effects(ctx)
  const again = retryOf(row, attempt, outcome)
  if (again) {
    await endAttempt(ctx, attempt, reasonOf(outcome))
    await q.changeNode(ctx.db, held, [row.state], { state: 'ready', ready_at: ctx.clock.now(), ...again })
    return true
  }
  await end(ctx, attempt, row, outcome)
  return true
}

async function end(ctx: TxCtx, attempt: Attempt, row: q.NodeRow, outcome: Outcome): Promise<void> {
  const { node, run } = attempt
  const state = endStates[outcome.kind]
  const passed = outcome.kind === 'succeeded' ? (outcome.passed ?? null) : null
  const sentence = 'sentence' in outcome ? (outcome.sentence ?? null) : null
  await endAttempt(ctx, attempt, reasonOf(outcome))
  await q.changeNode(ctx.db, { ...row, fence: attempt.fence }, [row.state], {
    state,
    passed: passed === null ? null : Number(passed),
    outputs: 'outputs' in outcome ? JSON.stringify(outcome.outputs) : '{}',
    sentence,
    ended_at: ctx.clock.now(),
  })
  if (outcome.kind === 'succeeded' && outcome.cache) {
    await q.insertCached(ctx.db, {
      project_id: run.project_id,
      key: outcome.cache.key,
      pipeline: run.pipeline,
      node: node.name,
      run_id: run.id,
      outputs: JSON.stringify(outcome.outputs),
      fields: JSON.stringify(outcome.cache.fields),
      created_at: ctx.clock.now(),
    })
  }
  await settle(ctx, run.id, attempt.graph, [{ name: node.name, kind: node.kind, state, passed, sentence }])
}

const endStates: Record<Outcome['kind'], NodeState> = {
  succeeded: 'succeeded',
  cached: 'cached',
  skipped: 'skipped',
  failed: 'failed',
  lost: 'failed',
  never_started: 'failed',
  cancelled: 'cancelled',
}

interface AttemptEnd {
  reason: string
  exit_code?: number
}

function reasonOf(outcome: Outcome): AttemptEnd {
  const exitCode = 'exitCode' in outcome && outcome.exitCode !== undefined ? { exit_code: outcome.exitCode } : {}
  return { reason: outcome.kind === 'failed' ? outcome.reason : outcome.kind, ...exitCode }
}

async function endAttempt(ctx: TxCtx, attempt: Attempt, values: AttemptEnd): Promise<void> {
  await q.updateAttempt(ctx.db, attempt.id, { state: 'ended', ended_at: ctx.clock.now(), ...values })
  await revokeStepToken(ctx, attempt.id)
}

type Again = Pick<q.NodeRow, 'user_failures' | 'infra_failures' | 'backoff_ms' | 'sentence'>

/** How to try once more, or undefined if this was the end. */
function retryOf(row: q.NodeRow, attempt: Attempt, outcome: Outcome): Again | undefined {
  const { user_failures, infra_failures } = row
  if (outcome.kind === 'never_started') return { user_failures, infra_failures, backoff_ms: 0, sentence: null }
  if (outcome.kind === 'lost') {
    if (infra_failures >= infraBudget) return undefined
    const failures = infra_failures + 1
    const backoff_ms = backoffOf(infraBackoffMs, failures)
    return { user_failures, infra_failures: failures, backoff_ms, sentence: `tried again: ${outcome.sentence}` }
  }
  const step = attempt.graph.step(attempt.node.name)
  if (outcome.kind !== 'failed' || outcome.final === true || !isCommand(step)) return undefined
  const { max, backoff } = (step satisfies CommandStep).retry
  if (user_failures >= max) return undefined
  const failures = user_failures + 1
  const backoff_ms = backoffOf(toMs(backoff), failures)
  return { user_failures: failures, infra_failures, backoff_ms, sentence: `tried again: ${outcome.sentence}` }
}
