import type { Selectable } from 'kysely'
import type { Dialect } from '../../../platform/db/columns.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { LoggedModelTable } from '../tables.ts'
import { insertMany } from './bulk.ts'
import type { Tag } from './experiments.ts'
import { valueOf, type ModelPoint } from './metrics.ts'

export type LoggedModelRow = Selectable<LoggedModelTable>

export interface LoggedModel extends LoggedModelRow {
  params: Tag[]
  tags: Tag[]
  metrics: ModelPoint[]
}

export async function insertLoggedModel(db: Db, row: Omit<LoggedModelRow, 'id'>): Promise<LoggedModelRow> {
  return await db.insertInto('logged_model').values(row).returningAll().executeTakeFirstOrThrow()
}

export async function findLoggedModelRow(db: Db, modelId: string): Promise<LoggedModelRow | undefined> {
  return await db.selectFrom('logged_model').selectAll().where('model_id', '=', modelId).executeTakeFirst()
}

export async function updateLoggedModel(
  db: Db,
  id: number,
  values: Partial<Omit<LoggedModelRow, 'id'>>,
): Promise<void> {
  await db.updateTable('logged_model').set(values).where('id', '=', id).execute()
}

export async function findModelsOfAttempt(db: Db, attempt: string): Promise<LoggedModelRow[]> {
  return await db.selectFrom('logged_model').selectAll().where('source_attempt', '=', attempt).orderBy('id').execute()
}

export async function findModelsOfRun(db: Db, runId: string): Promise<LoggedModelRow[]> {
  return await db
    .selectFrom('logged_model')
    .selectAll()
    .where('source_run', '=', runId)
    .where('lifecycle', '=', 'active')
    .orderBy('id')
    .execute()
}

export async function upsertModelTags(db: Db, dialect: Dialect, model: number, tags: readonly Tag[]): Promise<void> {
  const rows = tags.map(({ key, value }) => [model, key, value])
  await insertMany(
    db,
    dialect,
    'logged_model_tag',
    ['model', 'key', 'value'],
    rows,
    'on conflict (model, key) do update set value = excluded.value',
  )
}

export async function findModelTag(db: Db, model: number, key: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('logged_model_tag')
    .select('value')
    .where('model', '=', model)
    .where('key', '=', key)
    .executeTakeFirst()
  return row?.value
}

export async function deleteModelTag(db: Db, model: number, key: string): Promise<boolean> {
  const result = await db
    .deleteFrom('logged_model_tag')
    .where('model', '=', model)
    .where('key', '=', key)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

export async function insertModelParams(
  db: Db,
  dialect: Dialect,
  model: number,
  params: readonly Tag[],
): Promise<Map<string, string>> {
  const rows = params.map(({ key, value }) => [model, key, value])
  await insertMany(
    db,
    dialect,
    'logged_model_param',
    ['model', 'key', 'value'],
    rows,
    'on conflict (model, key) do nothing',
  )
  const stored = await db
    .selectFrom('logged_model_param')
    .select(['key', 'value'])
    .where('model', '=', model)
    .where(
      'key',
      'in',
      params.map(({ key }) => key),
    )
    .execute()
  return new Map(stored.map(({ key, value }) => [key, value]))
}

/** Adds params, tags and the newest metric point per key, run and dataset. */
export async function withModelDetails(db: Db, rows: readonly LoggedModelRow[]): Promise<LoggedModel[]> {
  const models = new Map<number, LoggedModel>(
    rows.map((row) => [row.id, { ...row, params: [], tags: [], metrics: [] }]),
  )
  const ids = [...models.keys()]
  if (ids.length === 0) return []
  for (const { model, key, value } of await db
    .selectFrom('logged_model_param')
    .selectAll()
    .where('model', 'in', ids)
    .execute()) {
    models.get(model)?.params.push({ key, value })
  }
  for (const { model, key, value } of await db
    .selectFrom('logged_model_tag')
    .selectAll()
    .where('model', 'in', ids)
    .execute()) {
    models.get(model)?.tags.push({ key, value })
  }
  const points = await db
    .selectFrom('logged_model_metric')
    .selectAll()
    .where('model', 'in', ids)
    .orderBy('model')
    .orderBy('key')
    .orderBy('run_id')
    .orderBy('dataset_name')
    .orderBy('dataset_digest')
    .orderBy('step')
    .orderBy('timestamp')
    .orderBy('value')
    .execute()
  for (const { model, is_nan, ...point } of points) {
    const metrics = models.get(model)?.metrics ?? []
    const before = metrics.at(-1)
    const same =
      before &&
      (['key', 'run_id', 'dataset_name', 'dataset_digest'] as const).every((name) => before[name] === point[name])
    if (same) metrics.pop()
    metrics.push({ ...point, value: valueOf({ value: point.value, is_nan }) })
  }
  return [...models.values()]
}
