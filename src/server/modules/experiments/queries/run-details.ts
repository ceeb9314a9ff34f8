import { chunks } from '../../../platform/db/chunks.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { Tag } from './experiments.ts'
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
export async function withDetails(db: Db, rows: readonly RunRow[]): Promise<Run[]> {
  const runs = new Map<number, Run>(
    rows.map((row) => [row.id, { ...row, metrics: [], params: [], tags: [], datasets: [], models: [] }]),
  )
  const ids = [...runs.keys()]
  for (const some of chunks(ids, 500)) await fill(db, runs, some)
  return [...runs.values()]
}

async function fill(db: Db, runs: ReadonlyMap<number, Run>, ids: number[]): Promise<void> {
  for (const row of await db.selectFrom('latest_metric').selectAll().where('run', 'in', ids).execute()) {
    row.value = valueOf(row)
    runs.get(row.run)?.metrics.push(row)
  }
  for (const { run, key, value } of await db.selectFrom('run_param').selectAll().where('run', 'in', ids).execute()) {
    runs.get(run)?.params.push({ key, value })
  }
  for (const { run, key, value } of await db.selectFrom('run_tag').selectAll().where('run', 'in', ids).execute()) {
    runs.get(run)?.tags.push({ key, value })
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
