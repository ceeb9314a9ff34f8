import type { Selectable } from 'kysely'
import type { Db } from '../../../platform/db/db.ts'
import type { ModelAliasTable, RegisteredModelTable } from '../tables.ts'

export type ModelRow = Selectable<RegisteredModelTable>

export interface Tag {
  key: string
  value: string
}

export async function findModel(db: Db, project: string, name: string): Promise<ModelRow | undefined> {
  return await db
    .selectFrom('registered_model')
    .selectAll()
    .where('project_id', '=', project)
    .where('name', '=', name)
    .executeTakeFirst()
}

export async function insertModel(db: Db, row: ModelRow): Promise<boolean> {
  const result = await db
    .insertInto('registered_model')
    .values(row)
    .onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function updateModel(db: Db, id: string, values: Partial<ModelRow>): Promise<void> {
  await db.updateTable('registered_model').set(values).where('id', '=', id).execute()
}

/** Takes the next version number; the update's row lock keeps two registrations apart. */
export async function takeVersionNumber(db: Db, id: string, now: number): Promise<number> {
  const row = await db
    .updateTable('registered_model')
    .set(({ eb }) => ({ last_version: eb('last_version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .returning('last_version')
    .executeTakeFirstOrThrow()
  return row.last_version
}

/** Deletes a model with its versions, so that its name is free. */
export async function deleteModel(db: Db, id: string): Promise<void> {
  await db
    .deleteFrom('model_version_tag')
    .where('version', 'in', (query) => query.selectFrom('model_version').select('id').where('model', '=', id))
    .execute()
  await db.deleteFrom('model_version').where('model', '=', id).execute()
  await db.deleteFrom('model_alias').where('model', '=', id).execute()
  await db.deleteFrom('registered_model_tag').where('model', '=', id).execute()
  await db.deleteFrom('registered_model').where('id', '=', id).execute()
}

export async function upsertModelTag(db: Db, model: string, { key, value }: Tag): Promise<void> {
  await db
    .insertInto('registered_model_tag')
    .values({ model, key, value })
    .onConflict((conflict) => conflict.columns(['model', 'key']).doUpdateSet({ value }))
    .execute()
}

export async function deleteModelTag(db: Db, model: string, key: string): Promise<void> {
  await db.deleteFrom('registered_model_tag').where('model', '=', model).where('key', '=', key).execute()
}

export async function listModelTags(db: Db, models: readonly string[]): Promise<(Tag & { model: string })[]> {
  if (models.length === 0) return []
  return await db
    .selectFrom('registered_model_tag')
    .selectAll()
    .where('model', 'in', [...models])
    .orderBy('key')
    .execute()
}

export async function listAliases(db: Db, models: readonly string[]): Promise<Selectable<ModelAliasTable>[]> {
  if (models.length === 0) return []
  return await db
    .selectFrom('model_alias')
    .selectAll()
    .where('model', 'in', [...models])
    .orderBy('alias')
    .execute()
}

export async function findAlias(db: Db, model: string, alias: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('model_alias')
    .select('version')
    .where('model', '=', model)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return row?.version
}

export async function upsertAlias(db: Db, model: string, alias: string, version: number, now: number): Promise<void> {
  await db
    .insertInto('model_alias')
    .values({ model, alias, version, updated_at: now })
    .onConflict((conflict) => conflict.columns(['model', 'alias']).doUpdateSet({ version, updated_at: now }))
    .execute()
}

export async function deleteAlias(db: Db, model: string, alias: string): Promise<boolean> {
  const result = await db
    .deleteFrom('model_alias')
    .where('model', '=', model)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

export async function deleteAliasesOf(db: Db, model: string, version: number): Promise<void> {
  await db.deleteFrom('model_alias').where('model', '=', model).where('version', '=', version).execute()
}
