import { sql } from 'kysely'
import { chunks } from '../../../platform/db/chunks.ts'
import type { Dialect } from '../../../platform/db/columns.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { Tag } from './experiments.ts'
import type { Sql } from './filter-sql.ts'
import { valueOf, type Point } from './metrics.ts'
import type { DatasetInput, ModelLink, RunRow } from './runs.ts'

/** A run with everything that searches and reads show of it. */
export interface Run extends RunRow {
  metrics: Point[]
  params: Tag[]
  tags: Tag[]
  datasets: DatasetInput[]
  models: ModelLink[]
}

/** Reads the side tables of many runs with one query each per 500 runs. */
export async function withDetails(db: Db, dialect: Dialect, rows: readonly RunRow[]): Promise<Run[]> {
  const runs = new Map<number, Run>(
    rows.map((row) => [row.id, { ...row, metrics: [], params: [], tags: [], datasets: [], models: [] }]),
  )
  const ids = [...runs.keys()]
  for (const some of chunks(ids, 500)) await fill(db, dialect, runs, some)
  return [...runs.values()]
}

const toPair = ([key, value]: [string, string]): Tag => ({ key, value })

type MetricCells = [key: string, value: string, isNan: number, timestamp: number, step: number]

/** A double goes as a text of 17 digits, which names it exactly; JSON of SQLite has fewer. */
const metricCells = (dialect: Dialect): Sql =>
  sql`key, ${dialect === 'postgres' ? sql`cast(value as text)` : sql`format('%!.17g', value)`}, is_nan, timestamp, step`

const toPoint = ([key, value, is_nan, timestamp, step]: MetricCells): Point => ({
  key,
  value: valueOf({ value: Number(value.replace(/Inf$/, 'Infinity')), is_nan }),
  timestamp,
  step,
})

/** The rows of a side table as one JSON text for each run: cells that are handed over singly cost twice as much. */
async function listsOf<T>(
  db: Db,
  dialect: Dialect,
  table: string,
  cells: Sql,
  ids: readonly number[],
): Promise<{ run: number; list: T[] }[]> {
  const json =
    dialect === 'postgres'
      ? sql`cast(json_agg(json_build_array(${cells})) as text)`
      : sql`json_group_array(json_array(${cells}))`
  const { rows } = await sql<{ run: number; list: string }>`select run, ${json} as list from ${sql.table(table)}
    where run in (${sql.join([...ids])}) group by run`.execute(db)
  return rows.map(({ run, list }) => ({ run, list: JSON.parse(list) as T[] }))
}

async function fill(db: Db, dialect: Dialect, runs: ReadonlyMap<number, Run>, ids: number[]): Promise<void> {
  const pairs = sql`key, value`
  for (const { run, list } of await listsOf<MetricCells>(db, dialect, 'latest_metric', metricCells(dialect), ids)) {
    runs.get(run)?.metrics.push(...list.map(toPoint))
  }
  for (const { run, list } of await listsOf<[string, string]>(db, dialect, 'run_param', pairs, ids)) {
    runs.get(run)?.params.push(...list.map(toPair))
  }
  for (const { run, list } of await listsOf<[string, string]>(db, dialect, 'run_tag', pairs, ids)) {
    runs.get(run)?.tags.push(...list.map(toPair))
  }
  for (const { run, ...link } of await db.selectFrom('run_model').selectAll().where('run', 'in', ids).execute()) {
    runs.get(run)?.models.push(link)
  }
  const inputs = await db
    .selectFrom('run_dataset')
    .innerJoin('dataset', 'dataset.id', 'run_dataset.dataset')
    .select(['run', 'tags', 'name', 'digest', 'source_type', 'source', 'schema', 'profile'])
    .where('run', 'in', ids)
    .orderBy('dataset.id')
    .execute()
  for (const { run, tags, ...dataset } of inputs) {
    runs.get(run)?.datasets.push({ ...dataset, tags: JSON.parse(tags) as Tag[] })
  }
}
