import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { logRelation, wholeTime } from './prediction-log.ts'

/** How many entities (requests, where they name none) each version answered since an event time; playground rows aside. */
export async function assignedSince(
  ctx: Ctx,
  analytics: Analytics,
  endpoint: string,
  from: number,
): Promise<{ version: number; entities: number }[]> {
  const log = await logRelation(ctx, { endpoint, from, to: wholeTime.to })
  if (log === undefined) return []
  return await analytics.query(`select version, count(distinct coalesce(entity, request_id, id)) as entities
    from ${log} where kind = 'live' group by version order by version`)
}
