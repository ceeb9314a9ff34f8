import type { Selectable } from 'kysely'
import { chunks } from '../../../platform/db/chunks.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { DrawHourTable, PairSliceTable } from '../tables.ts'

export type PairRow = Selectable<PairSliceTable>
export type DrawRow = Selectable<DrawHourTable>

/** What is known of the hours now, in the place of what was. */
export async function replaceCompared(
  db: Db,
  endpoint: string,
  hours: readonly number[],
  rows: { pairs: readonly PairRow[]; draws: readonly DrawRow[] },
): Promise<void> {
  for (const some of chunks(hours, 500)) {
    await db.deleteFrom('pair_slice').where('endpoint', '=', endpoint).where('hour', 'in', some).execute()
    await db.deleteFrom('draw_hour').where('endpoint', '=', endpoint).where('hour', 'in', some).execute()
  }
  for (const some of chunks(rows.pairs, 200)) await db.insertInto('pair_slice').values(some).execute()
  for (const some of chunks(rows.draws, 200)) await db.insertInto('draw_hour').values(some).execute()
}

interface Compared {
  endpoint: string
  versions: readonly [number, number]
  from: number
  to: number
}

export async function pairsBetween(db: Db, { endpoint, versions, from, to }: Compared): Promise<PairRow[]> {
  return await db
    .selectFrom('pair_slice')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('version_a', '=', Math.min(...versions))
    .where('version_b', '=', Math.max(...versions))
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .orderBy('hour')
    .execute()
}

export async function drawsBetween(db: Db, { endpoint, versions, from, to }: Compared): Promise<DrawRow[]> {
  return await db
    .selectFrom('draw_hour')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('version', 'in', [...versions])
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .orderBy('hour')
    .orderBy('version')
    .orderBy('slice')
    .execute()
}
