import type { MonitorSpec } from '../../../contract/monitoring.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { audit } from '../audit/module.ts'
import { findLogUnit, findReferenceUnit, findWatermark, requestRecount } from '../serving/module.ts'
import * as q from './queries/windows.ts'
import { nextClosed, windowsOf } from './windows.ts'

export async function getMonitorRow(db: Db, endpoint: string): Promise<q.MonitorRow> {
  const row = await q.findMonitor(db, endpoint)
  if (!row) throw new MainstayError('monitoring.not_found', `no monitor watches ${endpoint}`)
  return row
}

/** Declares what is watched on an endpoint and what is too bad. */
export async function saveMonitor(ctx: TxCtx, endpoint: string, spec: MonitorSpec): Promise<void> {
  const now = ctx.clock.now()
  const unit = spec.performance?.unit ?? 'auto'
  const before = await q.findMonitor(ctx.db, endpoint)
  if ((before?.unit === 'entity') !== (unit === 'entity')) await requestRecount(ctx, endpoint)
  await q.upsertMonitor(ctx.db, {
    endpoint,
    project_id: ctx.project,
    spec: JSON.stringify(spec),
    anchor: null,
    state: 'insufficient',
    since: null,
    sentence: 'No window was judged yet.',
    unit: unit === 'auto' ? null : unit,
    relative_limit: null,
    updated_at: now,
  })
  await q.updateMonitor(ctx.db, endpoint, { unit: unit === 'auto' ? null : unit })
  await audit(ctx, 'monitoring.monitor_saved', endpoint, { spec })
}

/** Ranges of event time that nothing may learn from: quarantined rows. */
export async function quarantinedRanges(db: Db, endpoint: string): Promise<{ from: number; to: number }[]> {
  return (await q.listQuarantines(db, endpoint)).map((hole) => ({ from: hole.start, to: hole.stop }))
}

/** While a quarantine is open, retraining, gates and rollouts of the endpoint wait. */
export async function isFrozen(db: Db, endpoint: string): Promise<boolean> {
  return (await q.openQuarantine(db, endpoint)) !== undefined
}

/** Whether entities are the unit of evidence: what serving sums of labelled rows is kept by their slices. */
export async function countsEntities(db: Db, endpoint: string): Promise<boolean> {
  return (await q.findMonitor(db, endpoint))?.unit === 'entity'
}

export interface LoopTimes {
  /** Everything before this has its labels. */
  matureUntil: number
  labelDelay: number
  unit: number
  window: number
  watermark: number
}

/** Event times that retraining, gates and follow-ups reckon with; undefined before anything was captured. */
export async function loopTimes(db: Db, endpoint: string): Promise<LoopTimes | undefined> {
  const monitor = await q.findMonitor(db, endpoint)
  const watermark = await findWatermark(db, endpoint)
  if (!monitor || watermark === undefined) return undefined
  const windows = windowsOf(monitor.spec, monitor.unit ?? 'day')
  const matureUntil = Math.floor((watermark - windows.labelDelay) / windows.unit) * windows.unit
  return { matureUntil, labelDelay: windows.labelDelay, unit: windows.unit, window: windows.performance, watermark }
}

/** What a replay must wait for here: windows that have closed and are not judged yet. */
export async function pendingWindows(ctx: Ctx, endpoint: string, through: number): Promise<string[]> {
  const monitor = await q.findMonitor(ctx.db, endpoint)
  if (!monitor || monitor.anchor === null) return []
  const { inputs } = windowsOf(monitor.spec, monitor.unit ?? 'day')
  const newest = await q.newestWindow(ctx.db, endpoint, 'inputs')
  const next = nextClosed(monitor.anchor, inputs, newest?.stop ?? monitor.anchor, through)
  return next ? [`the window that ended at ${new Date(next.end).toISOString()} waits for its verdict`] : []
}

/**
 * The unit of evidence of a monitor that leaves it to us: what the live version's reference asked for, else the first
 * two weeks of captured rows. Until either is known days are taken, the coarsest there is.
 */
export async function settleUnit(
  ctx: Ctx,
  monitor: q.MonitorRow,
  live: { model: string; version: number } | undefined,
): Promise<q.MonitorRow> {
  if (monitor.unit !== null) return monitor
  const { endpoint } = monitor
  const chosen =
    (live && (await findReferenceUnit(ctx.db, live.model, live.version))) ?? (await findLogUnit(ctx.db, endpoint))
  if (chosen === undefined) return monitor
  // Entities are declared, never chosen; a day holds what one of them does in a day.
  const unit = chosen === 'entity' ? 'day' : chosen
  await ctx.tx(async (ctx) => {
    await q.updateMonitor(ctx.db, endpoint, { unit })
    // What was judged by days so far may have evidence enough in smaller units.
    const judged = unit === 'day' ? [] : await q.performanceSpans(ctx.db, endpoint, 0, Number.MAX_SAFE_INTEGER)
    await q.markLate(
      ctx.db,
      endpoint,
      judged.map(({ start }) => start),
    )
  })
  return { ...monitor, unit }
}
