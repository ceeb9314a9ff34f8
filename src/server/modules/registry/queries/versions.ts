import type { Selectable } from 'kysely'
import { chunks } from '../../../platform/db/chunks.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { GateResultTable, ModelVersionTable, Stage } from '../tables.ts'
import { listAliases, type Tag } from './models.ts'

export type VersionRow = Selectable<ModelVersionTable>

/** A version with its model's name, tags and aliases. */
export interface Version extends VersionRow {
  name: string
  tags: Tag[]
  aliases: string[]
}

export async function insertVersion(db: Db, row: VersionRow): Promise<void> {
  await db.insertInto('model_version').values(row).execute()
}

export async function updateVersion(db: Db, id: string, values: Partial<VersionRow>): Promise<void> {
  await db.updateTable('model_version').set(values).where('id', '=', id).execute()
}

export async function findVersionRow(db: Db, model: string, version: number): Promise<VersionRow | undefined> {
  return await db
    .selectFrom('model_version')
    .selectAll()
    .where('model', '=', model)
    .where('version', '=', version)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

export async function findVersionById(db: Db, id: string): Promise<VersionRow | undefined> {
  return await db
    .selectFrom('model_version')
    .selectAll()
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

export async function listVersionRows(
  db: Db,
  model: string,
  before: number | undefined,
  limit: number,
): Promise<VersionRow[]> {
  let query = db
    .selectFrom('model_version')
    .selectAll()
    .where('model', '=', model)
    .where('deleted_at', 'is', null)
    .orderBy('version', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('version', '<', before)
  return await query.execute()
}

export async function newestVersion(db: Db, model: string): Promise<number | undefined> {
  return (await listVersionRows(db, model, undefined, 1))[0]?.version
}

/** The newest version of each stage. */
export async function newestByStage(db: Db, models: readonly string[]): Promise<VersionRow[]> {
  if (models.length === 0) return []
  return await db
    .selectFrom('model_version')
    .selectAll()
    .where((eb) =>
      eb(
        eb.refTuple('model', 'version'),
        'in',
        eb
          .selectFrom('model_version as newest')
          .select(({ fn }) => ['newest.model', fn.max<number>('newest.version').as('version')])
          .where('newest.model', 'in', [...models])
          .where('newest.deleted_at', 'is', null)
          .groupBy(['newest.model', 'newest.stage'])
          .$asTuple('model', 'version'),
      ),
    )
    .orderBy('version')
    .execute()
}

export async function listWaiting(db: Db, tree: string): Promise<VersionRow[]> {
  return await db
    .selectFrom('model_version')
    .selectAll()
    .where('tree', '=', tree)
    .where('status', '=', 'PENDING_REGISTRATION')
    .where('deleted_at', 'is', null)
    .execute()
}

export async function moveStage(
  db: Db,
  model: string,
  from: Stage,
  to: Stage,
  except: number,
  now: number,
): Promise<void> {
  await db
    .updateTable('model_version')
    .set({ stage: to, updated_at: now })
    .where('model', '=', model)
    .where('stage', '=', from)
    .where('version', '<>', except)
    .where('deleted_at', 'is', null)
    .execute()
}

export async function upsertVersionTag(db: Db, version: string, { key, value }: Tag): Promise<void> {
  await db
    .insertInto('model_version_tag')
    .values({ version, key, value })
    .onConflict((conflict) => conflict.columns(['version', 'key']).doUpdateSet({ value }))
    .execute()
}

export async function deleteVersionTag(db: Db, version: string, key: string): Promise<void> {
  await db.deleteFrom('model_version_tag').where('version', '=', version).where('key', '=', key).execute()
}

/** Adds names, tags and aliases, a few hundred versions at a time. */
export async function withVersionDetails(db: Db, rows: readonly VersionRow[]): Promise<Version[]> {
  const versions: Version[] = []
  for (const some of chunks(rows, 500)) versions.push(...(await detail(db, some)))
  return versions
}

async function detail(db: Db, rows: readonly VersionRow[]): Promise<Version[]> {
  if (rows.length === 0) return []
  const models = [...new Set(rows.map((row) => row.model))]
  const names = await db.selectFrom('registered_model').select(['id', 'name']).where('id', 'in', models).execute()
  const nameOf = new Map(names.map(({ id, name }) => [id, name]))
  const tags = await db
    .selectFrom('model_version_tag')
    .selectAll()
    .where(
      'version',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('key')
    .execute()
  const tagsOf = new Map<string, Tag[]>()
  for (const { version, key, value } of tags) tagsOf.set(version, [...(tagsOf.get(version) ?? []), { key, value }])
  const aliases = await listAliases(db, models)
  return rows.map((row) => ({
    ...row,
    name: nameOf.get(row.model) ?? '',
    tags: tagsOf.get(row.id) ?? [],
    aliases: aliases
      .filter(({ model, version }) => model === row.model && version === row.version)
      .map(({ alias }) => alias),
  }))
}

export type GateRow = Selectable<GateResultTable>

export async function insertGate(db: Db, row: Omit<GateRow, 'id'>): Promise<number> {
  return (await db.insertInto('gate_result').values(row).returning('id').executeTakeFirstOrThrow()).id
}

export async function listGates(db: Db, versions: readonly string[]): Promise<GateRow[]> {
  if (versions.length === 0) return []
  return await db
    .selectFrom('gate_result')
    .selectAll()
    .where('version', 'in', [...versions])
    .orderBy('id', 'desc')
    .execute()
}
