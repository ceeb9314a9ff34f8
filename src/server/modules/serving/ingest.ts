import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { SegmentEndpoint, SegmentMeta } from '../../../contract/plane.ts'
import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { countLatencies, type LatencyCount } from './latency.ts'
import * as q from './queries/endpoints.ts'
import { raiseWatermark } from './queries/watermark.ts'
import { addLatencies } from './queries/latency.ts'
import { temporaryFolder } from './servable.ts'
import { listSealed, type Sealed } from './spool.ts'

/** What a higher module does with a segment, in the transaction that ingests it: hence exactly once. */
export type CaptureSink = (ctx: TxCtx, segment: SegmentEndpoint) => Promise<void>

export interface IngestParts {
  home: string
  analytics: Analytics
  sinks: readonly CaptureSink[]
}

/** An endpoint's rows of a segment as an object, with the times that its clock shows. */
interface StoredRows {
  digest: string
  firstArrival: number
  lastArrival: number
  latencies: LatencyCount[]
}

/** Moves every sealed segment into the prediction log; a segment that was ingested before changes nothing. */
export async function ingestSealed(ctx: Ctx, parts: IngestParts): Promise<void> {
  for (const sealed of await listSealed(parts.home)) {
    const { replica, sequence } = sealed.meta
    if (!(await q.isIngested(ctx.db, replica, sequence))) await ingestOne(ctx, parts, sealed)
    await rm(sealed.rowsFile, { force: true })
    await rm(sealed.metaFile, { force: true })
  }
}

async function ingestOne(ctx: Ctx, parts: IngestParts, sealed: Sealed): Promise<void> {
  const { meta } = sealed
  const stored = meta.rows > 0 ? await storeRows(ctx, parts, sealed) : new Map<string, StoredRows>()
  await ctx.tx(async (ctx) => {
    if (!(await q.markIngested(ctx.db, meta.replica, meta.sequence, ctx.clock.now()))) return
    for (const segment of meta.endpoints) {
      const rows = stored.get(segment.endpoint)
      if (rows) await recordRows(ctx, meta, segment, rows)
      await recordSegment(ctx, meta, segment, parts.sinks)
    }
  })
}

async function storeRows(ctx: Ctx, parts: IngestParts, { rowsFile }: Sealed): Promise<Map<string, StoredRows>> {
  const work = await temporaryFolder(parts.home, 'ingest-')
  const stored = new Map<string, StoredRows>()
  try {
    for (const { endpoint, file, firstArrival, lastArrival } of await parts.analytics.convert(rowsFile, work.path)) {
      const clock = (await q.findEndpoint(ctx.db, endpoint))?.spec.clock ?? 'arrival'
      const latencies = await countLatencies(parts.analytics, file, clock)
      const { digest } = await ctx.blobs.put(createReadStream(file))
      stored.set(endpoint, { digest, firstArrival, lastArrival, latencies })
    }
  } finally {
    await work.remove()
  }
  return stored
}

async function recordRows(ctx: TxCtx, meta: SegmentMeta, segment: SegmentEndpoint, stored: StoredRows): Promise<void> {
  const { endpoint, rows } = segment
  const isArrival = (await q.findEndpoint(ctx.db, endpoint))?.spec.clock === 'arrival'
  await q.insertSegment(ctx.db, {
    replica: meta.replica,
    sequence: meta.sequence,
    endpoint,
    digest: stored.digest,
    rows,
    min_time: isArrival ? stored.firstArrival : segment.minTime,
    max_time: isArrival ? stored.lastArrival : segment.maxTime,
    ingested_at: ctx.clock.now(),
  })
  await addLatencies(ctx.db, endpoint, stored.latencies)
}

async function recordSegment(
  ctx: TxCtx,
  meta: SegmentMeta,
  segment: SegmentEndpoint,
  sinks: readonly CaptureSink[],
): Promise<void> {
  const { endpoint, watermark } = segment
  for (const { hour, variant, version, kind, rows, errors } of segment.profiles) {
    await q.addTraffic(ctx.db, { endpoint, hour, variant, version, kind, rows, errors })
  }
  for (const sink of sinks) await sink(ctx, segment)
  if (watermark === null) return
  await raiseWatermark(ctx.db, {
    endpoint,
    replica: meta.replica,
    watermark,
    not_captured: segment.notCaptured,
    updated_at: ctx.clock.now(),
  })
  ctx.emit({ type: 'serving.captured', endpoint, watermark, rows: segment.rows })
}
