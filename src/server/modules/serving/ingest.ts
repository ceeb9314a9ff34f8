import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SegmentEndpoint, SegmentMeta } from '../../../contract/plane.ts'
import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import * as q from './queries.ts'

/** What a higher module does with a segment, in the transaction that ingests it: hence exactly once. */
export type CaptureSink = (ctx: TxCtx, segment: SegmentEndpoint) => Promise<void>

export interface IngestParts {
  home: string
  analytics: Analytics
  sinks: readonly CaptureSink[]
}

interface Sealed {
  meta: SegmentMeta
  folder: string
  base: string
}

/** Sealed segments that wait in the spool, in the order they were written. */
async function listSealed(home: string): Promise<Sealed[]> {
  const spool = join(home, 'spool')
  const sealed: Sealed[] = []
  for (const replica of await readdir(spool).catch(() => [])) {
    const folder = join(spool, replica)
    const names = (await readdir(folder)).filter((name) => /^\d+\.json$/.test(name))
    for (const name of names) {
      const meta = JSON.parse(await readFile(join(folder, name), 'utf8')) as SegmentMeta
      sealed.push({ meta, folder, base: name.replace('.json', '') })
    }
  }
  return sealed.sort((a, b) => a.meta.replica.localeCompare(b.meta.replica) || a.meta.sequence - b.meta.sequence)
}

/** Moves every sealed segment into the prediction log; a segment that was ingested before changes nothing. */
export async function ingestSealed(ctx: Ctx, parts: IngestParts): Promise<void> {
  for (const sealed of await listSealed(parts.home)) {
    if (!(await q.isIngested(ctx.db, sealed.meta.replica, sealed.meta.sequence))) await ingestOne(ctx, parts, sealed)
    await rm(join(sealed.folder, `${sealed.base}.rows`), { force: true })
    await rm(join(sealed.folder, `${sealed.base}.json`), { force: true })
  }
}

async function ingestOne(ctx: Ctx, parts: IngestParts, { meta, folder, base }: Sealed): Promise<void> {
  const temporary = join(parts.home, 'tmp')
  await mkdir(temporary, { recursive: true })
  const work = await mkdtemp(join(temporary, 'ingest-'))
  const digests = new Map<string, string>()
  if (meta.rows > 0) {
    for (const converted of await parts.analytics.convert(join(folder, `${base}.rows`), work)) {
      const { digest } = await ctx.blobs.put(createReadStream(converted.file))
      digests.set(converted.endpoint, digest)
    }
  }
  await rm(work, { recursive: true, force: true })
  await ctx.tx(async (ctx) => {
    const now = ctx.clock.now()
    if (!(await q.markIngested(ctx.db, meta.replica, meta.sequence, now))) return
    for (const segment of meta.endpoints) await recordSegment(ctx, meta, segment, digests.get(segment.endpoint), parts.sinks)
  })
}

async function recordSegment(
  ctx: TxCtx,
  meta: SegmentMeta,
  segment: SegmentEndpoint,
  digest: string | undefined,
  sinks: readonly CaptureSink[],
): Promise<void> {
  const now = ctx.clock.now()
  const { endpoint } = segment
  if (digest !== undefined) {
    await q.insertSegment(ctx.db, {
      replica: meta.replica,
      sequence: meta.sequence,
      endpoint,
      digest,
      rows: segment.rows,
      min_time: segment.minTime,
      max_time: segment.maxTime,
      ingested_at: now,
    })
  }
  for (const profile of segment.profiles) {
    const { hour, variant, version, kind, rows, errors } = profile
    await q.addTraffic(ctx.db, { endpoint, hour, variant, version, kind, rows, errors })
  }
  for (const sink of sinks) await sink(ctx, segment)
  if (segment.watermark === null) return
  await q.raiseWatermark(ctx.db, {
    endpoint,
    replica: meta.replica,
    watermark: segment.watermark,
    not_captured: segment.notCaptured,
    updated_at: now,
  })
  ctx.emit({ type: 'serving.captured', endpoint, watermark: segment.watermark, rows: segment.rows })
}
