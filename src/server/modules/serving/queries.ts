import type { Selectable } from 'kysely'
import { EndpointSpec } from '../../../contract/serving.ts'
import type { Db } from '../../platform/db/db.ts'
import type { CaptureSegmentTable, EndpointTable, EndpointVariantTable, LabelTable, TrafficHourTable } from './tables.ts'

export interface EndpointRow {
  name: string
  spec: EndpointSpec
  salt: string
  errorTest: { rollout: string; candidate: string; alpha: number; state?: unknown } | null
  createdAt: number
}

const toEndpoint = (row: Selectable<EndpointTable>): EndpointRow => ({
  name: row.name,
  spec: EndpointSpec.parse(JSON.parse(row.spec)),
  salt: row.salt,
  errorTest: row.error_test === null ? null : (JSON.parse(row.error_test) as EndpointRow['errorTest']),
  createdAt: row.created_at,
})

export async function findEndpoint(db: Db, name: string): Promise<EndpointRow | undefined> {
  const row = await db.selectFrom('endpoint').selectAll().where('name', '=', name).executeTakeFirst()
  return row && toEndpoint(row)
}

export async function listEndpoints(db: Db): Promise<EndpointRow[]> {
  return (await db.selectFrom('endpoint').selectAll().orderBy('name').execute()).map(toEndpoint)
}

export async function upsertEndpoint(db: Db, row: Selectable<EndpointTable>): Promise<void> {
  await db
    .insertInto('endpoint')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ spec: row.spec, updated_at: row.updated_at }))
    .execute()
}

export async function setRouting(db: Db, name: string, values: { salt?: string; error_test: string | null }): Promise<void> {
  await db.updateTable('endpoint').set(values).where('name', '=', name).execute()
}

export type VariantRow = Selectable<EndpointVariantTable>

export async function listVariants(db: Db, endpoint?: string): Promise<VariantRow[]> {
  let query = db.selectFrom('endpoint_variant').selectAll().orderBy('endpoint').orderBy('version')
  if (endpoint !== undefined) query = query.where('endpoint', '=', endpoint)
  return await query.execute()
}

export async function replaceVariants(db: Db, endpoint: string, rows: readonly VariantRow[]): Promise<void> {
  await db.deleteFrom('endpoint_variant').where('endpoint', '=', endpoint).execute()
  if (rows.length > 0) await db.insertInto('endpoint_variant').values([...rows]).execute()
}

export async function currentGeneration(db: Db): Promise<number> {
  const row = await db.selectFrom('snapshot_generation').select('generation').where('id', '=', 1).executeTakeFirst()
  return row?.generation ?? 0
}

