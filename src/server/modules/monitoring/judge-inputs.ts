import { dayText, spanText } from '../../../contract/format.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import { newId } from '../../platform/ids.ts'
import { openIncident, tellIncident, endIncident, findOpenIncident } from './incidents.ts'
import { versionProfile, windowProfiles, type Reference, type WindowProfile } from './evidence.ts'
import { findBreaks, type InputBreak } from './input-rules.ts'
import { judgeErrors } from './judge-errors.ts'
import { followVolume, volumeOf, volumeSentence } from './judge-volume.ts'
import * as q from './queries/windows.ts'
import type { ColumnProfiles } from './sinks.ts'
import { type Span } from './windows.ts'

const earlierWindows = 14
const cleanToLift = 2

export interface InputsContext {
  monitor: q.MonitorRow
  reference: Reference
  /** The live version. */
  version: number | null
  labelDelay: number
  length: number
}

/** Judges one closed input window without labels; a break quarantines, clean windows lift (loop.md 6). */
export async function judgeInputs(ctx: TxCtx, about: InputsContext, window: Span): Promise<void> {
  const { endpoint } = about.monitor
  const feed = await q.feedBetween(ctx.db, endpoint, window.start, window.end)
  const from = window.start - earlierWindows * about.length
  const earlier = (await q.windowsBetween(ctx.db, endpoint, 'inputs', from, window.start)).filter(
    (past) => past.state === 'healthy' || past.state === 'warning',
  )
  const breaks = await breaksOf(ctx, about, window, earlier, feed)
  const isEmpty = feed.rows === 0 && feed.refused === 0
  const volume = await volumeOf(ctx, about.monitor, window, feed.rows)
  const odd = volumeSentence(feed.rows, volume)
  const state = breaks.length > 0 ? 'quarantined' : isEmpty ? 'insufficient' : odd === undefined ? 'healthy' : 'warning'
  const broken = breaks.map((found) => found.sentence).join('; ')
  const live = (await windowProfiles(ctx.db, endpoint, window.start, window.end)).find(
    (known) => known.version === about.version,
  )
  const count = { version_rows: live?.rows ?? 0, errors: live?.errors ?? 0 }
  await q.insertWindow(ctx.db, {
    endpoint,
    subject: 'inputs',
    start: window.start,
    stop: window.end,
    state,
    version: about.version,
    sentence: broken !== '' ? broken : isEmpty ? 'no rows came' : (odd ?? 'inputs are sound'),
    numbers: { breaks, ...feed, ...count, volume },
    judged_at: ctx.clock.now(),
  })
  if (breaks.length > 0) await quarantine(ctx, endpoint, window, breaks)
  else if (!isEmpty) await countClean(ctx, endpoint, window, about)
  if (!isEmpty) await followVolume(ctx, endpoint, window, feed.rows, volume)
  await judgeErrors(ctx, {
    endpoint,
    version: about.version,
    window,
    now: { rows: count.version_rows, errors: count.errors },
    earlier,
  })
  if (feed.rows > 0 && feed.not_captured === 0) await captureWorks(ctx, endpoint, window)
}

async function captureWorks(ctx: TxCtx, endpoint: string, window: Span): Promise<void> {
  const open = await findOpenIncident(ctx.db, endpoint, 'capture')
  if (open && open.opened_event_time < window.start)
    await endIncident(ctx, open, window.end, 'Every answered row is in the prediction log again.')
}

/** The requests of a window as the live version saw them, or as most rows were seen while none is live. */
async function requestsOf(
  ctx: TxCtx,
  endpoint: string,
  version: number | null,
  { start, end }: Span,
): Promise<WindowProfile | undefined> {
  const seen = version === null ? undefined : await versionProfile(ctx.db, endpoint, version, start, end)
  if (seen) return seen
  const profiles = await windowProfiles(ctx.db, endpoint, start, end)
  return profiles.reduce<WindowProfile | undefined>(
    (most, profile) => (most && most.rows >= profile.rows ? most : profile),
    undefined,
  )
}

