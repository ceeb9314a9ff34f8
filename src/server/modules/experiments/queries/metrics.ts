import { sql } from 'kysely'
import type { Dialect } from '../../../platform/db/columns.ts'
import { chunks } from '../../../platform/db/chunks.ts'
import type { Db } from '../../../platform/db/db.ts'
import { insertMany } from './bulk.ts'

/** One logged value; `value` may be NaN or infinite. */
export interface Point {
  key: string
  value: number
  timestamp: number
  step: number
}

export interface ModelPoint extends Point {
  run_id: string
  dataset_name: string
  dataset_digest: string
}

const stored = (value: number): [value: number, isNan: number] => (Number.isNaN(value) ? [0, 1] : [value, 0])

export const valueOf = (row: { value: number; is_nan: number }): number => (row.is_nan === 1 ? Number.NaN : row.value)

const isNewer = (a: Point, b: Point): boolean => {
  if (a.step !== b.step) return a.step > b.step
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp
  return stored(a.value)[0] >= stored(b.value)[0]
}

/** The newest point of each key is the largest by step, then timestamp, then value; not the one written last. */
const moveForward = `on conflict (run, key) do update set value = excluded.value, is_nan = excluded.is_nan,
  timestamp = excluded.timestamp, step = excluded.step
  where (excluded.step, excluded.timestamp, excluded.value) > (latest_metric.step, latest_metric.timestamp, latest_metric.value)`

export async function insertPoints(db: Db, dialect: Dialect, run: number, points: readonly Point[]): Promise<void> {
  const latest = new Map<string, Point>()
  const rows = points.map((point) => {
    const before = latest.get(point.key)
    if (!before || isNewer(point, before)) latest.set(point.key, point)
    return [run, point.key, point.step, point.timestamp, ...stored(point.value)]
  })
  await insertMany(
    db,
    dialect,
    'metric',
    ['run', 'key', 'step', 'timestamp', 'value', 'is_nan'],
    rows,
    'on conflict do nothing',
  )
  await insertMany(
    db,
    dialect,
    'latest_metric',
    ['run', 'key', 'value', 'is_nan', 'timestamp', 'step'],
    [...latest.values()].map((point) => [run, point.key, ...stored(point.value), point.timestamp, point.step]),
    moveForward,
  )
}

export async function insertModelPoints(
  db: Db,
  dialect: Dialect,
  model: number,
  points: readonly ModelPoint[],
): Promise<void> {
  await insertMany(
    db,
    dialect,
    'logged_model_metric',
    ['model', 'key', 'run_id', 'dataset_name', 'dataset_digest', 'step', 'timestamp', 'value', 'is_nan'],
    points.map((p) => [
      model,
      p.key,
      p.run_id,
      p.dataset_name,
      p.dataset_digest,
      p.step,
      p.timestamp,
      ...stored(p.value),
    ]),
    'on conflict do nothing',
  )
}

export interface HistoryRow {
  step: number
  timestamp: number
  value: number
  is_nan: number
}

/** Points in the order (step, timestamp, value), after the given place. */
export async function readHistory(
  db: Db,
  run: number,
  key: string,
  after: HistoryPlace | undefined,
  limit: number | undefined,
): Promise<HistoryRow[]> {
  const beyond = after
    ? sql`and (step, timestamp, value, is_nan) > (${after.step}, ${after.timestamp}, cast(${after.value} as double precision), ${after.is_nan})`
    : sql``
  const cut = limit === undefined ? sql`` : sql`limit ${limit}`
  const { rows } = await sql<HistoryRow>`select step, timestamp, value, is_nan from metric
    where run = ${run} and key = ${key} ${beyond} order by step, timestamp, value, is_nan ${cut}`.execute(db)
  return rows
}

export type HistoryPlace = HistoryRow

/** The distinct steps of a metric within bounds, ascending. */
export async function listSteps(db: Db, run: number, key: string, from: number, to: number): Promise<number[]> {
  const { rows } = await sql<{ step: number }>`select distinct step from metric
    where run = ${run} and key = ${key} and step between ${from} and ${to} order by step`.execute(db)
  return rows.map((row) => row.step)
}

export async function readSteps(db: Db, run: number, key: string, steps: readonly number[]): Promise<HistoryRow[]> {
  const parts: HistoryRow[] = []
  for (const some of chunks(steps, 500)) {
    const rows = await db
      .selectFrom('metric')
      .select(['step', 'timestamp', 'value', 'is_nan'])
      .where('run', '=', run)
      .where('key', '=', key)
      .where('step', 'in', some)
      .orderBy('step')
      .orderBy('timestamp')
      .orderBy('value')
      .execute()
    parts.push(...rows)
  }
  return parts
}

export async function readLatest(db: Db, run: number): Promise<Point[]> {
  const rows = await db.selectFrom('latest_metric').selectAll().where('run', '=', run).orderBy('key').execute()
  return rows.map((row) => ({ key: row.key, value: valueOf(row), timestamp: row.timestamp, step: row.step }))
}
