import type { Db } from '../../../platform/db/db.ts'

export interface WatermarkRow {
  endpoint: string
  replica: string
  watermark: number
  not_captured: number
  updated_at: number
}

/**
 * A replica's watermark only rises. One that joins, or comes back after a silence, begins where the endpoint is: what it
 * brings from before is late, but it takes nobody back.
 */
export async function raiseWatermark(db: Db, row: WatermarkRow): Promise<void> {
  const { endpoint, replica, not_captured, updated_at } = row
  const known = await db
    .selectFrom('endpoint_watermark')
    .select(['watermark', 'silent'])
    .where('endpoint', '=', endpoint)
    .where('replica', '=', replica)
    .executeTakeFirst()
  const least = known?.silent === 0 ? known.watermark : await findWatermark(db, endpoint)
  const watermark = Math.max(row.watermark, least ?? row.watermark)
  await db
    .insertInto('endpoint_watermark')
    .values({ ...row, watermark, silent: 0 })
    .onConflict((conflict) =>
      conflict.columns(['endpoint', 'replica']).doUpdateSet(({ eb }) => ({
        watermark,
        not_captured: eb('endpoint_watermark.not_captured', '+', not_captured),
        updated_at,
        silent: 0,
      })),
    )
    .execute()
}

/** The least watermark of the replicas that speak, the greatest when all are silent; undefined before the first row. */
export async function findWatermark(db: Db, endpoint: string): Promise<number | undefined> {
  const rows = await db
    .selectFrom('endpoint_watermark')
    .select(['watermark', 'silent'])
    .where('endpoint', '=', endpoint)
    .execute()
  if (rows.length === 0) return undefined
  const speaking = rows.filter(({ silent }) => silent === 0)
  return speaking.length > 0
    ? Math.min(...speaking.map(({ watermark }) => watermark))
    : Math.max(...rows.map(({ watermark }) => watermark))
}

/** Replicas that speak on an endpoint which several serve, and have shown nothing there since a moment. */
export async function listQuietReplicas(db: Db, since: number): Promise<{ endpoint: string; replica: string }[]> {
  return await db
    .selectFrom('endpoint_watermark as own')
    .select(['own.endpoint', 'own.replica'])
    .where('own.silent', '=', 0)
    .where('own.updated_at', '<', since)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('endpoint_watermark as other')
          .select('other.replica')
          .whereRef('other.endpoint', '=', 'own.endpoint')
          .whereRef('other.replica', '!=', 'own.replica'),
      ),
    )
    .execute()
}

export async function markSilent(db: Db, endpoint: string, replica: string): Promise<void> {
  await db
    .updateTable('endpoint_watermark')
    .set({ silent: 1 })
    .where('endpoint', '=', endpoint)
    .where('replica', '=', replica)
    .execute()
}
