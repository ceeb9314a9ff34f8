import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { aboutSql } from './outcomes.ts'
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
  return await analytics.query(`select version, count(distinct ${aboutSql}) as entities
    from ${log} where kind = 'live' group by version order by version`)
}

export interface EntitiesServed {
  entities: number
  /**
   * As many entities of equal weight say as much: (Σ rows)² / Σ rows², which one entity with most of the rows makes few.
   * Source: Kish, Survey Sampling, 11.7.
   */
  units: number
  rows: number
  /** Rows of a request that named its entity. */
  named: number
}

/** Whom the rows were about that a version scored in a span, heard or in shadow. */
export async function entitiesServed(
  ctx: Ctx,
  analytics: Analytics,
  { endpoint, version, from, to }: { endpoint: string; version: number; from: number; to: number },
): Promise<EntitiesServed | undefined> {
  const log = await logRelation(ctx, { endpoint, from, to })
  if (log === undefined) return undefined
  const [found] = await analytics.query<EntitiesServed>(`with per_entity as (
      select count(*)::double as n, count(entity)::double as named from ${log}
      where kind in ('live', 'shadow') and version = ${version} group by ${aboutSql})
    select count(*)::double as entities, floor(coalesce(sum(n) ** 2 / sum(n ** 2), 0) + 1e-9) as units,
      coalesce(sum(n), 0) as rows, coalesce(sum(named), 0) as named from per_entity`)
  return found
}
