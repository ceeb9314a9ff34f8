import type { Ctx } from '../../platform/ctx.ts'
import { waitOfGate } from './gate-looks.ts'
import * as q from './queries/actions.ts'

/**
 * A training run of an action is work that a replay waits for; a rollout or a follow-up goes on with the data, and so does a
 * gate that waits for labels which only the replay can bring.
 */
export async function pendingActions(ctx: Ctx, endpoint: string): Promise<string[]> {
  const action = await q.actionInFlight(ctx.db, endpoint)
  if (!action || (action.state !== 'waiting' && action.state !== 'running') || action.rollout !== null) return []
  if (action.run !== null && (await waitOfGate(ctx, endpoint, action.run)) !== undefined) return []
  return [`a retraining runs (${action.run ?? action.id})`]
}
