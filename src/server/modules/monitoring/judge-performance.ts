import { count, metricName, number, spanText } from '../../../contract/format.ts'
import type { MonitorState } from '../../../contract/monitoring.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import { servedByUnit } from '../serving/module.ts'
import { actualsByHour, apartIn, unitOutcomes } from './evidence.ts'
import { unnamed } from './entity-words.ts'
import { followPerformance, type PerformanceContext } from './follow-performance.ts'
import {
  isDegraded,
  isOutside,
  naiveWape,
  weighWindow,
  windowState,
  type JudgedWindow,
  type UnitOutcome,
  type WindowEvidence,
} from './performance-rules.ts'
import * as q from './queries/windows.ts'
import { dayMs, hourMs, type Span } from './windows.ts'

/** Units of a window that no quarantine covers. */
async function cleanUnits(
  ctx: TxCtx,
  { monitor: { endpoint, unit: kind }, windows: { unit }, metric }: PerformanceContext,
  from: number,
  to: number,
): Promise<{ units: UnitOutcome[]; quarantined: boolean }> {
  const holes = (await q.listQuarantines(ctx.db, endpoint)).filter((hole) => hole.start < to && hole.stop > from)
  const served = await servedByUnit(ctx.db, endpoint, from, to, unit)
  const units = await unitOutcomes(ctx.db, endpoint, { from, to, unit, served, metric, apart: apartIn(kind) })
  const isClean = ({ start }: UnitOutcome): boolean =>
    !holes.some((hole) => start < hole.stop && start + unit > hole.start)
  return { units: units.filter(isClean), quarantined: holes.length > 0 }
}

/**
 * Judges one closed window (loop.md 8): when its labels should be there, and again when labels of it come later or
 * are corrected. Judged again, it takes the place of what was said before, and the judged windows after it follow,
 * since persistence looks back; what was decided in the meantime stays decided.
 */
export async function judgePerformance(ctx: TxCtx, about: PerformanceContext, window: Span): Promise<void> {
  const { monitor, metric, limit, before } = about
  const { endpoint } = monitor
  const { units, quarantined } = await cleanUnits(ctx, about, window.start, window.end)
  const evidence = weighWindow(metric, units, quarantined)
  const value = evidence.estimate?.value ?? null
  const outside = evidence.state === 'judged' && value !== null && limit !== null && isOutside(metric, value, limit)
  const { degraded, pooled, earlier } = outside
    ? await persists(ctx, about, window, units)
    : { degraded: false, pooled: undefined, earlier: [] }
  const biasLimit = monitor.spec.performance?.warn.bias
  const biasTooLarge =
    biasLimit !== undefined && evidence.bias !== undefined && Math.abs(evidence.bias.value) > biasLimit
  const state = windowState(evidence, outside, degraded, biasTooLarge)
  const figures = { ...(await figuresOf(ctx, about, window, evidence)), outside, pooled: pooled ?? null }
  if (before) await q.unmarkLate(ctx.db, endpoint, window.start)
  if (before?.state === state && isSame(before.numbers, figures)) return
  const numbers = before ? { ...figures, at_first: before.numbers['at_first'] ?? before.state } : figures
  const sentence = sentenceOf(about, window, evidence.why, state, numbers)
  const row = {
    endpoint,
    subject: 'performance' as const,
    start: window.start,
    stop: window.end,
    state,
    version: before ? before.version : about.version,
    sentence,
    numbers,
    judged_at: ctx.clock.now(),
  }
  await (before ? q.replaceWindow(ctx.db, row) : q.insertWindow(ctx.db, row))
  if (before) await judgeAfter(ctx, endpoint, window.start)
  ctx.emit({
    type: 'monitoring.performance_judged',
    endpoint,
    start: window.start,
    end: window.end,
    state,
    value,
    limit,
  })
  await followPerformance(ctx, about, window, { state, sentence, value, units, numbers, outside, earlier })
}

function isSame({ at_first: _, ...before }: Record<string, unknown>, now: Record<string, unknown>): boolean {
  return JSON.stringify(before) === JSON.stringify(now)
}

