import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { getRunMetrics } from '../experiments/module.ts'
import { getVersion } from '../registry/module.ts'
import { findWatermark } from '../serving/module.ts'
import { liveVersion, readReferences, type LiveVersion, type References } from './evidence.ts'
import { driftOf } from './judge-drift.ts'
import { judgeInputs } from './judge-inputs.ts'
import { judgePerformance } from './judge-performance.ts'
import type { LossMetric } from './performance-rules.ts'
import * as q from './queries/windows.ts'
import type { WindowSubject } from './tables.ts'
import { closedWindows, dayMs, windowsOf, type MonitorWindows } from './windows.ts'

interface Due {
  subject: WindowSubject
  start: number
  end: number
  /** When it may be judged: performance waits for its labels. */
  at: number
}

/** Limits are absolute. Without one: the forward backtest × 1.25 (loop.md 4). */
const withoutLimit = 1.25

/**
 * Judges every window that has closed by the watermark and was not judged yet, in the order in which they
 * became due; each in one transaction. Running it again changes nothing.
 */
export async function evaluate(ctx: Ctx, endpoint: string): Promise<void> {
  for (;;) {
    const monitor = await q.findMonitor(ctx.db, endpoint)
    const watermark = await findWatermark(ctx.db, endpoint)
    if (watermark === undefined) return
    if (!monitor || monitor.anchor === null) return await tellEvaluated(ctx, endpoint, watermark)
    const live = await liveVersion(ctx.db, endpoint)
    const windows = windowsOf(monitor.spec, monitor.unit ?? 'day')
    const [next] = await dueWindows(ctx, monitor, windows, watermark)
    if (!next) return await tellEvaluated(ctx, endpoint, watermark)
    const references = live ? await readReferences(ctx, live.model, live.version) : {}
    await ctx.tx((ctx) => judge(ctx, monitor, windows, next, live, references))
  }
}

/** Rollouts and automation go on from here: inputs have been judged first. */
async function tellEvaluated(ctx: Ctx, endpoint: string, watermark: number): Promise<void> {
  await ctx.tx((ctx) => Promise.resolve(ctx.emit({ type: 'monitoring.evaluated', endpoint, watermark })))
}

async function dueWindows(ctx: Ctx, monitor: q.MonitorRow, windows: MonitorWindows, watermark: number): Promise<Due[]> {
  const { endpoint } = monitor
  const anchor = monitor.anchor ?? 0
  const list = async (subject: WindowSubject, length: number, delay: number): Promise<Due[]> => {
    const newest = await q.newestWindow(ctx.db, endpoint, subject)
    return closedWindows(anchor, length, newest?.stop ?? anchor, watermark - delay).map((window) => ({
      subject,
      ...window,
      at: window.end + delay,
    }))
  }
  const due = [
    ...(await list('inputs', windows.inputs, 0)),
    ...(await list('drift', Math.max(windows.inputs, dayMs), 0)),
    ...(monitor.spec.performance ? await list('performance', windows.performance, windows.labelDelay) : []),
  ]
  const rank: Record<WindowSubject, number> = { inputs: 0, drift: 1, performance: 2 }
  return due.sort((a, b) => a.at - b.at || rank[a.subject] - rank[b.subject])
}

async function judge(
  ctx: TxCtx,
  monitor: q.MonitorRow,
  windows: MonitorWindows,
  due: Due,
  live: LiveVersion | undefined,
  references: References,
): Promise<void> {
  if (due.subject === 'inputs')
    return await judgeInputs(ctx, { monitor, references, labelDelay: windows.labelDelay, length: windows.inputs }, due)
  const referenceUnits = unitsOfReference(references, windows)
  if (due.subject === 'drift')
    return await judgeDriftWindow(ctx, monitor, windows, due, live, references, referenceUnits)
  const metric: LossMetric = monitor.spec.performance?.metric ?? 'wape'
  const limit = await limitOf(ctx, monitor, live)
  await judgePerformance(
    ctx,
    { monitor, windows, metric, limit, version: live?.version ?? null, references, referenceUnits },
    due,
  )
}

/** The declared limit, else the forward backtest of the live version's training run × 1.25, else none. */
export async function limitOf(ctx: Ctx, monitor: q.MonitorRow, live: LiveVersion | undefined): Promise<number | null> {
  const { performance } = monitor.spec
  if (!performance) return null
  if (performance.limit !== undefined) return performance.limit
  const backtest = live && (await runMetric(ctx, live, `backtest_${performance.metric}`))
  return backtest === undefined ? null : backtest * withoutLimit
}

async function runMetric(ctx: Ctx, live: LiveVersion, name: string): Promise<number | undefined> {
  const version = await getVersion(ctx, live.model, live.version)
  if (version.run_id === '') return undefined
  return (await getRunMetrics(ctx.db, version.run_id)).find((point) => point.key === name)?.value
}

/** Rows of the reference in units; hourly data with day units has a 24th as many units as rows. */
function unitsOfReference(references: References, windows: MonitorWindows): number {
  const rows = Math.max(0, ...Object.values(references).map((reference) => reference.profile.n))
  const rowsPerUnit = windows.unit / 3_600_000
  return Math.max(1, Math.round(rows / rowsPerUnit))
}

const driftUnits = 14

async function judgeDriftWindow(
  ctx: TxCtx,
  monitor: q.MonitorRow,
  windows: MonitorWindows,
  due: Due,
  live: LiveVersion | undefined,
  references: References,
  referenceUnits: number,
): Promise<void> {
  const { endpoint, spec } = monitor
  // Drift needs 14 units, so each window looks back as far as that.
  const from = due.end - Math.max(due.end - due.start, driftUnits * windows.unit)
  const columns = live
    ? await driftOf(
        ctx,
        {
          endpoint,
          references,
          version: live.version,
          unitMs: windows.unit,
          referenceUnits,
          ignore: spec.drift.ignore,
        },
        from,
        due.end,
      )
    : []
  const drifted = columns.filter((column) => column.state === 'drifted')
  const judged = columns.filter((column) => column.state === 'ok' || column.state === 'drifted')
  const state = judged.length === 0 ? 'insufficient' : drifted.length > 0 ? 'warning' : 'healthy'
  const sentence = judged.length === 0 ? 'not enough data' : `${drifted.length} of ${judged.length} columns drifted`
  await q.insertWindow(ctx.db, {
    endpoint,
    subject: 'drift',
    start: due.start,
    stop: due.end,
    state,
    version: live?.version ?? null,
    sentence,
    numbers: {
      drifted: drifted.map(({ column }) => column),
      judged: judged.length,
      columns: columns.map(({ bins: _, ...column }) => column),
      from,
    },
    judged_at: ctx.clock.now(),
  })
}
