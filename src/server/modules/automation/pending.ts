import type { Ctx } from '../../platform/ctx.ts'
import * as q from './queries.ts'

/** A training run of an action is work that a replay waits for; a rollout or a follow-up goes on with the data. */
export async function pendingActions(ctx: Ctx, endpoint: string): Promise<string[]> {
  const action = await q.actionInFlight(ctx.db, endpoint)
  return action && (action.state === 'waiting' || action.state === 'running') && action.rollout === null
    ? [`a retraining runs (${action.run ?? action.id})`]
    : []
}
