import { sql, type Generated, type Selectable } from 'kysely'
import type { Dialect } from '../db/columns.ts'
import type { Db } from '../db/db.ts'
import type { Migration } from '../db/migrate.ts'

/** Open: each module declares its facts here, past tense, as `type → payload`. */
export interface EventMap {}

export type EventType = keyof EventMap
export type DomainEvent = { [K in EventType]: { type: K } & EventMap[K] }[EventType]

interface EventTable {
  id: Generated<number>
  project_id: string
  type: string
  payload: string
  at: number
}

interface EventCursorTable {
  consumer: string
  position: number
}

declare module '../db/tables.ts' {
  interface Tables {
    event: EventTable
    event_cursor: EventCursorTable
  }
}

export const eventMigrations: Migration[] = [
  {
    name: '2026-11-21-event',
    async up({ createCountedTable, createTable, createIndex }) {
      await createCountedTable('event', { project_id: 'text', type: 'text', payload: 'json', at: 'millis' })
      await createIndex('event_type', 'event', ['type', 'id'])
      await createTable('event_cursor', { consumer: 'text', position: 'int' }, ['consumer'])
    },
  },
]

/** One delivered fact with its place in the history. */
export interface StoredEvent {
  id: number
  project: string
  at: number
  event: DomainEvent
}

const commitOrderLock = 7070_0001

/**
 * Writes facts at the end of their transaction. On PostgreSQL a lock held until commit keeps ids in
 * commit order, so that a reader that has seen id n will never meet a smaller one later.
 */
export async function insertEvents(
  db: Db,
  dialect: Dialect,
  now: number,
  project: string,
  events: readonly DomainEvent[],
): Promise<void> {
  if (events.length === 0) return
  if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${commitOrderLock})`.execute(db)
  await db
    .insertInto('event')
    .values(
      events.map(({ type, ...payload }) => ({ project_id: project, type, payload: JSON.stringify(payload), at: now })),
    )
    .execute()
}

const toEvent = (row: Selectable<EventTable>): StoredEvent => ({
  id: row.id,
  project: row.project_id,
  at: row.at,
  event: { type: row.type, ...(JSON.parse(row.payload) as object) } as DomainEvent,
})

export async function listEventsAfter(db: Db, position: number, limit: number): Promise<StoredEvent[]> {
  const rows = await db.selectFrom('event').selectAll().where('id', '>', position).orderBy('id').limit(limit).execute()
  return rows.map(toEvent)
}

export async function newestEventId(db: Db): Promise<number> {
  const row = await db
    .selectFrom('event')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst()
  return Number(row?.id ?? 0)
}

export async function readCursor(db: Db, consumer: string): Promise<number> {
  const row = await db.selectFrom('event_cursor').select('position').where('consumer', '=', consumer).executeTakeFirst()
  return row?.position ?? 0
}

/** How many facts each consumer has not seen; ids that were never given count too. */
export async function lagOfConsumers(db: Db): Promise<{ consumer: string; lag: number }[]> {
  const newest = await newestEventId(db)
  const rows = await db.selectFrom('event_cursor').selectAll().execute()
  return rows.map(({ consumer, position }) => ({ consumer, lag: Math.max(0, newest - position) }))
}

export async function writeCursor(db: Db, consumer: string, position: number): Promise<void> {
  await db
    .insertInto('event_cursor')
    .values({ consumer, position })
    .onConflict((conflict) => conflict.column('consumer').doUpdateSet({ position }))
    .execute()
}
