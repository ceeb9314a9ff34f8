import type { SegmentEndpoint, SegmentProfile } from '../../../contract/plane.ts'
import { mergeProfiles, type ColumnProfile } from '../../../stats/profile.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import type { HourOutcome } from '../serving/module.ts'
import * as q from './queries/windows.ts'
import { dayMs, hourMs, windowsOf } from './windows.ts'

export type ColumnProfiles = Record<string, ColumnProfile>

/** Adds what a segment saw to the windows it belongs to, in the transaction that ingests it. */
export async function captureProfiles(ctx: TxCtx, segment: SegmentEndpoint): Promise<void> {
  const monitor = await q.findMonitor(ctx.db, segment.endpoint)
  if (!monitor) return
  const bucketMs = windowsOf(monitor.spec, monitor.unit ?? 'day').inputs >= dayMs ? dayMs : hourMs
  for (const profile of segment.profiles) await addProfile(ctx, segment.endpoint, bucketMs, profile)
  const live = segment.profiles.filter((profile) => profile.kind === 'live')
  const first = live.reduce((earliest, profile) => Math.min(earliest, profile.hour), Number.POSITIVE_INFINITY)
  const refused = Object.values(segment.refused).reduce((sum, count) => sum + count, 0)
  if (Number.isFinite(first) || segment.watermark !== null) {
    const at = Number.isFinite(first) ? first : (segment.watermark ?? 0)
    const rows = live.reduce((sum, profile) => sum + profile.rows, 0)
    await q.addFeed(ctx.db, {
      endpoint: segment.endpoint,
      start: Math.floor(at / bucketMs) * bucketMs,
      rows,
      refused,
      not_captured: segment.notCaptured,
    })
  }
  if (monitor.anchor === null && Number.isFinite(first)) {
    await q.updateMonitor(ctx.db, segment.endpoint, { anchor: Math.floor(first / dayMs) * dayMs })
  }
}

async function addProfile(ctx: TxCtx, endpoint: string, bucketMs: number, profile: SegmentProfile): Promise<void> {
  const key = {
    endpoint,
    version: profile.version,
    kind: profile.kind,
    start: Math.floor(profile.hour / bucketMs) * bucketMs,
  }
  const known = await q.findProfile(ctx.db, key)
  const merge = (before: string | undefined, now: Record<string, unknown>): string =>
    JSON.stringify(
      mergeColumns(before === undefined ? {} : (JSON.parse(before) as ColumnProfiles), now as ColumnProfiles),
    )
  await q.putProfile(ctx.db, {
    ...key,
    rows: (known?.rows ?? 0) + profile.rows,
    errors: (known?.errors ?? 0) + profile.errors,
    columns: merge(known?.columns, profile.columns),
    outputs: merge(known?.outputs, profile.outputs),
  })
}

/** Columns of both; profiles of different bins (another version's reference) are never mixed. */
export function mergeColumns(a: ColumnProfiles, b: ColumnProfiles): ColumnProfiles {
  const merged: ColumnProfiles = { ...a }
  for (const [name, profile] of Object.entries(b)) {
    const known = merged[name]
    merged[name] = known && known.binsId === profile.binsId ? mergeProfiles(known, profile) : profile
  }
  return merged
}

/** Takes the place of the hours' outcomes. */
export async function storeOutcomes(
  ctx: TxCtx,
  endpoint: string,
  hours: readonly number[],
  outcomes: readonly HourOutcome[],
): Promise<void> {
  await q.replaceOutcomes(
    ctx.db,
    endpoint,
    hours,
    outcomes.map((outcome) => ({ endpoint, ...outcome })),
  )
}
