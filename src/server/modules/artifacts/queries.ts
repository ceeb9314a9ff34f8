import type { Selectable } from 'kysely'
import type { Db } from '../../platform/db/db.ts'
import type { ArtifactTable, ArtifactTreeTable } from './tables.ts'

export type ArtifactRow = Selectable<ArtifactTable>

export async function upsertArtifact(db: Db, row: ArtifactRow): Promise<void> {
  const { digest, size, updated_at } = row
  await db
    .insertInto('artifact')
    .values(row)
    .onConflict((conflict) => conflict.columns(['owner', 'path']).doUpdateSet({ digest, size, updated_at }))
    .execute()
}

export async function findArtifact(db: Db, owner: string, path: string): Promise<ArtifactRow | undefined> {
  return await db
    .selectFrom('artifact')
    .selectAll()
    .where('owner', '=', owner)
    .where('path', '=', path)
    .executeTakeFirst()
}

/** Everything below a folder (of the whole owner if the folder is empty); '0' is the character after '/'. */
export async function listBelow(db: Db, owner: string, folder: string): Promise<ArtifactRow[]> {
  let query = db.selectFrom('artifact').selectAll().where('owner', '=', owner).orderBy('path')
  if (folder !== '') query = query.where('path', '>', `${folder}/`).where('path', '<', `${folder}0`)
  return await query.execute()
}

/** Deletes a file, or all that is below a folder. */
export async function deleteBelow(db: Db, owner: string, path: string): Promise<number> {
  const result = await db
    .deleteFrom('artifact')
    .where('owner', '=', owner)
    .where(({ or, and, eb }) =>
      or([eb('path', '=', path), and([eb('path', '>', `${path}/`), eb('path', '<', `${path}0`)])]),
    )
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

export async function deleteOwner(db: Db, owner: string): Promise<void> {
  await db.deleteFrom('artifact').where('owner', '=', owner).execute()
}

export async function findFreeze(db: Db, owner: string): Promise<string | undefined> {
  const row = await db.selectFrom('artifact_freeze').select('tree').where('owner', '=', owner).executeTakeFirst()
  return row?.tree
}

export async function insertFreeze(db: Db, project: string, owner: string, tree: string, now: number): Promise<void> {
  await db
    .insertInto('artifact_freeze')
    .values({ owner, project_id: project, tree, frozen_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function insertTree(db: Db, row: Selectable<ArtifactTreeTable>): Promise<void> {
  await db
    .insertInto('artifact_tree')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function findTree(db: Db, digest: string): Promise<Selectable<ArtifactTreeTable> | undefined> {
  return await db.selectFrom('artifact_tree').selectAll().where('digest', '=', digest).executeTakeFirst()
}
