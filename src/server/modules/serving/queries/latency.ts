import { chunks } from '../../../platform/db/chunks.ts'
import type { Db } from '../../../platform/db/db.ts'
import { unitStart } from '../../../platform/db/unit-start.ts'
import type { LatencyCount } from '../latency.ts'

export async function addLatencies(db: Db, endpoint: string, counts: readonly LatencyCount[]): Promise<void> {
  for (const some of chunks(counts, 500))
    await db
      .insertInto('latency_hour')
      .values(some.map((count) => ({ endpoint, ...count })))
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
  const start = unitStart(unit)
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
