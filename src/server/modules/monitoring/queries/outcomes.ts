import { sql, type Selectable } from 'kysely'
import { chunks } from '../../../platform/db/chunks.ts'
import type { Db } from '../../../platform/db/db.ts'
import { unitStart } from '../../../platform/db/unit-start.ts'
import type { OutcomeBlockTable } from '../tables.ts'

export type OutcomeRow = Selectable<OutcomeBlockTable>

/** The outcomes of the hours named, and nothing of what was known about them before. */
export async function replaceOutcomes(
  db: Db,
  endpoint: string,
  hours: readonly number[],
  rows: readonly OutcomeRow[],
): Promise<void> {
  for (const some of chunks(hours, 500))
    await db.deleteFrom('outcome_block').where('endpoint', '=', endpoint).where('hour', 'in', some).execute()
  for (const some of chunks(rows, 200)) await db.insertInto('outcome_block').values(some).execute()
}

/** Σ of the actuals by hour of live rows; unknown where it is unknown for some of them. */
export async function actualByHour(
  db: Db,
  endpoint: string,
  from: number,
  to: number,
): Promise<{ hour: number; actual: number | null }[]> {
  return await db
    .selectFrom('outcome_block')
    .select('hour')
    .select(wholeSum('actual').as('actual'))
    .where('endpoint', '=', endpoint)
    .where('kind', '=', 'live')
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .groupBy('hour')
    .execute()
}

const sums = ['error', 'abs_error', 'squared_error', 'actual', 'abs_actual', 'log_loss', 'tp', 'fp', 'fn'] as const

const wholeSum = (name: (typeof sums)[number]) =>
  sql<number | null>`case when count(${sql.ref(name)}) = count(*) then sum(${sql.ref(name)}) end`

export type UnitSums = { start: number; block: number; n: number; named: number; correct: number } & Record<
  (typeof sums)[number],
  number | null
>

/** What stands apart within a span of time: nothing, the blocks of an hour, or the slices of the entities. */
export type Apart = 'nothing' | 'blocks' | 'slices'

export interface UnitRange {
  from: number
  to: number
  unit: number
  apart: Apart
}

/** Outcomes summed by unit in the database; a sum that is unknown for some row is unknown for its unit. */
export async function outcomesByUnit(
  db: Db,
  endpoint: string,
  range: UnitRange,
  only: { kind: 'live' | 'shadow'; version?: number | undefined },
): Promise<UnitSums[]> {
  const start = unitStart(range.unit)
  const isWhole = range.apart === 'nothing'
  const block = isWhole ? sql<number>`min(0)` : sql<number>`block`
  let query = db
    .selectFrom('outcome_block')
    .select(({ fn }) => [
      start.as('start'),
      block.as('block'),
      fn.sum<number>('n').as('n'),
      fn.sum<number>('named').as('named'),
      fn.sum<number>('correct').as('correct'),
    ])
    .select(sums.map((name) => wholeSum(name).as(name)))
    .where('endpoint', '=', endpoint)
    .where('kind', '=', only.kind)
    .where('hour', '>=', range.from)
    .where('hour', '<', range.to)
    .groupBy(isWhole ? [start] : [start, sql`block`])
    .orderBy('start')
  // Hours that were summed before entities were the unit have other blocks; they are counted anew from the log.
  if (range.apart === 'slices') query = query.where('by_entity', '=', 1)
  if (only.version !== undefined) query = query.where('version', '=', only.version)
  const rows = await query.execute()
  return rows.map((row) => {
    const known = { ...row, start: Number(row.start), block: Number(row.block) }
    for (const name of ['n', 'named', 'correct'] as const) known[name] = Number(row[name])
    for (const name of sums) known[name] = row[name] === null ? null : Number(row[name])
    return known
  })
}

/** Scores by class of the same rows, as text to be added up. */
export async function scoresByHour(
  db: Db,
  endpoint: string,
  range: { from: number; to: number },
  only: { kind: 'live' | 'shadow'; version?: number | undefined },
): Promise<{ hour: number; block: number; scores: string | null }[]> {
  let query = db
    .selectFrom('outcome_block')
    .select(['hour', 'block', 'scores'])
    .where('endpoint', '=', endpoint)
    .where('kind', '=', only.kind)
    .where('hour', '>=', range.from)
    .where('hour', '<', range.to)
  if (only.version !== undefined) query = query.where('version', '=', only.version)
  return await query.execute()
}

/** Which versions have outcomes, by unit; of several in one unit the oldest. */
export async function versionsByUnit(
  db: Db,
  endpoint: string,
  { from, to, unit }: { from: number; to: number; unit: number },
): Promise<{ start: number; kind: string; version: number }[]> {
  const start = unitStart(unit)
  const rows = await db
    .selectFrom('outcome_block')
    .select(['kind', start.as('start'), 'version'])
    .where('endpoint', '=', endpoint)
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .groupBy([start, 'kind', 'version'])
    .orderBy('start')
    .execute()
  return rows.map((row) => ({ ...row, start: Number(row.start) }))
}
