import { count } from '../../../contract/format.ts'
import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { getRunMetrics } from '../experiments/module.ts'
import { getVersion } from '../registry/module.ts'
import { entitiesServed, findWatermark, type EntitiesServed } from '../serving/module.ts'
import { unnamed } from './entity-words.ts'
import {
  driftPast,
  liveVersion,
  noReference,
  readReference,
  rowsBetween,
  type LiveVersion,
  type Reference,
} from './evidence.ts'
import { driftFrom, driftOf, settleDrift } from './judge-drift.ts'
import { judgeInputs } from './judge-inputs.ts'
import { judgePerformance } from './judge-performance.ts'
import { relativeLimit, tighterLimit } from './performance-rules.ts'
import * as q from './queries/windows.ts'
import { settleUnit } from './service.ts'
import type { WindowSubject } from './tables.ts'
import { acrossGap, dayMs, enoughRows, nextClosed, windowsOf, type MonitorWindows, type Span } from './windows.ts'

interface Due extends Span {
  subject: WindowSubject
  /** When it may be judged: performance waits for its labels. */
  at: number
  /** What was judged before labels of it came late. */
  before?: q.WindowRow
}

/**
 * Judges every window that has closed by the watermark and was not judged yet, and those about which labels have come
 * since, in the order in which they became due; each in one transaction. Running it again changes nothing.
 */
export async function evaluate(ctx: Ctx, analytics: Analytics, endpoint: string): Promise<void> {
  for (;;) {
    const found = await q.findMonitor(ctx.db, endpoint)
    const watermark = await findWatermark(ctx.db, endpoint)
    if (watermark === undefined) return
    if (!found || found.anchor === null) return await tellEvaluated(ctx, endpoint, watermark)
    const live = await liveVersion(ctx.db, endpoint)
    const monitor = await settleUnit(ctx, found, live)
    const windows = windowsOf(monitor.spec, monitor.unit ?? 'day')
    const next = await nextDue(ctx, monitor, windows, watermark)
    if (!next) return await tellEvaluated(ctx, endpoint, watermark)
    const reference = live ? await readReference(ctx, live) : noReference
    const entities = next.subject === 'drift' ? await entitiesOf(ctx, analytics, monitor, live, next) : undefined
    await ctx.tx((ctx) => judge(ctx, { monitor, windows, live, reference, watermark, entities }, next))
  }
}

/** Asked of the log where entities are the unit: profiles do not know whom their rows are about. */
async function entitiesOf(
  ctx: Ctx,
  analytics: Analytics,
  monitor: q.MonitorRow,
  live: LiveVersion | undefined,
  due: Due,
): Promise<EntitiesServed | undefined> {
  if (monitor.unit !== 'entity' || !live) return undefined
  const from = Math.min(due.start, await driftFrom(ctx, monitor, due.end))
  return await entitiesServed(ctx, analytics, {
    endpoint: monitor.endpoint,
    version: live.version,
    from,
    to: due.end,
  })
}

/** Rollouts and automation go on from here: inputs have been judged first. */
async function tellEvaluated(ctx: Ctx, endpoint: string, watermark: number): Promise<void> {
  await ctx.tx((ctx) => Promise.resolve(ctx.emit({ type: 'monitoring.evaluated', endpoint, watermark })))
}

const rank: Record<WindowSubject, number> = { inputs: 0, drift: 1, performance: 2 }

/** The window that became due first; of those due at one moment inputs come first. */
async function nextDue(
  ctx: Ctx,
  monitor: q.MonitorRow,
  windows: MonitorWindows,
  watermark: number,
): Promise<Due | undefined> {
  const { endpoint, spec } = monitor
  const anchor = monitor.anchor ?? 0
  const next = async (subject: WindowSubject, length: number, delay: number): Promise<Due[]> => {
    const newest = await q.newestWindow(ctx.db, endpoint, subject)
    const window = nextClosed(anchor, length, newest?.stop ?? anchor, watermark - delay)
    if (!window) return []
    // A span in which nothing came, be it a night or a year, is one window that says so.
    const rows = await q.nextFeed(ctx.db, endpoint, window.start - dayMs)
    const { start, end } = acrossGap(window, rows ?? window.start, watermark - delay)
    const stretched = subject === 'performance' && end === window.end ? await withEnoughRows(ctx, monitor, window) : end
    return stretched > watermark - delay ? [] : [{ subject, start, end: stretched, at: stretched + delay }]
  }
  const late = await q.oldestLate(ctx.db, endpoint)
  const due = [
    ...(late
      ? [
          {
            subject: 'performance' as const,
            start: late.start,
            end: late.stop,
            at: late.stop + windows.labelDelay,
            before: late,
          },
        ]
      : []),
    ...(await next('inputs', windows.inputs, 0)),
    ...(await next('drift', Math.max(windows.inputs, dayMs), 0)),
    ...(spec.performance ? await next('performance', windows.performance, windows.labelDelay) : []),
  ]
  return due.sort((a, b) => a.at - b.at || rank[a.subject] - rank[b.subject])[0]
}

