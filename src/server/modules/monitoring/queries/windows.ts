import type { Selectable } from 'kysely'
import { MonitorSpec, type MonitorState } from '../../../../contract/monitoring.ts'
import type { Unit } from '../../../../stats/blocks.ts'
import { chunks } from '../../../platform/db/chunks.ts'
import type { Db } from '../../../platform/db/db.ts'
import type {
  FeedBucketTable,
  MonitorTable,
  MonitorWindowTable,
  ProfileBucketTable,
  QuarantineTable,
  WindowSubject,
} from '../tables.ts'

export interface MonitorRow {
  endpoint: string
  spec: MonitorSpec
  anchor: number | null
  state: MonitorState
  since: number | null
  sentence: string
  unit: Unit | null
  /** The limit that follows from backtests, the tightest so far. */
  relativeLimit: number | null
}

const toMonitor = (row: Selectable<MonitorTable>): MonitorRow => ({
  endpoint: row.endpoint,
  spec: MonitorSpec.parse(JSON.parse(row.spec)),
  anchor: row.anchor,
  state: row.state,
  since: row.since,
  sentence: row.sentence,
  unit: row.unit as MonitorRow['unit'],
  relativeLimit: row.relative_limit,
})

export async function findMonitor(db: Db, endpoint: string): Promise<MonitorRow | undefined> {
  const row = await db.selectFrom('monitor').selectAll().where('endpoint', '=', endpoint).executeTakeFirst()
  return row && toMonitor(row)
}

export async function listMonitors(db: Db): Promise<MonitorRow[]> {
  return (await db.selectFrom('monitor').selectAll().orderBy('endpoint').execute()).map(toMonitor)
}

export async function upsertMonitor(db: Db, row: Selectable<MonitorTable>): Promise<void> {
  await db
    .insertInto('monitor')
    .values(row)
    .onConflict((conflict) => conflict.column('endpoint').doUpdateSet({ spec: row.spec, updated_at: row.updated_at }))
    .execute()
}

export async function updateMonitor(
  db: Db,
  endpoint: string,
  values: Partial<Selectable<MonitorTable>>,
): Promise<void> {
  await db.updateTable('monitor').set(values).where('endpoint', '=', endpoint).execute()
}

export type ProfileRow = Selectable<ProfileBucketTable>

export async function findProfile(
  db: Db,
  key: Pick<ProfileRow, 'endpoint' | 'version' | 'kind' | 'start'>,
): Promise<ProfileRow | undefined> {
  return await db
    .selectFrom('profile_bucket')
    .selectAll()
    .where('endpoint', '=', key.endpoint)
    .where('version', '=', key.version)
    .where('kind', '=', key.kind)
    .where('start', '=', key.start)
    .executeTakeFirst()
}

export async function putProfile(db: Db, row: ProfileRow): Promise<void> {
  const { rows, errors, columns, outputs } = row
  await db
    .insertInto('profile_bucket')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['endpoint', 'version', 'kind', 'start']).doUpdateSet({ rows, errors, columns, outputs }),
    )
    .execute()
}

export async function profilesBetween(db: Db, endpoint: string, from: number, to: number): Promise<ProfileRow[]> {
  return await db
    .selectFrom('profile_bucket')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('start', '>=', from)
    .where('start', '<', to)
    .orderBy('start')
    .execute()
}

export async function addFeed(db: Db, row: Selectable<FeedBucketTable>): Promise<void> {
  await db
    .insertInto('feed_bucket')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['endpoint', 'start']).doUpdateSet(({ eb }) => ({
        rows: eb('feed_bucket.rows', '+', row.rows),
        refused: eb('feed_bucket.refused', '+', row.refused),
        not_captured: eb('feed_bucket.not_captured', '+', row.not_captured),
      })),
    )
    .execute()
}

