import type { Selectable } from 'kysely'
import { chunks } from '../../../platform/db/chunks.ts'
import type { Dialect } from '../../../platform/db/columns.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { RunTable } from '../tables.ts'
import { insertMany } from './bulk.ts'
import type { Tag } from './experiments.ts'

export type RunRow = Selectable<RunTable>

export async function findRun(db: Db, runId: string): Promise<RunRow | undefined> {
  return await db.selectFrom('run').selectAll().where('run_id', '=', runId).executeTakeFirst()
}

export async function insertRun(db: Db, row: Omit<RunRow, 'id'>): Promise<RunRow> {
  return await db.insertInto('run').values(row).returningAll().executeTakeFirstOrThrow()
}

export async function updateRun(db: Db, id: number, values: Partial<Omit<RunRow, 'id'>>): Promise<void> {
  await db.updateTable('run').set(values).where('id', '=', id).execute()
}

export async function findRunsOfAttempt(db: Db, attempt: string): Promise<RunRow[]> {
  return await db.selectFrom('run').selectAll().where('attempt', '=', attempt).orderBy('id').execute()
}

/** Last value wins; keys must be distinct within the call. */
export async function upsertTags(db: Db, dialect: Dialect, run: number, tags: readonly Tag[]): Promise<void> {
  const rows = tags.map(({ key, value }) => [run, key, value])
  await insertMany(
    db,
    dialect,
    'run_tag',
    ['run', 'key', 'value'],
    rows,
    'on conflict (run, key) do update set value = excluded.value',
  )
}

export async function deleteTag(db: Db, run: number, key: string): Promise<boolean> {
  const result = await db.deleteFrom('run_tag').where('run', '=', run).where('key', '=', key).executeTakeFirst()
  return result.numDeletedRows > 0n
}

/** Writes what is new and returns the stored values of all given keys, so that a difference shows. */
export async function insertParams(
  db: Db,
  dialect: Dialect,
  run: number,
  params: readonly Tag[],
): Promise<Map<string, string>> {
  const rows = params.map(({ key, value }) => [run, key, value])
  await insertMany(db, dialect, 'run_param', ['run', 'key', 'value'], rows, 'on conflict (run, key) do nothing')
  const stored = await db
    .selectFrom('run_param')
    .select(['key', 'value'])
    .where('run', '=', run)
    .where(
      'key',
      'in',
      params.map(({ key }) => key),
    )
    .execute()
  return new Map(stored.map(({ key, value }) => [key, value]))
}

export interface DatasetInput {
  name: string
  digest: string
  source_type: string
  source: string
  schema: string | null
  profile: string | null
  tags: Tag[]
}

export async function insertDatasetInput(db: Db, run: RunRow, input: DatasetInput): Promise<void> {
  const { tags, ...dataset } = input
  await db
    .insertInto('dataset')
    .values({ experiment: run.experiment, ...dataset })
    .onConflict((conflict) => conflict.columns(['experiment', 'name', 'digest']).doNothing())
    .execute()
  const { id } = await db
    .selectFrom('dataset')
    .select('id')
    .where('experiment', '=', run.experiment)
    .where('name', '=', dataset.name)
    .where('digest', '=', dataset.digest)
    .executeTakeFirstOrThrow()
  const context = tags.find(({ key }) => key === 'mlflow.data.context')?.value ?? null
  await db
    .insertInto('run_dataset')
    .values({ run: run.id, dataset: id, context, tags: JSON.stringify(tags) })
    .onConflict((conflict) => conflict.columns(['run', 'dataset']).doNothing())
    .execute()
}

export interface ModelLink {
  direction: 'input' | 'output'
  model_id: string
  step: number
}

export async function insertModelLinks(db: Db, run: number, links: readonly ModelLink[]): Promise<void> {
  for (const some of chunks(links, 500)) {
    await db
      .insertInto('run_model')
      .values(some.map((link) => ({ run, ...link })))
      .onConflict((conflict) => conflict.columns(['run', 'direction', 'model_id']).doNothing())
      .execute()
  }
}

export interface DatasetSummary {
  experiment: number
  name: string
  digest: string
  context: string | null
}

export async function listDatasets(db: Db, experiments: readonly number[], limit: number): Promise<DatasetSummary[]> {
  if (experiments.length === 0) return []
  return await db
    .selectFrom('dataset')
    .leftJoin('run_dataset', 'run_dataset.dataset', 'dataset.id')
    .select(['dataset.experiment', 'dataset.name', 'dataset.digest', 'run_dataset.context'])
    .distinct()
    .where('dataset.experiment', 'in', [...experiments])
    .limit(limit)
    .execute()
}
