import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Analytics } from '../../platform/analytics/analytics.ts'
import { literal } from '../../platform/analytics/protocol.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import * as q from './queries/endpoints.ts'
import { findWatermark } from './queries/watermark.ts'
import { temporaryFolder } from './servable.ts'

const dayMs = 86_400_000
/** A day of so many objects or more is worth one pass. */
const worthwhile = 8
const smallRows = 500_000

/** Small segments of days that lie two days behind the watermark, by the day they begin in. */
async function closedDays(db: Db, endpoint: string): Promise<q.SegmentRow[][]> {
  const watermark = await findWatermark(db, endpoint)
  if (watermark === undefined) return []
  const until = Math.floor(watermark / dayMs) * dayMs - dayMs
  const days = new Map<number, q.SegmentRow[]>()
  for (const segment of await q.smallSegments(db, endpoint, until, smallRows)) {
    const day = Math.floor(segment.min_time / dayMs)
    const known = days.get(day)
    if (known) known.push(segment)
    else days.set(day, [segment])
  }
  return [...days.values()].filter((segments) => segments.length >= worthwhile)
}

export async function needsCompaction(db: Db, endpoint: string): Promise<boolean> {
  return (await closedDays(db, endpoint)).length > 0
}

/**
 * Makes one object of each closed day's segments, so that a year of flushes stays a few hundred files. Index rows
 * are replaced in one transaction; readers of the old objects finish with them, later they are garbage.
 */
export async function compactLog(
  ctx: Ctx,
  parts: { home: string; analytics: Analytics },
  endpoint: string,
): Promise<void> {
  for (const segments of await closedDays(ctx.db, endpoint)) {
    const work = await temporaryFolder(parts.home, 'compact-')
    try {
      const files = segments.map(({ digest }) => literal(fileURLToPath(ctx.blobs.urlOf(digest))))
      const target = join(work.path, 'day.parquet')
      const rows = `select * from read_parquet([${files.join(', ')}], union_by_name = true) order by event_time, arrival`
      await parts.analytics.copy(rows, target, 'parquet')
      const { digest } = await ctx.blobs.put(createReadStream(target))
      await ctx.tx((ctx) => q.mergeSegments(ctx.db, segments, digest))
    } finally {
      await work.remove()
    }
  }
}
