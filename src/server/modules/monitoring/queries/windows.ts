import { sql, type Selectable } from 'kysely'
import { MonitorSpec, type MonitorState } from '../../../../contract/monitoring.ts'
import type { Db } from '../../../platform/db/db.ts'
import type {
  FeedBucketTable,
  MonitorTable,
  MonitorWindowTable,
  OutcomeHourTable,
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
  unit: 'row' | 'entity' | 'hour' | 'day' | null
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

export type OutcomeRow = Selectable<OutcomeHourTable>

export async function replaceOutcomes(
  db: Db,
  endpoint: string,
  hours: readonly number[],
  rows: readonly OutcomeRow[],
): Promise<void> {
  for (let i = 0; i < hours.length; i += 500) {
    await db
      .deleteFrom('outcome_hour')
      .where('endpoint', '=', endpoint)
      .where('hour', 'in', hours.slice(i, i + 500))
      .execute()
  }
  for (let i = 0; i < rows.length; i += 200)
    await db
      .insertInto('outcome_hour')
      .values(rows.slice(i, i + 200))
      .execute()
}

export async function outcomesBetween(db: Db, endpoint: string, from: number, to: number): Promise<OutcomeRow[]> {
  return await db
    .selectFrom('outcome_hour')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .orderBy('hour')
    .execute()
}

const sums = ['error', 'abs_error', 'squared_error', 'actual', 'abs_actual', 'log_loss'] as const

export type UnitSums = { start: number; n: number; correct: number } & Record<(typeof sums)[number], number | null>

/** Outcomes summed by unit in the database; a sum that is unknown for one hour is unknown for its unit. */
export async function outcomesByUnit(
  db: Db,
  endpoint: string,
  range: { from: number; to: number; unit: number },
  only: { kind: 'live' | 'shadow'; version?: number | undefined },
): Promise<UnitSums[]> {
  const start = sql<number>`(hour / ${sql.lit(range.unit)}) * ${sql.lit(range.unit)}`
  let query = db
    .selectFrom('outcome_hour')
    .select(({ fn }) => [start.as('start'), fn.sum<number>('n').as('n'), fn.sum<number>('correct').as('correct')])
    .select(
      sums.map((name) =>
        sql<number | null>`case when count(${sql.ref(name)}) = count(*) then sum(${sql.ref(name)}) end`.as(name),
      ),
    )
    .where('endpoint', '=', endpoint)
    .where('kind', '=', only.kind)
    .where('hour', '>=', range.from)
    .where('hour', '<', range.to)
    .groupBy(start)
    .orderBy('start')
  if (only.version !== undefined) query = query.where('version', '=', only.version)
  const rows = await query.execute()
  return rows.map((row) => ({ ...row, start: Number(row.start), n: Number(row.n), correct: Number(row.correct) }))
}

export type WindowRow = Omit<Selectable<MonitorWindowTable>, 'numbers'> & { numbers: Record<string, unknown> }

const toWindow = (row: Selectable<MonitorWindowTable>): WindowRow => ({
  ...row,
  numbers: JSON.parse(row.numbers) as Record<string, unknown>,
})

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

/** The newest performance window that could be judged. */
export async function newestJudged(db: Db, endpoint: string): Promise<WindowRow | undefined> {
  const row = await db
    .selectFrom('monitor_window')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('subject', '=', 'performance')
    .where('state', 'in', ['healthy', 'warning', 'degraded'])
    .orderBy('start', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toWindow(row)
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
