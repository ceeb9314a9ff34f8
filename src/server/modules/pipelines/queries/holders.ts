import type { Selectable } from 'kysely'
import type { Db } from '../../../platform/db/db.ts'
import type { PipelineHolderTable } from '../tables.ts'

export type HolderRow = Selectable<PipelineHolderTable>

/** A sign of life; whoever sees the number stand still for the lease's length may take the holder's attempts. */
export async function beat(db: Db, project: string, id: string): Promise<void> {
  await db
    .insertInto('pipeline_holder')
    .values({ id, project_id: project, beat: 1 })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(({ eb }) => ({ beat: eb('pipeline_holder.beat', '+', 1) })),
    )
    .execute()
}

/** Holders with running attempts, other than the given one. */
export async function listOthersAtWork(db: Db, self: string): Promise<HolderRow[]> {
  return await db
    .selectFrom('pipeline_holder')
    .selectAll()
    .where('id', '!=', self)
    .where('id', 'in', (query) => query.selectFrom('pipeline_attempt').select('holder').where('state', '=', 'running'))
    .execute()
}

export async function findHolder(db: Db, id: string): Promise<HolderRow | undefined> {
  return await db.selectFrom('pipeline_holder').selectAll().where('id', '=', id).executeTakeFirst()
}
