import type { SegmentEndpoint, SegmentProfile } from '../../../contract/plane.ts'
import { mergeProfiles, type ColumnProfile } from '../../../stats/profile.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import type { HourOutcome } from '../serving/module.ts'
import { openIncident, tellIncident } from './incidents.ts'
import * as o from './queries/outcomes.ts'
import * as q from './queries/windows.ts'
import { dayMs, hourMs, windowsOf } from './windows.ts'

export type ColumnProfiles = Record<string, ColumnProfile>

/** Adds what a segment saw to the windows it belongs to, in the transaction that ingests it. */
export async function captureProfiles(ctx: TxCtx, segment: SegmentEndpoint): Promise<void> {
  if (segment.notCaptured > 0) await captureFailed(ctx, segment)
  const { endpoint } = segment
  const monitor = await q.findMonitor(ctx.db, endpoint)
  if (!monitor) return
  const bucketMs = windowsOf(monitor.spec, monitor.unit ?? 'day').inputs >= dayMs ? dayMs : hourMs
  for (const profile of segment.profiles) await addProfile(ctx, endpoint, bucketMs, profile)
  for (const row of feedOf(segment, bucketMs)) await q.addFeed(ctx.db, { endpoint, ...row })
  const first = Math.min(...segment.profiles.flatMap(({ kind, hour }) => (kind === 'live' ? [hour] : [])))
  if (monitor.anchor === null && Number.isFinite(first)) {
    await q.updateMonitor(ctx.db, endpoint, { anchor: Math.floor(first / dayMs) * dayMs })
  }
}

interface Feed {
  start: number
  rows: number
  refused: number
  not_captured: number
}

/** Live and refused rows by bucket; what has no event time (a wrong stamp, not captured) is counted where the segment ends. */
function feedOf(segment: SegmentEndpoint, bucketMs: number): Feed[] {
  const feed = new Map<number, Feed>()
  const add = (time: number, what: 'rows' | 'refused' | 'not_captured', count: number): void => {
    const start = Math.floor(time / bucketMs) * bucketMs
    const known = feed.get(start) ?? { start, rows: 0, refused: 0, not_captured: 0 }
    if (Number.isFinite(start) && count > 0) feed.set(start, { ...known, [what]: known[what] + count })
  }
  for (const { kind, hour, rows } of segment.profiles) if (kind === 'live') add(hour, 'rows', rows)
  const end = segment.watermark ?? Math.max(...feed.keys())
  for (const { hour, requests } of segment.refused) add(hour ?? end, 'refused', requests)
  add(end, 'not_captured', segment.notCaptured)
  return [...feed.values()]
}

/** Answers went out that no log knows: nothing can be said about them later. */
async function captureFailed(ctx: TxCtx, { endpoint, notCaptured, watermark }: SegmentEndpoint): Promise<void> {
  const now = ctx.clock.now()
  const sentence = `${notCaptured} answered rows could not be written to the prediction log.`
  const { incident, isNew } = await openIncident(ctx, {
    endpoint,
    signal: 'capture',
    severity: 'critical',
    title: `${endpoint}: answers are missing from the prediction log`,
    cause: 'The disk of the data plane refused them, or the log is at its size cap.',
    eventTime: watermark ?? now,
    numbers: { not_captured: notCaptured },
  })
  await tellIncident(ctx, incident.id, {
    event_time: watermark,
    kind: isNew ? 'opened' : 'signal',
    state: 'critical',
    title: isNew ? 'Incident opened' : 'Still not captured',
    text: sentence,
    link: `/endpoints/${endpoint}`,
    numbers: { not_captured: notCaptured },
    key: isNew ? 'opened' : `hour:${Math.floor(now / hourMs)}`,
  })
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

/** Takes the place of the hours' outcomes; windows that were judged without them are judged again. */
export async function storeOutcomes(
  ctx: TxCtx,
  endpoint: string,
  hours: readonly number[],
  outcomes: readonly HourOutcome[],
): Promise<void> {
  await o.replaceOutcomes(
    ctx.db,
    endpoint,
    hours,
    outcomes.map((outcome) => ({ endpoint, ...outcome })),
  )
  const [from, to] = [hours[0] ?? 0, (hours.at(-1) ?? 0) + hourMs]
  const judged = await q.performanceSpans(ctx.db, endpoint, from, to)
  const touched = judged.filter(({ start, stop }) => hours.some((hour) => hour >= start && hour < stop))
  await q.markLate(
    ctx.db,
    endpoint,
    touched.map(({ start }) => start),
  )
}