export async function nextGeneration(db: Db): Promise<number> {
  const row = await db
    .insertInto('snapshot_generation')
    .values({ id: 1, generation: 1 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(({ eb }) => ({ generation: eb('snapshot_generation.generation', '+', 1) })))
    .returning('generation')
    .executeTakeFirstOrThrow()
  return row.generation
}

export async function isIngested(db: Db, replica: string, sequence: number): Promise<boolean> {
  const row = await db
    .selectFrom('segment_ingested')
    .select('sequence')
    .where('replica', '=', replica)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  return row !== undefined
}

/** False when another ingest was first: then nothing of this one may count. */
export async function markIngested(db: Db, replica: string, sequence: number, now: number): Promise<boolean> {
  const result = await db
    .insertInto('segment_ingested')
    .values({ replica, sequence, ingested_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function insertSegment(db: Db, row: Selectable<CaptureSegmentTable>): Promise<void> {
  await db.insertInto('capture_segment').values(row).execute()
}

export async function segmentsBetween(db: Db, endpoint: string, from: number, to: number): Promise<{ digest: string }[]> {
  return await db
    .selectFrom('capture_segment')
    .select('digest')
    .where('endpoint', '=', endpoint)
    .where('max_time', '>=', from)
    .where('min_time', '<', to)
    .orderBy('min_time')
    .execute()
}

export async function captureTotals(db: Db, endpoint: string): Promise<{ rows: number; segments: number }> {
  const row = await db
    .selectFrom('capture_segment')
    .select(({ fn }) => [fn.sum<number>('rows').as('rows'), fn.countAll<number>().as('segments')])
    .where('endpoint', '=', endpoint)
    .executeTakeFirst()
  return { rows: Number(row?.rows ?? 0), segments: Number(row?.segments ?? 0) }
}

export async function raiseWatermark(db: Db, row: { endpoint: string; replica: string; watermark: number; not_captured: number; updated_at: number }): Promise<void> {
  await db
    .insertInto('endpoint_watermark')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['endpoint', 'replica']).doUpdateSet(({ eb }) => ({
        watermark: eb.case().when(eb.ref('endpoint_watermark.watermark'), '<', row.watermark).then(row.watermark).else(eb.ref('endpoint_watermark.watermark')).end(),
        not_captured: eb('endpoint_watermark.not_captured', '+', row.not_captured),
        updated_at: row.updated_at,
      })),
    )
    .execute()
}

/** The least of the replicas' watermarks; undefined before the first row. */
export async function findWatermark(db: Db, endpoint: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('endpoint_watermark')
    .select(({ fn }) => fn.min('watermark').as('watermark'))
    .where('endpoint', '=', endpoint)
    .executeTakeFirst()
  return row?.watermark === null || row?.watermark === undefined ? undefined : Number(row.watermark)
}

export type LabelRow = Selectable<LabelTable>

export async function findLabels(db: Db, endpoint: string, ids: readonly string[]): Promise<LabelRow[]> {
  return await db.selectFrom('label').selectAll().where('endpoint', '=', endpoint).where('id', 'in', [...ids]).execute()
}

export async function insertLabels(db: Db, rows: readonly LabelRow[]): Promise<void> {
  if (rows.length > 0) await db.insertInto('label').values([...rows]).execute()
}

/** A corrected label is joined anew. */
export async function correctLabel(db: Db, row: LabelRow): Promise<void> {
  await db
    .updateTable('label')
    .set({ value: row.value, at: row.at, received_at: row.received_at, event_time: null })
    .where('endpoint', '=', row.endpoint)
    .where('id', '=', row.id)
    .execute()
}

export async function waitingLabels(db: Db, endpoint: string, limit: number): Promise<LabelRow[]> {
  return await db
    .selectFrom('label')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('event_time', 'is', null)
    .orderBy('received_at', 'desc')
    .limit(limit)
    .execute()
}

export async function markJoined(db: Db, endpoint: string, found: readonly { label_id: string; id: string; event_time: number }[]): Promise<void> {
  for (const row of found) {
    await db
      .updateTable('label')
      .set({ event_time: row.event_time, prediction_id: row.id })
      .where('endpoint', '=', endpoint)
      .where('id', '=', row.label_id)
      .execute()
  }
}

export async function labelsBetween(db: Db, endpoint: string, from: number, to: number): Promise<LabelRow[]> {
  return await db
    .selectFrom('label')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('event_time', '>=', from)
    .where('event_time', '<', to)
    .execute()
}

export async function labelTotals(db: Db, endpoint: string): Promise<{ labels: number; pending: number }> {
  const row = await db
    .selectFrom('label')
    .select(({ fn }) => [fn.countAll<number>().as('labels'), fn.count<number>('event_time').as('joined')])
    .where('endpoint', '=', endpoint)
    .executeTakeFirst()
  const labels = Number(row?.labels ?? 0)
  return { labels, pending: labels - Number(row?.joined ?? 0) }
}

export async function addTraffic(db: Db, row: Selectable<TrafficHourTable>): Promise<void> {
  await db
    .insertInto('traffic_hour')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['endpoint', 'hour', 'variant', 'kind']).doUpdateSet(({ eb }) => ({
        rows: eb('traffic_hour.rows', '+', row.rows),
        errors: eb('traffic_hour.errors', '+', row.errors),
      })),
    )
    .execute()
}

export async function trafficBetween(db: Db, endpoint: string, from: number, to: number): Promise<Selectable<TrafficHourTable>[]> {
  return await db
    .selectFrom('traffic_hour')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .orderBy('hour')
    .execute()
}

export async function findReference(db: Db, model: string, version: number): Promise<string | undefined> {
  const row = await db.selectFrom('version_reference').select('digest').where('model', '=', model).where('version', '=', version).executeTakeFirst()
  return row?.digest
}

export async function insertReference(db: Db, row: { model: string; version: number; digest: string; rows: number }): Promise<void> {
  await db.insertInto('version_reference').values(row).onConflict((conflict) => conflict.doNothing()).execute()
}