export async function feedBetween(
  db: Db,
  endpoint: string,
  from: number,
  to: number,
): Promise<{ rows: number; refused: number; not_captured: number }> {
  const row = await db
    .selectFrom('feed_bucket')
    .select(({ fn }) => [
      fn.sum<number>('rows').as('rows'),
      fn.sum<number>('refused').as('refused'),
      fn.sum<number>('not_captured').as('not_captured'),
    ])
    .where('endpoint', '=', endpoint)
    .where('start', '>=', from)
    .where('start', '<', to)
    .executeTakeFirst()
  return {
    rows: Number(row?.rows ?? 0),
    refused: Number(row?.refused ?? 0),
    not_captured: Number(row?.not_captured ?? 0),
  }
}

/** Rows by bucket; a bucket without any is not there. */
export async function feedBuckets(
  db: Db,
  endpoint: string,
  from: number,
  to: number,
): Promise<{ start: number; rows: number }[]> {
  return await db
    .selectFrom('feed_bucket')
    .select(['start', 'rows'])
    .where('endpoint', '=', endpoint)
    .where('start', '>=', from)
    .where('start', '<', to)
    .execute()
}

/** The first bucket after a moment in which rows came. */
export async function nextFeed(db: Db, endpoint: string, after: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('feed_bucket')
    .select(({ fn }) => fn.min('start').as('start'))
    .where('endpoint', '=', endpoint)
    .where('start', '>', after)
    .executeTakeFirst()
  return row?.start === null || row?.start === undefined ? undefined : Number(row.start)
}

export type WindowRow = Omit<Selectable<MonitorWindowTable>, 'numbers'> & { numbers: Record<string, unknown> }

const toWindow = (row: Selectable<MonitorWindowTable>): WindowRow => ({
  ...row,
  numbers: JSON.parse(row.numbers) as Record<string, unknown>,
})

/** Takes the place of what was judged about the same window before. */
export async function replaceWindow(db: Db, { endpoint, subject, start, ...row }: WindowRow): Promise<void> {
  await db
    .updateTable('monitor_window')
    .set({ ...row, numbers: JSON.stringify(row.numbers) })
    .where('endpoint', '=', endpoint)
    .where('subject', '=', subject)
    .where('start', '=', start)
    .execute()
}