async function breaksOf(
  ctx: TxCtx,
  about: InputsContext,
  window: Span,
  earlier: readonly q.WindowRow[],
  feed: { rows: number; refused: number },
): Promise<InputBreak[]> {
  const { endpoint, spec } = about.monitor
  const seen = await requestsOf(ctx, endpoint, about.version, window)
  const before: ColumnProfiles[] = []
  for (const past of seen ? earlier : []) {
    before.push((await requestsOf(ctx, endpoint, about.version, { start: past.start, end: past.stop }))?.columns ?? {})
  }
  const recoded = await recodedColumns(ctx, endpoint)
  const inputs = Object.entries(seen?.columns ?? {})
    .filter(([name]) => spec.columns[name]?.ignore !== true)
    .map(([name, profile]) => ({
      name,
      reference: about.reference.columns[name],
      profile,
      before: before.flatMap((past) => past[name] ?? []),
      wasRecoded: recoded.has(name),
      isCode: spec.columns[name]?.kind === 'category',
    }))
  return findBreaks(inputs, feed, spec.inputs)
}

/** Columns in which the newest judged window knew no value. */
async function recodedColumns(ctx: TxCtx, endpoint: string): Promise<ReadonlySet<string>> {
  const newest = await q.newestWindow(ctx.db, endpoint, 'inputs')
  const breaks = (newest?.numbers['breaks'] ?? []) as readonly InputBreak[]
  return new Set(breaks.filter((found) => found.kind === 'coding').map((found) => found.column))
}

async function quarantine(
  ctx: TxCtx,
  endpoint: string,
  window: { start: number; end: number },
  breaks: readonly InputBreak[],
): Promise<void> {
  const reason = breaks.map((found) => found.sentence).join('; ')
  const open = await q.openQuarantine(ctx.db, endpoint)
  if (open) {
    await q.updateQuarantine(ctx.db, open.id, { stop: window.end, clean_windows: 0 })
    return
  }
  const { incident } = await openIncident(ctx, {
    endpoint,
    signal: 'inputs',
    severity: 'critical',
    title: `${endpoint}: the inputs broke on ${dayText(window.start)}`,
    cause: `${reason}.`,
    eventTime: window.end,
    numbers: { breaks },
  })
  await tellIncident(ctx, incident.id, {
    event_time: window.end,
    kind: 'quarantine',
    state: 'critical',
    title: 'Window quarantined',
    text: `${reason}. These rows count neither for performance nor for training or gates; retraining is frozen until two clean windows and the label delay have passed.`,
    link: null,
    numbers: { breaks },
    key: `quarantine:${window.start}`,
  })
  await q.insertQuarantine(ctx.db, {
    id: newId('qua', ctx.clock.now()),
    endpoint,
    start: window.start,
    stop: window.end,
    clean_windows: 0,
    lifted_at: null,
    reason,
    incident: incident.id,
  })
  await q.addMarker(ctx.db, {
    endpoint,
    at: window.start,
    kind: 'quarantine',
    label: 'quarantine',
    link: `/incidents/${incident.id}`,
  })
  ctx.emit({ type: 'monitoring.inputs_broken', endpoint, incident: incident.id, from: window.start, reason })
}

/** Two clean windows, and the labels of the broken ones are through: the freeze lifts. */
async function countClean(
  ctx: TxCtx,
  endpoint: string,
  window: { start: number; end: number },
  about: InputsContext,
): Promise<void> {
  const open = await q.openQuarantine(ctx.db, endpoint)
  if (!open) return
  const clean = open.clean_windows + 1
  await q.updateQuarantine(ctx.db, open.id, { clean_windows: clean })
  if (clean < cleanToLift || window.end < open.stop + about.labelDelay) return
  await q.updateQuarantine(ctx.db, open.id, { lifted_at: window.end })
  await q.addMarker(ctx.db, {
    endpoint,
    at: window.end,
    kind: 'lift',
    label: 'lifted',
    link: `/incidents/${open.incident}`,
  })
  ctx.emit({ type: 'monitoring.quarantine_lifted', endpoint, from: open.start, to: open.stop, at: window.end })
  const text = `Inputs are sound again since ${dayText(open.stop)}; ${spanText(open.start, open.stop)} stays out of performance, training and gates. Retraining may go on.`
  await tellIncident(ctx, open.incident, {
    event_time: window.end,
    kind: 'lifted',
    state: 'ok',
    title: 'Quarantine lifted',
    text,
    link: null,
    numbers: { clean_windows: clean },
    key: `lifted:${open.id}`,
  })
  const incident = await findOpenIncident(ctx.db, endpoint, 'inputs')
  if (incident) await endIncident(ctx, incident, window.end, 'Inputs are sound again.')
}