/** The windows whose persistence looks back at this one. */
async function judgeAfter(ctx: TxCtx, endpoint: string, start: number): Promise<void> {
  const next = await q.judgedAfter(ctx.db, endpoint, start, 2)
  await q.markLate(
    ctx.db,
    endpoint,
    next.flatMap((row) => (row.numbers['outside'] === true ? [row.start] : [])),
  )
}

async function figuresOf(
  ctx: TxCtx,
  { monitor: { endpoint, unit }, metric, limit }: PerformanceContext,
  window: Span,
  { estimate, bias, rows, labelled, named, units }: WindowEvidence,
) {
  const value = estimate?.value ?? null
  const naive =
    metric === 'wape' && value !== null
      ? naiveWape(await actualsByHour(ctx.db, endpoint, window.start - 7 * dayMs, window.end), hoursOf(window))
      : undefined
  return {
    metric,
    value,
    lower: estimate?.lower ?? null,
    upper: estimate?.upper ?? null,
    bias: bias?.value ?? null,
    limit,
    rows,
    labelled,
    units,
    ...(unit === 'entity' ? { named } : {}),
    skill: naive === undefined || value === null ? null : 1 - value / naive,
  }
}

function hoursOf({ start, end }: Span): number[] {
  return Array.from({ length: Math.round((end - start) / hourMs) }, (_, i) => start + i * hourMs)
}

interface Figures {
  value: number | null
  lower: number | null
  upper: number | null
  limit: number | null
  labelled: number
  rows: number
  units: number
  /** Only where entities are the unit. */
  named?: number
  at_first?: unknown
}

const atFirst: Partial<Record<MonitorState, string>> = { insufficient: 'not enough data', quarantined: 'quarantined' }

function sentenceOf(about: PerformanceContext, window: Span, why: string, state: MonitorState, n: Figures): string {
  const span = spanText(window.start, window.end)
  if (state === 'insufficient' || state === 'quarantined')
    return `${span}: ${state === 'quarantined' ? 'quarantined' : 'not enough data'} (${why})`
  const interval = n.lower === null ? '' : ` (95 %: ${number(n.lower)} to ${number(n.upper)})`
  const limit = n.limit === null ? 'no limit declared' : `limit ${number(n.limit)}`
  const first = n.at_first as MonitorState | undefined
  const late =
    first === undefined || first === state
      ? ''
      : `; judged again when more was known, at first ${atFirst[first] ?? first}`
  const entities =
    n.named === undefined ? '' : `, in ${count(n.units)} slices of entities${unnamed(n.named, n.labelled)}`
  return `${span}: ${metricName(about.metric)} ${number(n.value)}${interval}, ${limit}; ${count(n.labelled)} of ${count(n.rows)} rows labelled${entities}${late}`
}

interface Persistence extends ReturnType<typeof isDegraded> {
  /** The judged windows before, oldest first, that this one was looked at with. */
  earlier: q.WindowRow[]
}

/** This window with the last ones of the same version that could be judged, however long ago. */
async function persists(
  ctx: TxCtx,
  about: PerformanceContext,
  window: Span,
  units: readonly UnitOutcome[],
): Promise<Persistence> {
  const { endpoint } = about.monitor
  const change = (await q.lastChange(ctx.db, endpoint, window.end))?.at ?? 0
  if (window.start < change) return { degraded: false, pooled: undefined, earlier: [] }
  const bounds = { limit: 2, before: window.start, after: change }
  const earlier = (await q.judgedWindows(ctx.db, endpoint, 'performance', bounds)).reverse()
  const judged: JudgedWindow[] = []
  for (const past of earlier) {
    const { units: before } = await cleanUnits(ctx, about, past.start, past.stop)
    judged.push({ start: past.start, isOutside: past.numbers['outside'] === true, units: before })
  }
  judged.push({ start: window.start, isOutside: true, units })
  return { ...isDegraded(about.metric, about.limit ?? 0, judged), earlier }
}
