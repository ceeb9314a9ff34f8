import type { TxCtx } from '../../platform/ctx.ts'
import { audit } from '../audit/module.ts'
import { moveAlias } from '../registry/module.ts'
import { setRouting } from '../serving/module.ts'
import * as q from './queries/rollouts.ts'

/** Ends a rollout with the candidate live. The alias moves in the same transaction as the weights. */
export async function promote(ctx: TxCtx, rollout: q.RolloutRow, at: number, why: string): Promise<void> {
  const { endpoint, model, candidate, champion } = rollout
  await setRouting(ctx, endpoint, {
    variants: [
      { model, version: candidate, weight: 1, role: 'live' },
      // The version before goes on in shadow, so that it can be said what the promotion changed.
      ...(champion === null ? [] : [{ model, version: champion, weight: 0, role: 'shadow' as const }]),
    ],
    errorTest: null,
    why,
  })
  await moveAlias(ctx, model, 'champion', candidate)
  await end(ctx, rollout, 'promoted', 1, at, why)
  ctx.emit({
    type: 'rollouts.promoted',
    rollout: rollout.id,
    endpoint,
    model,
    version: candidate,
    previous: champion,
    at,
    incident: rollout.incident,
  })
}

/** Ends a rollout with the candidate out of traffic; acts on the next request. */
export async function rollBack(ctx: TxCtx, rollout: q.RolloutRow, at: number, why: string): Promise<void> {
  const { endpoint, model, candidate, champion } = rollout
  await setRouting(ctx, endpoint, {
    variants: champion === null ? [] : [{ model, version: champion, weight: 1, role: 'live' }],
    errorTest: null,
    why,
  })
  await end(ctx, rollout, 'rolled_back', 0, at, why)
  ctx.emit({
    type: 'rollouts.rolled_back',
    rollout: rollout.id,
    endpoint,
    model,
    version: candidate,
    to: champion,
    at,
    why,
    incident: rollout.incident,
  })
}

async function end(
  ctx: TxCtx,
  rollout: q.RolloutRow,
  stage: 'promoted' | 'rolled_back',
  weight: number,
  at: number,
  why: string,
): Promise<void> {
  const steps = rollout.progress.steps.map((step) =>
    step.startedAt !== null && step.endedAt === null
      ? { ...step, endedAt: at, facts: [...step.facts, why].slice(-3) }
      : step,
  )
  await q.updateRollout(ctx.db, rollout.id, {
    stage,
    weight,
    sentence: why,
    ended_at: ctx.clock.now(),
    ended_event_time: at,
    progress: { ...rollout.progress, steps },
  })
  await audit(ctx, `rollouts.${stage}`, rollout.id, { endpoint: rollout.endpoint, version: rollout.candidate, why })
}