export async function insertWindow(db: Db, row: WindowRow): Promise<void> {
  await db
    .insertInto('monitor_window')
    .values({ ...row, numbers: JSON.stringify(row.numbers) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function newestWindow(db: Db, endpoint: string, subject: WindowSubject): Promise<WindowRow | undefined> {
  const row = await db
    .selectFrom('monitor_window')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('subject', '=', subject)
    .orderBy('start', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toWindow(row)
}

const judgedStates: readonly MonitorState[] = ['healthy', 'warning', 'degraded']

/** Whether a window could be judged. */
export const isJudged = (window: { state: string }): boolean => judgedStates.includes(window.state as MonitorState)

/** The newest windows that could be judged, newest first; `before` and `after` bound their start. */
export async function judgedWindows(
  db: Db,
  endpoint: string,
  subject: WindowSubject,
  { limit, before, after }: { limit: number; before?: number; after?: number },
): Promise<WindowRow[]> {
  let query = db
    .selectFrom('monitor_window')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('subject', '=', subject)
    .where('state', 'in', judgedStates)
    .orderBy('start', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('start', '<', before)
  if (after !== undefined) query = query.where('start', '>=', after)
  return (await query.execute()).map(toWindow)
}

/** The next judged windows of performance after one. */
export async function judgedAfter(db: Db, endpoint: string, start: number, limit: number): Promise<WindowRow[]> {
  const rows = await db
    .selectFrom('monitor_window')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('subject', '=', 'performance')
    .where('state', 'in', judgedStates)
    .where('start', '>', start)
    .orderBy('start')
    .limit(limit)
    .execute()
  return rows.map(toWindow)
}

/** Windows of performance to be judged again; one that waits already is not noted twice. */
export async function markLate(db: Db, endpoint: string, starts: readonly number[]): Promise<void> {
  for (const some of chunks(starts, 500))
    await db
      .insertInto('late_window')
      .values(some.map((start) => ({ endpoint, start })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

export async function unmarkLate(db: Db, endpoint: string, start: number): Promise<void> {
  await db.deleteFrom('late_window').where('endpoint', '=', endpoint).where('start', '=', start).execute()
}

/** The oldest window that waits to be judged again. */
export async function oldestLate(db: Db, endpoint: string): Promise<WindowRow | undefined> {
  const row = await db
    .selectFrom('late_window')
    .innerJoin('monitor_window', (join) =>
      join
        .onRef('monitor_window.endpoint', '=', 'late_window.endpoint')
        .onRef('monitor_window.start', '=', 'late_window.start'),
    )
    .selectAll('monitor_window')
    .where('late_window.endpoint', '=', endpoint)
    .where('monitor_window.subject', '=', 'performance')
    .orderBy('monitor_window.start')
    .limit(1)
    .executeTakeFirst()
  return row && toWindow(row)
}

/** Where judged windows of performance lie, without their numbers. */
export async function performanceSpans(
  db: Db,
  endpoint: string,
  from: number,
  to: number,
): Promise<{ start: number; stop: number }[]> {
  return await db
    .selectFrom('monitor_window')
    .select(['start', 'stop'])
    .where('endpoint', '=', endpoint)
    .where('subject', '=', 'performance')
    .where('stop', '>', from)
    .where('start', '<', to)
    .execute()
}

export async function windowsBetween(
  db: Db,
  endpoint: string,
  subject: WindowSubject,
  from: number,
  to: number,
): Promise<WindowRow[]> {
  const rows = await db
    .selectFrom('monitor_window')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('subject', '=', subject)
    .where('stop', '>', from)
    .where('start', '<', to)
    .orderBy('start')
    .execute()
  return rows.map(toWindow)
}

export type QuarantineRow = Selectable<QuarantineTable>

export async function openQuarantine(db: Db, endpoint: string): Promise<QuarantineRow | undefined> {
  return await db
    .selectFrom('quarantine')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('lifted_at', 'is', null)
    .executeTakeFirst()
}

export async function listQuarantines(db: Db, endpoint: string): Promise<QuarantineRow[]> {
  return await db.selectFrom('quarantine').selectAll().where('endpoint', '=', endpoint).orderBy('start').execute()
}

export async function insertQuarantine(db: Db, row: QuarantineRow): Promise<void> {
  await db.insertInto('quarantine').values(row).execute()
}

export async function updateQuarantine(db: Db, id: string, values: Partial<QuarantineRow>): Promise<void> {
  await db.updateTable('quarantine').set(values).where('id', '=', id).execute()
}

export interface MarkerRow {
  endpoint: string
  at: number
  kind: 'incident' | 'retrain' | 'promote' | 'rollback' | 'deploy' | 'quarantine' | 'lift' | 'refused'
  label: string
  link: string | null
  /** True when another version answers from here on: persistence and recovery begin anew. */
  changesLive?: boolean
}

export async function addMarker(db: Db, { changesLive, ...row }: MarkerRow): Promise<void> {
  await db
    .insertInto('change_marker')
    .values({ ...row, changes_live: changesLive === true ? 1 : 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function listMarkers(db: Db, endpoint: string, from: number, to: number): Promise<MarkerRow[]> {
  return await db
    .selectFrom('change_marker')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('at', '>=', from)
    .where('at', '<=', to)
    .orderBy('at')
    .execute()
}

/** When the live version last changed by a promotion, rollback or deployment. */
export async function lastChange(db: Db, endpoint: string, before: number): Promise<MarkerRow | undefined> {
  return await db
    .selectFrom('change_marker')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('changes_live', '=', 1)
    .where('at', '<=', before)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
}