/** Where rows are units and nobody declared a length: a week, if the day holds too few rows. */
async function withEnoughRows(ctx: Ctx, { endpoint, spec, unit }: q.MonitorRow, { start, end }: Span): Promise<number> {
  if (unit !== 'row' || spec.performance?.window !== undefined) return end
  return (await rowsBetween(ctx.db, endpoint, start, end)) < enoughRows ? Math.max(end, start + 7 * dayMs) : end
}

interface Evaluation {
  monitor: q.MonitorRow
  windows: MonitorWindows
  live: LiveVersion | undefined
  reference: Reference
  watermark: number
  /** Whom a window of drift is about, where entities are the unit. */
  entities: EntitiesServed | undefined
}

async function judge(ctx: TxCtx, about: Evaluation, due: Due): Promise<void> {
  const { monitor, windows, live, reference, watermark } = about
  if (due.subject === 'inputs') {
    const inputs = {
      monitor,
      reference,
      version: live?.version ?? null,
      labelDelay: windows.labelDelay,
      length: windows.inputs,
    }
    return await judgeInputs(ctx, inputs, due)
  }
  if (due.subject === 'drift') return await judgeDriftWindow(ctx, about, due)
  const metric = monitor.spec.performance?.metric ?? 'wape'
  const limit = await limitOf(ctx, monitor, live)
  if (monitor.spec.performance?.limit === undefined && limit !== monitor.relativeLimit) {
    await q.updateMonitor(ctx.db, monitor.endpoint, { relative_limit: limit })
  }
  const version = live?.version ?? null
  const subject = { monitor, windows, metric, limit, version, reference, watermark, before: due.before }
  await judgePerformance(ctx, subject, due)
}

/**
 * The declared limit, else a quarter worse than the forward backtest of the live version's training run, else none.
 * A promotion never loosens it: the tightest so far stays (loop.md 4).
 */
export async function limitOf(ctx: Ctx, monitor: q.MonitorRow, live: LiveVersion | undefined): Promise<number | null> {
  const { performance } = monitor.spec
  if (!performance) return null
  if (performance.limit !== undefined) return performance.limit
  const backtest = live && (await runMetric(ctx, live, `backtest_${performance.metric}`))
  return tighterLimit(
    performance.metric,
    monitor.relativeLimit,
    backtest === undefined ? null : relativeLimit(performance.metric, backtest),
  )
}

async function runMetric(ctx: Ctx, live: LiveVersion, name: string): Promise<number | undefined> {
  const version = await getVersion(ctx, live.model, live.version)
  if (version.run_id === '') return undefined
  return (await getRunMetrics(ctx.db, version.run_id)).find((point) => point.key === name)?.value
}

async function judgeDriftWindow(ctx: TxCtx, about: Evaluation, due: Due): Promise<void> {
  const { monitor, live, reference, entities } = about
  const { endpoint } = monitor
  const from = Math.min(due.start, await driftFrom(ctx, monitor, due.end))
  const found = live
    ? await driftOf(ctx, { monitor, reference, version: live.version, units: entities?.units }, from, due.end)
    : []
  const columns = settleDrift(found, await driftPast(ctx.db, endpoint, due.start))
  const drifted = columns.filter((column) => column.state === 'drifted')
  const judged = columns.filter((column) => column.state === 'ok' || column.state === 'drifted')
  const state = judged.length === 0 ? 'insufficient' : drifted.length > 0 ? 'warning' : 'healthy'
  const said = judged.length === 0 ? 'not enough data' : `${drifted.length} of ${judged.length} columns drifted`
  const whom = entities ? `, ${count(entities.entities)} entities${unnamed(entities.named, entities.rows)}` : ''
  await q.insertWindow(ctx.db, {
    endpoint,
    subject: 'drift',
    start: due.start,
    stop: due.end,
    state,
    version: live?.version ?? null,
    sentence: `${said}${whom}`,
    numbers: {
      ...entities,
      drifted: drifted.map(({ column }) => column),
      found: found.filter((column) => column.state === 'drifted').map(({ column }) => column),
      judged: judged.length,
      effects: Object.fromEntries(columns.map(({ column, effect }) => [column, effect])),
      // Most columns are well, in most windows, for years: what they are is worked out again from their profiles.
      columns: columns.filter(({ state }) => state !== 'ok').map(({ bins: _, ...column }) => column),
      from,
    },
    judged_at: ctx.clock.now(),
  })
}
