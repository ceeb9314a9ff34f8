import { metricName, number } from '../../../contract/format.ts'
import type { MonitorState } from '../../../contract/monitoring.ts'
import { totalOf } from '../../../stats/units.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import { explain, type Cause, type Classes } from './cause.ts'
import { endIncident, findOpenIncident, markOpen, markRecovering, openIncident, tellIncident } from './incidents.ts'
import { byImpact, driftFrom, driftOf } from './judge-drift.ts'
import type { Reference } from './evidence.ts'
import { isClassification, type Metric, type UnitOutcome } from './performance-rules.ts'
import * as q from './queries/windows.ts'
import type { MonitorWindows, Span } from './windows.ts'

export interface PerformanceContext {
  monitor: q.MonitorRow
  windows: MonitorWindows
  metric: Metric
  limit: number | null
  version: number | null
  reference: Reference
  watermark: number
  /** What was judged about this window before its late labels came. */
  before: q.WindowRow | undefined
}

export interface JudgedPerformance {
  state: MonitorState
  sentence: string
  value: number | null
  units: readonly UnitOutcome[]
  numbers: Record<string, unknown>
  outside: boolean
  /** The judged windows before it, oldest first. */
  earlier: readonly q.WindowRow[]
}

/** Moves the monitor's own state and the open incident's story along. */
export async function followPerformance(
  ctx: TxCtx,
  about: PerformanceContext,
  window: Span,
  found: JudgedPerformance,
): Promise<void> {
  const { endpoint } = about.monitor
  const isLate = about.before !== undefined
  // What late labels tell is known only now.
  const at = Math.max(window.end + about.windows.labelDelay, isLate ? about.watermark : 0)
  if (isLate && (await isOfEarlierVersion(ctx, about, window))) return
  if (found.state === 'degraded') await degraded(ctx, about, window, found, at)
  else await tellOpen(ctx, about, window, found, at)
  const open = await findOpenIncident(ctx.db, endpoint, 'performance')
  const over = open !== undefined && (await heldTwice(ctx, endpoint))
  if (over) {
    const late = isLate && found.state === 'degraded' ? 'It was over before its labels came: ' : ''
    await endIncident(ctx, open, at, `${late}Two windows in a row were inside the limit.`)
  }
  await moveState(ctx, about, window, found, at, open !== undefined && !over)
}

/** Late labels about a version that is gone correct its record and start nothing. */
async function isOfEarlierVersion(ctx: TxCtx, about: PerformanceContext, window: Span): Promise<boolean> {
  const change = await q.lastChange(ctx.db, about.monitor.endpoint, about.watermark)
  return change !== undefined && change.at > window.start
}

async function tellOpen(
  ctx: TxCtx,
  about: PerformanceContext,
  window: Span,
  found: JudgedPerformance,
  at: number,
): Promise<void> {
  const open = await findOpenIncident(ctx.db, about.monitor.endpoint, 'performance')
  if (!open || about.before?.state === found.state) return
  const inside = found.state === 'healthy' || found.state === 'warning'
  await tellIncident(ctx, open.id, {
    event_time: at,
    kind: 'follow_up',
    state: found.outside ? 'warning' : inside ? 'ok' : 'unknown',
    title: found.outside ? 'Still outside the limit' : inside ? 'Inside the limit' : 'Not judged',
    text: `${found.sentence}.`,
    link: null,
    numbers: found.numbers,
    key: keyOf(ctx, about, window),
  })
}

/** A window that is judged again is told again. */
const keyOf = (ctx: TxCtx, about: PerformanceContext, window: Span): string =>
  about.before ? `window:${window.start}:${ctx.clock.now()}` : `window:${window.start}`

/** Two judged windows in a row of the present version lie inside the limit. */
async function heldTwice(ctx: TxCtx, endpoint: string): Promise<boolean> {
  const change = await q.lastChange(ctx.db, endpoint, Number.MAX_SAFE_INTEGER)
  const recent = await q.judgedWindows(ctx.db, endpoint, 'performance', { limit: 2, after: change?.at ?? 0 })
  return recent.length === 2 && recent.every((past) => past.numbers['outside'] !== true)
}

/** The newest judged window says how the monitor is; while an incident is open, one that could not be judged says nothing. */
async function moveState(
  ctx: TxCtx,
  about: PerformanceContext,
  window: Span,
  { state, sentence, numbers }: JudgedPerformance,
  since: number,
  isOpen: boolean,
): Promise<void> {
  const { endpoint } = about.monitor
  const [newest] = await q.judgedWindows(ctx.db, endpoint, 'performance', { limit: 1 })
  const judged = q.isJudged({ state })
  // A span without rows says nothing about the version.
  if ((newest !== undefined && newest.start > window.start) || numbers['rows'] === 0) return
  const now = ctx.clock.now()
  if (!judged && isOpen) return await q.updateMonitor(ctx.db, endpoint, { sentence, updated_at: now })
  const shown = judged && state !== 'degraded' && isOpen ? 'recovering' : state
  const moved = shown === about.monitor.state ? {} : { state: shown, since }
  await q.updateMonitor(ctx.db, endpoint, { ...moved, sentence, updated_at: now })
}

