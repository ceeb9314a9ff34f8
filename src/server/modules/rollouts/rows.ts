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

export interface RolloutInTime {
  /** For how long (ms of event time) a person has been waited for in vain; negative while none is, 0 for one that a person holds. */
  overdueBy: number
  /** Because its candidate is no worse than the champion and outside the limit; else because of its `max_duration`. */
  isOutside: boolean
}

/** The endpoint's rollout in progress. By itself it ends no more once its time is up or its candidate is outside the limit. */
export async function rolloutInTime(db: Db, endpoint: string, at: number): Promise<RolloutInTime | undefined> {
  const rollout = await q.activeRollout(db, endpoint)
  if (!rollout) return undefined
  if (rollout.paused_by !== null) return { overdueBy: 0, isOutside: false }
  const { spec } = await getEndpointRow(db, endpoint)
  const overTime = at - (rollout.started_event_time ?? at) - toMs(spec.rollout.max_duration)
  const outsideBy = at - (rollout.progress.outsideSince ?? Infinity)
  return { overdueBy: Math.max(overTime, outsideBy), isOutside: outsideBy > overTime }
}
