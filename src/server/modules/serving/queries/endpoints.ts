import type { Selectable } from 'kysely'
import { EndpointSpec } from '../../../../contract/serving.ts'
import type { Unit } from '../../../../stats/blocks.ts'
import type { Db } from '../../../platform/db/db.ts'
import { unitStart } from '../../../platform/db/unit-start.ts'
import type { CaptureSegmentTable, EndpointTable, EndpointVariantTable, TrafficHourTable } from '../tables.ts'

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

export async function setRouting(
  db: Db,
  name: string,
  values: { salt?: string; error_test: string | null },
): Promise<void> {
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
  if (rows.length > 0)
    await db
      .insertInto('endpoint_variant')
      .values([...rows])
      .execute()
}

export async function currentGeneration(db: Db): Promise<number> {
  const row = await db.selectFrom('snapshot_generation').select('generation').where('id', '=', 1).executeTakeFirst()
  return row?.generation ?? 0
}

export async function nextGeneration(db: Db): Promise<number> {
  const row = await db
    .insertInto('snapshot_generation')
    .values({ id: 1, generation: 1 })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(({ eb }) => ({ generation: eb('snapshot_generation.generation', '+', 1) })),
    )
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

export async function segmentsBetween(db: Db, endpoint: string, from: number, to: number): Promise<SegmentRow[]> {
  return await db
    .selectFrom('capture_segment')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('max_time', '>=', from)
    .where('min_time', '<', to)
    .orderBy('min_time')
    .execute()
}

export type SegmentRow = Selectable<CaptureSegmentTable>

/** Segments that came at or after a moment of the wall clock. */
export async function segmentsSince(db: Db, endpoint: string, since: number): Promise<{ digest: string }[]> {
  return await db
    .selectFrom('capture_segment')
    .select('digest')
    .where('endpoint', '=', endpoint)
    .where('ingested_at', '>=', since)
    .execute()
}

export async function smallSegments(db: Db, endpoint: string, until: number, mostRows: number): Promise<SegmentRow[]> {
  return await db
    .selectFrom('capture_segment')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('max_time', '<', until)
    .where('rows', '<', mostRows)
    .orderBy('min_time')
    .execute()
}

/** Puts one object in the place of several; those that are gone meanwhile make it do nothing. */
export async function mergeSegments(db: Db, segments: readonly SegmentRow[], digest: string): Promise<void> {
  const [first] = segments
  if (!first) return
  let removed = 0n
  for (const { replica, sequence, endpoint, digest: before } of segments) {
    const result = await db
      .deleteFrom('capture_segment')
      .where('replica', '=', replica)
      .where('sequence', '=', sequence)
      .where('endpoint', '=', endpoint)
      .where('digest', '=', before)
      .executeTakeFirst()
    removed += result.numDeletedRows
  }
  if (removed !== BigInt(segments.length)) throw new Error('the segments changed while they were merged')
  await insertSegment(db, {
    ...first,
    digest,
    rows: segments.reduce((sum, segment) => sum + segment.rows, 0),
    min_time: Math.min(...segments.map((segment) => segment.min_time)),
    max_time: Math.max(...segments.map((segment) => segment.max_time)),
    ingested_at: Math.max(...segments.map((segment) => segment.ingested_at)),
  })
}

async function captureSpan(db: Db, endpoint: string): Promise<{ from: number; to: number } | undefined> {
  const row = await db
    .selectFrom('capture_segment')
    .select(({ fn }) => [fn.min('min_time').as('from'), fn.max('max_time').as('to')])
    .where('endpoint', '=', endpoint)
    .executeTakeFirst()
  return row === undefined || row.from === null ? undefined : { from: Number(row.from), to: Number(row.to) }
}

export const oldestTime = async (db: Db, endpoint: string): Promise<number | undefined> =>
  (await captureSpan(db, endpoint))?.from

export const newestTime = async (db: Db, endpoint: string): Promise<number | undefined> =>
  (await captureSpan(db, endpoint))?.to

/** How much time the log covers, ms. */
export async function logSpan(db: Db, endpoint: string): Promise<number> {
  const span = await captureSpan(db, endpoint)
  return span ? span.to - span.from : 0
}

export async function findLogUnit(db: Db, endpoint: string): Promise<Unit | undefined> {
  return (await db.selectFrom('log_unit').select('unit').where('endpoint', '=', endpoint).executeTakeFirst())?.unit
}

export async function insertLogUnit(db: Db, row: { endpoint: string; unit: Unit; chosen_at: number }): Promise<void> {
  await db
    .insertInto('log_unit')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
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

/** Rows of the log that nobody asked for: the same requests, answered by a shadow. */
export async function shadowRows(db: Db, endpoint: string): Promise<number> {
  const row = await db
    .selectFrom('traffic_hour')
    .select(({ fn }) => fn.sum<number>('rows').as('rows'))
    .where('endpoint', '=', endpoint)
    .where('kind', '=', 'shadow')
    .executeTakeFirst()
  return Number(row?.rows ?? 0)
}

/** Live rows that got an answer, by unit of event time. */
export async function servedByUnit(
  db: Db,
  endpoint: string,
  from: number,
  to: number,
  unit: number,
): Promise<Map<number, number>> {
  const start = unitStart(unit)
  const rows = await db
    .selectFrom('traffic_hour')
    .select(({ fn }) => [start.as('start'), fn.sum<number>('rows').as('rows'), fn.sum<number>('errors').as('errors')])
    .where('endpoint', '=', endpoint)
    .where('kind', '=', 'live')
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .groupBy(start)
    .orderBy('start')
    .execute()
  return new Map(rows.map((row) => [Number(row.start), Number(row.rows) - Number(row.errors)]))
}

export async function trafficBetween(
  db: Db,
  endpoint: string,
  from: number,
  to: number,
): Promise<Selectable<TrafficHourTable>[]> {
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
  const row = await db
    .selectFrom('version_reference')
    .select('digest')
    .where('model', '=', model)
    .where('version', '=', version)
    .executeTakeFirst()
  return row?.digest
}

/** The unit that the version's reference rows asked for; undefined when they carry no time. */
export async function findReferenceUnit(db: Db, model: string, version: number): Promise<Unit | undefined> {
  const row = await db
    .selectFrom('version_reference')
    .select('unit')
    .where('model', '=', model)
    .where('version', '=', version)
    .executeTakeFirst()
  return row?.unit ?? undefined
}

export async function insertReference(
  db: Db,
  row: { model: string; version: number; digest: string; rows: number; unit: Unit | null },
): Promise<void> {
  await db
    .insertInto('version_reference')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
