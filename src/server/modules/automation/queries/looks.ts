import type { Selectable } from 'kysely'
import type { Db } from '../../../platform/db/db.ts'
import type { GateLookTable } from '../tables.ts'

export type Look = Omit<Selectable<GateLookTable>, 'numbers'> & { numbers: Record<string, unknown> }

/** Looks of a run's gates, oldest first. */
export async function listLooks(db: Db, run: string, step?: string): Promise<Look[]> {
  let query = db.selectFrom('gate_look').selectAll().where('run', '=', run).orderBy('step').orderBy('look')
  if (step !== undefined) query = query.where('step', '=', step)
  return (await query.execute()).map((row) => ({ ...row, numbers: JSON.parse(row.numbers) as Look['numbers'] }))
}

/** False if that look was taken before: its verdict stands. */
export async function insertLook(db: Db, { numbers, ...look }: Look): Promise<boolean> {
  const result = await db
    .insertInto('gate_look')
    .values({ ...look, numbers: JSON.stringify(numbers) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}
