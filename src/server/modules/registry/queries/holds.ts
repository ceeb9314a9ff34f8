import type { Db } from '../../../platform/db/db.ts'

export async function replaceHolds(db: Db, holder: string, versions: readonly string[]): Promise<void> {
  await db.deleteFrom('version_hold').where('holder', '=', holder).execute()
  if (versions.length === 0) return
  await db
    .insertInto('version_hold')
    .values(versions.map((version) => ({ version, holder })))
    .execute()
}

/** Who holds a version of a model, of any of its versions when none is said. */
export async function listHolders(db: Db, model: string, version?: number): Promise<string[]> {
  let query = db
    .selectFrom('version_hold')
    .innerJoin('model_version', 'model_version.id', 'version_hold.version')
    .select('version_hold.holder')
    .distinct()
    .where('model_version.model', '=', model)
    .orderBy('version_hold.holder')
  if (version !== undefined) query = query.where('model_version.version', '=', version)
  return (await query.execute()).map(({ holder }) => holder)
}
