import { toMs } from '../../../contract/duration.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { getEndpointRow } from '../serving/module.ts'
import * as q from './queries/rollouts.ts'

export async function getRolloutRow(ctx: Pick<Ctx, 'db'>, id: string): Promise<q.RolloutRow> {
  const row = await q.findRollout(ctx.db, id)
  if (!row) throw new MainstayError('rollouts.not_found', `no rollout has the id ${id}`)
  return row
}

/** A rollout that can still be acted on. */
export async function getOpenRollout(ctx: Pick<Ctx, 'db'>, id: string): Promise<q.RolloutRow> {
  const row = await getRolloutRow(ctx, id)
  if (row.ended_at !== null) throw new MainstayError('rollouts.ended', `the rollout ended: ${row.sentence}`)
  return row
}

/**
 * The endpoint's rollout in progress, and for how long (ms of event time) its `max_duration` has been over without
 * anybody's decision: negative while it is not, 0 for one that a person holds.
 */
export async function rolloutInTime(db: Db, endpoint: string, at: number): Promise<{ overdueBy: number } | undefined> {
  const rollout = await q.activeRollout(db, endpoint)
  if (!rollout) return undefined
  if (rollout.paused_by !== null) return { overdueBy: 0 }
  const { spec } = await getEndpointRow(db, endpoint)
  return { overdueBy: at - (rollout.started_event_time ?? at) - toMs(spec.rollout.max_duration) }
}
