import { setTimeout as sleep } from 'node:timers/promises'
import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { finishWithin, type Attempt, type Outcome } from './attempt.ts'
import { durable } from './durable.ts'
import { platformSpec } from './graph.ts'
import type { PipelineHooks, PlatformNode, PlatformStep, Prepared } from './hooks.ts'
import * as q from './queries/runs.ts'
import { paramsOf, resolveSpec, scopeOf, triggerOf, upstreamOutputs } from './scope.ts'

const askAgainMs = 250
const longestPauseMs = 5_000

/**
 * Does one attempt at a platform step. What it does to the platform commits with its node, its dependents and
 * the facts, or not at all. Returns an outcome that is still to be recorded, or undefined when all is done.
 */
export async function runPlatformStep(
  ctx: Ctx,
  hooks: PipelineHooks,
  attempt: Attempt,
  signals: { cancel: AbortSignal; leave: AbortSignal },
): Promise<Outcome | undefined> {
  const { kind, name } = attempt.node
  const hook = hooks.steps.find((step) => step.kind === kind)
  if (!hook) return failed(`this server has no ${kind} step`)
  try {
    const upstream = await q.listNodes(ctx.db, attempt.run.id, attempt.graph.needs(name))
    const { spec, empty } = resolveSpec(platformSpec(attempt.graph.step(name)), scopeOf(attempt.run, upstream))
    const [missing] = empty
    if (missing !== undefined) return { kind: 'skipped', sentence: `${missing} is empty: no step gave it` }
    const node = platformNode(attempt, upstream, spec)
    const prepared = await untilReady(ctx, hook, attempt, node, signals)
    if (prepared === 'cancel') return { kind: 'cancelled' }
    if (prepared === 'leave') return undefined
    await durable(ctx, 'pipelines.platform', (ctx) =>
      finishWithin(ctx, attempt, async (ctx) => ({
        kind: 'succeeded',
        ...(await hook.commit(ctx, node, prepared.ready)),
      })),
    )
    return undefined
  } catch (error) {
    if (error instanceof MainstayError && error.status < 500) return failed(error.message)
    ctx.log.warn({ run: attempt.run.id, node: name, err: error }, 'platform step failed; it is tried again')
    return { kind: 'lost', sentence: error instanceof Error ? error.message : String(error) }
  }
}

const failed = (sentence: string): Outcome => ({ kind: 'failed', reason: 'failed', sentence, final: true })

function platformNode(attempt: Attempt, upstream: readonly q.NodeRow[], spec: Record<string, unknown>): PlatformNode {
  const { run, node } = attempt
  return {
    run: run.id,
    pipeline: run.pipeline,
    step: node.name,
    idempotencyKey: `${run.id}/${node.name}`,
    params: paramsOf(run),
    trigger: triggerOf(run),
    spec,
    upstream: upstreamOutputs(upstream),
  }
}

async function untilReady(
  ctx: Ctx,
  hook: PlatformStep,
  attempt: Attempt,
  node: PlatformNode,
  signals: { cancel: AbortSignal; leave: AbortSignal },
): Promise<{ ready: unknown } | 'cancel' | 'leave'> {
  let shown: string | undefined
  const stop = AbortSignal.any([signals.cancel, signals.leave])
  for (;;) {
    if (signals.cancel.aborted) return 'cancel'
    if (signals.leave.aborted) return 'leave'
    const prepared: Prepared = await hook.prepare(ctx, node)
    if ('ready' in prepared) return prepared
    if (prepared.wait !== shown) {
      shown = prepared.wait
      const held = { run_id: attempt.run.id, name: attempt.node.name, fence: attempt.fence }
      await q.changeNode(ctx.db, held, ['running'], { sentence: prepared.wait })
    }
    const pause = prepared.until === undefined ? askAgainMs : prepared.until - ctx.clock.now()
    await sleep(Math.min(Math.max(pause, askAgainMs), longestPauseMs), undefined, { signal: stop }).catch(ignoreAbort)
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
