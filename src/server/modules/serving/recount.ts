import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { storeHours, type JoinParts } from './join.ts'
import { labelLane } from './labels.ts'
import * as labelRows from './queries/labels.ts'

const hoursAtOnce = 7 * 24

/** What rows count in has changed: every hour that has labels is computed anew, in the lane of joins and verdicts. */
export async function requestRecount(ctx: TxCtx, endpoint: string): Promise<void> {
  await ctx.enqueue({ kind: 'serving.recount', key: endpoint, lane: labelLane(endpoint), payload: { endpoint } })
}

export async function recount(ctx: Ctx, parts: JoinParts, endpoint: string): Promise<void> {
  for (const hours of chunks(await labelRows.labelledHours(ctx.db, endpoint), hoursAtOnce))
    await storeHours(ctx, parts, endpoint, hours, [])
}
