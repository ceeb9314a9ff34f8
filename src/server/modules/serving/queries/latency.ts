import { sql } from 'kysely'
import type { Db } from '../../../platform/db/db.ts'
import type { LatencyCount } from '../latency.ts'

const chunk = 500

export async function addLatencies(db: Db, endpoint: string, counts: readonly LatencyCount[]): Promise<void> {
  for (let i = 0; i < counts.length; i += chunk)
    await db
      .insertInto('latency_hour')
      .values(counts.slice(i, i + chunk).map((count) => ({ endpoint, ...count })))
      .onConflict((conflict) =>
        conflict
          .columns(['endpoint', 'hour', 'variant', 'bucket'])
          .doUpdateSet(({ eb, ref }) => ({ rows: eb('latency_hour.rows', '+', ref('excluded.rows')) })),
      )
      .execute()
}

/** Summed over spans of `unit` ms, each named by its beginning. */
export async function latenciesBetween(
  db: Db,
  endpoint: string,
  from: number,
  to: number,
  unit: number,
): Promise<{ start: number; variant: string; bucket: number; rows: number }[]> {
  const start = sql<number>`(hour / ${sql.lit(unit)}) * ${sql.lit(unit)}`
  const rows = await db
    .selectFrom('latency_hour')
    .select(({ fn }) => [start.as('start'), 'variant', 'bucket', fn.sum<number>('rows').as('rows')])
    .where('endpoint', '=', endpoint)
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .groupBy([start, 'variant', 'bucket'])
    .execute()
  return rows.map((row) => ({ ...row, start: Number(row.start), rows: Number(row.rows) }))
}
