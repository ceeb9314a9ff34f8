import type { Selectable } from 'kysely'
import { chunks } from '../../../platform/db/chunks.ts'
import type { Db } from '../../../platform/db/db.ts'
import { unitStart } from '../../../platform/db/unit-start.ts'
import type { LabelTable } from '../tables.ts'

const hourMs = 3_600_000

export type LabelRow = Selectable<LabelTable>

export async function findLabels(db: Db, endpoint: string, ids: readonly string[]): Promise<LabelRow[]> {
  return await db
    .selectFrom('label')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('id', 'in', [...ids])
    .execute()
}

export async function insertLabels(db: Db, rows: readonly LabelRow[]): Promise<void> {
  for (const some of chunks(rows, 1_000)) await db.insertInto('label').values(some).execute()
}

/** A corrected label is joined anew. */
export async function correctLabel(db: Db, row: LabelRow): Promise<void> {
  await db
    .updateTable('label')
    .set({ value: row.value, at: row.at, received_at: row.received_at, event_time: null, searched_at: null })
    .where('endpoint', '=', row.endpoint)
    .where('id', '=', row.id)
    .execute()
}

/** Labels that were never looked for, newest first. */
export async function freshLabels(db: Db, endpoint: string, limit: number): Promise<LabelRow[]> {
  return await waiting(db, endpoint)
    .where('searched_at', 'is', null)
    .orderBy('received_at', 'desc')
    .limit(limit)
    .execute()
}

/** Labels that no captured row answered to so far. */
export async function searchedLabels(db: Db, endpoint: string, limit: number): Promise<LabelRow[]> {
  return await waiting(db, endpoint)
    .where('searched_at', 'is not', null)
    .orderBy('received_at', 'desc')
    .limit(limit)
    .execute()
}

const waiting = (db: Db, endpoint: string) =>
  db.selectFrom('label').selectAll().where('endpoint', '=', endpoint).where('event_time', 'is', null)

export async function hasWaitingLabels(db: Db, endpoint: string): Promise<boolean> {
  return (await waiting(db, endpoint).limit(1).execute()).length > 0
}

/** Only the value that was read: a correction that came meanwhile goes on waiting. */
export async function markSearched(db: Db, endpoint: string, labels: readonly LabelRow[], at: number): Promise<void> {
  for (const some of chunks(labels, 500)) {
    await db
      .updateTable('label')
      .set({ searched_at: at })
      .where('endpoint', '=', endpoint)
      .where('event_time', 'is', null)
      .where(
        'id',
        'in',
        some.map((label) => label.id),
      )
      .where('received_at', '<=', at)
      .execute()
  }
}

/** A label that was corrected after it was read stays as it is and waits for its own turn. */
export async function markJoined(db: Db, labels: readonly LabelRow[]): Promise<void> {
  for (const some of chunks(labels, 500)) {
    await db
      .insertInto('label')
      .values(some)
      .onConflict((conflict) =>
        conflict
          .columns(['endpoint', 'id'])
          .doUpdateSet(({ ref }) => ({
            event_time: ref('excluded.event_time'),
            prediction_id: ref('excluded.prediction_id'),
          }))
          .whereRef('label.value', '=', 'excluded.value'),
      )
      .execute()
  }
}

export async function labelsBetween(db: Db, endpoint: string, from: number, to: number): Promise<LabelRow[]> {
  return await db
    .selectFrom('label')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('event_time', '>=', from)
    .where('event_time', '<', to)
    .orderBy('received_at')
    .execute()
}

/** Hours of event time in which labels have found their rows, oldest first. */
export async function labelledHours(db: Db, endpoint: string): Promise<number[]> {
  const hour = unitStart(hourMs, 'event_time')
  const rows = await db
    .selectFrom('label')
    .select(hour.as('hour'))
    .distinct()
    .where('endpoint', '=', endpoint)
    .where('event_time', 'is not', null)
    .orderBy('hour')
    .execute()
  return rows.map((row) => Number(row.hour))
}

export async function labelTotals(db: Db, endpoint: string): Promise<{ labels: number; pending: number }> {
  const row = await db
    .selectFrom('label')
    .select(({ fn }) => [fn.countAll<number>().as('labels'), fn.count<number>('event_time').as('joined')])
    .where('endpoint', '=', endpoint)
    .executeTakeFirst()
  const labels = Number(row?.labels ?? 0)
  return { labels, pending: labels - Number(row?.joined ?? 0) }
}