async function degraded(
  ctx: TxCtx,
  about: PerformanceContext,
  window: Span,
  found: JudgedPerformance,
  at: number,
): Promise<void> {
  const { endpoint } = about.monitor
  if (about.before?.state === 'degraded') return
  const cause = await causeOf(ctx, about, window, found.units)
  const { incident, isNew } = await openIncident(ctx, {
    endpoint,
    signal: 'performance',
    severity: 'critical',
    title: `${endpoint} left its limit: ${metricName(about.metric)} ${number(found.value)} against ${number(about.limit)}`,
    cause: cause.sentence,
    eventTime: at,
    numbers: { ...found.numbers, cause: cause.numbers, cause_kind: cause.kind },
  })
  if (isNew) await tellFirstSigns(ctx, about, found, incident.id)
  const late = about.before ? ' The labels came late: it is told when it is known.' : ''
  await tellIncident(ctx, incident.id, {
    event_time: at,
    kind: isNew ? 'opened' : 'signal',
    state: 'critical',
    title: isNew ? 'Incident opened' : 'Still degraded',
    text: `${found.sentence}. Taken together with the windows before it, it lies wholly outside. ${cause.sentence}${late}`,
    link: null,
    numbers: { ...found.numbers, cause: cause.numbers },
    key: keyOf(ctx, about, window),
  })
  if (isNew)
    await q.addMarker(ctx.db, { endpoint, at, kind: 'incident', label: 'incident', link: `/incidents/${incident.id}` })
  if (about.limit === null || found.value === null || (await heldTwice(ctx, endpoint))) return
  ctx.emit({
    type: 'monitoring.performance_degraded',
    endpoint,
    incident: incident.id,
    at,
    value: found.value,
    limit: about.limit,
  })
}

/** The windows outside the limit that came before the one that opened the incident. */
async function tellFirstSigns(
  ctx: TxCtx,
  about: PerformanceContext,
  { earlier }: JudgedPerformance,
  incident: string,
): Promise<void> {
  const outside = earlier.filter((known) => known.numbers['outside'] === true)
  for (const [i, past] of outside.entries()) {
    const waits = i === 0 ? 'First window: waiting for a second' : 'The windows together were not wholly outside'
    await tellIncident(ctx, incident, {
      event_time: past.stop + about.windows.labelDelay,
      kind: 'signal',
      state: 'warning',
      title: 'Performance left its limit',
      text: `${past.sentence}. ${waits}.`,
      link: null,
      numbers: past.numbers,
      key: `window:${past.start}`,
    })
  }
}

async function causeOf(
  ctx: TxCtx,
  about: PerformanceContext,
  window: Span,
  units: readonly UnitOutcome[],
): Promise<Cause> {
  const { monitor, reference } = about
  const from = await driftFrom(ctx, monitor, window.end)
  const columns = await driftOf(ctx, { monitor, reference, version: about.version ?? 0 }, from, window.end)
  const inputs = columns.filter(({ role }) => role === 'input')
  const outside = inputs
    .flatMap(({ column, outside }) => (outside === null ? [] : [{ column, share: outside }]))
    .sort((a, b) => b.share - a.share)
  const drifted = inputs
    .filter(({ state }) => state === 'drifted')
    .sort(byImpact)
    .map(({ column, effect, impact }) => ({ column, effect: effect ?? 0, impact }))
  const classes = isClassification(about.metric) ? classesOf(units) : undefined
  const compared = inputs.filter(({ state }) => state === 'ok' || state === 'drifted' || state === 'constant').length
  return explain({ sums: totalOf(units), classes, outside, drifted, compared })
}

/** How often a binary classifier says 1, and how often it is true; undefined for other answers. */
function classesOf(units: readonly UnitOutcome[]): Classes {
  const sum = (of: (unit: UnitOutcome) => number): number => units.reduce((total, unit) => total + of(unit), 0)
  const n = sum((unit) => unit.n)
  const positives = { predicted: sum(({ tp, fp }) => tp + fp) / n, actual: sum(({ tp, fn }) => tp + fn) / n }
  return Number.isFinite(positives.predicted + positives.actual) ? positives : {}
}

/** A promotion answers the incident: it is watched now instead of acted on. */
export async function watchRecovery(ctx: TxCtx, endpoint: string): Promise<void> {
  const open = await findOpenIncident(ctx.db, endpoint, 'performance')
  if (!open) return
  await markRecovering(ctx, open.id)
  await q.updateMonitor(ctx.db, endpoint, { state: 'recovering', updated_at: ctx.clock.now() })
}

/** The version that was to bring recovery is gone: nothing is watched any more. */
export async function stopRecovery(ctx: TxCtx, endpoint: string): Promise<void> {
  const open = await findOpenIncident(ctx.db, endpoint, 'performance')
  if (open?.state !== 'recovering') return
  await markOpen(ctx, open.id)
  await q.updateMonitor(ctx.db, endpoint, { state: 'degraded', updated_at: ctx.clock.now() })
}
