import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import * as q from './queries.ts'

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
