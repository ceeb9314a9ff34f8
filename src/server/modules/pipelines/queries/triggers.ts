import type { Selectable } from 'kysely'
import type { Db } from '../../../platform/db/db.ts'
import type { PipelineTriggerFireTable, PipelineTriggerTable } from '../tables.ts'

export type TriggerRow = Selectable<PipelineTriggerTable>

export async function listTriggers(db: Db, project: string, pipeline?: string): Promise<TriggerRow[]> {
  let query = db.selectFrom('pipeline_trigger').selectAll().where('project_id', '=', project)
  if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline)
  return await query.execute()
}

/** A trigger that is there already keeps its place in time. */
export async function insertTrigger(db: Db, row: TriggerRow): Promise<void> {
  await db
    .insertInto('pipeline_trigger')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function deleteTriggersExcept(
  db: Db,
  project: string,
  pipeline: string,
  keep: readonly string[],
): Promise<void> {
  let query = db.deleteFrom('pipeline_trigger').where('project_id', '=', project).where('pipeline', '=', pipeline)
  if (keep.length > 0) query = query.where('id', 'not in', [...keep])
  await query.execute()
}

export async function listDue(db: Db, now: number): Promise<TriggerRow[]> {
  return await db.selectFrom('pipeline_trigger').selectAll().where('next_at', '<=', now).execute()
}

export async function earliestNext(db: Db): Promise<number | null> {
  const row = await db
    .selectFrom('pipeline_trigger')
    .select(({ fn }) => fn.min('next_at').as('at'))
    .executeTakeFirst()
  return row?.at ?? null
}

/** Moves the schedule on; false if another process did so first. */
export async function advance(db: Db, row: TriggerRow, next: number | null): Promise<boolean> {
  const result = await db
    .updateTable('pipeline_trigger')
    .set({ next_at: next })
    .where('project_id', '=', row.project_id)
    .where('pipeline', '=', row.pipeline)
    .where('id', '=', row.id)
    .where('next_at', '=', row.next_at)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function listEventTriggers(db: Db): Promise<TriggerRow[]> {
  return await db.selectFrom('pipeline_trigger').selectAll().where('event', 'is not', null).execute()
}

/** False if this trigger has fired for this cause before. */
export async function insertFire(db: Db, row: Selectable<PipelineTriggerFireTable>): Promise<boolean> {
  const result = await db
    .insertInto('pipeline_trigger_fire')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}
