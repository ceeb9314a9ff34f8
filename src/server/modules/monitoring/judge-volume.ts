import { count, spanText } from '../../../contract/format.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import { endIncident, findOpenIncident, openIncident, tellIncident } from './incidents.ts'
import * as q from './queries/windows.ts'
import { judgeVolume, lasts, volumeLastsMs, volumeWeeks, type Volume } from './volume-rules.ts'
import { dayMs, type Span } from './windows.ts'

const weekMs = 7 * dayMs
/** The window's rows against the same hours of the weeks before; weeks before the feed began are not there. */
export async function volumeOf(
  ctx: TxCtx,
  { endpoint, anchor }: q.MonitorRow,
  { start, end }: Span,
  rows: number,
): Promise<Volume> {
  const weeks = anchor === null ? 0 : Math.min(volumeWeeks, Math.floor((start - anchor) / weekMs))
  const past = new Array<number>(weeks).fill(0)
  for (const bucket of await q.feedBuckets(ctx.db, endpoint, start - weeks * weekMs, start)) {
    const week = Math.ceil((start - bucket.start) / weekMs)
    const isSameTime = bucket.start + week * weekMs < end
    if (isSameTime) past[week - 1] = (past[week - 1] ?? 0) + bucket.rows
  }
  return judgeVolume(rows, past)
}

export function volumeSentence(rows: number, { state, usual, weeks }: Volume): string | undefined {
  if ((state !== 'low' && state !== 'high') || usual === null) return undefined
  return `${count(rows)} rows came where ${count(usual)} are usual (median of the same time in ${weeks} weeks before)`
}

const volumeIn = (row: q.WindowRow): Volume['state'] =>
  (row.numbers['volume'] as Volume | undefined)?.state ?? 'unknown'

/** Tells of a volume that stays far from the usual, and of its return. It quarantines nothing: the rows that come are sound. */
export async function followVolume(
  ctx: TxCtx,
  endpoint: string,
  window: Span,
  rows: number,
  volume: Volume,
): Promise<void> {
  const open = await findOpenIncident(ctx.db, endpoint, 'volume')
  if (open && volume.state === 'usual')
    return await endIncident(ctx, open, window.end, `${count(rows)} rows came: as many as usual.`)
  const sentence = volumeSentence(rows, volume)
  if (sentence === undefined) return
  const recent = await q.windowsBetween(ctx.db, endpoint, 'inputs', window.end - volumeLastsMs, window.end)
  const known = recent.map((row) => ({ start: row.start, stop: row.stop, volume: volumeIn(row) }))
  if (!open && !lasts(volume.state, known)) return
  const numbers = { rows, ...volume }
  const { incident, isNew } = await openIncident(ctx, {
    endpoint,
    signal: 'volume',
    severity: 'warning',
    title: `${endpoint}: far ${volume.state === 'low' ? 'fewer' : 'more'} rows than usual`,
    cause: `${sentence}, and so for three days.`,
    eventTime: window.end,
    numbers,
  })
  await tellIncident(ctx, incident.id, {
    event_time: window.end,
    kind: isNew ? 'opened' : 'signal',
    state: 'warning',
    title: isNew ? 'Incident opened' : 'Still far from usual',
    text: `${spanText(window.start, window.end)}: ${sentence}. Nothing is frozen by it.`,
    link: `/endpoints/${endpoint}`,
    numbers,
    key: `window:${window.start}`,
  })
}
