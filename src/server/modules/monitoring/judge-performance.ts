import type { MonitorState } from '../../../contract/monitoring.ts'
import { emptyRegressionSums } from '../../../stats/units.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import { servedByUnit } from '../serving/module.ts'
import { explain } from './cause.ts'
import { actualsByHour, unitOutcomes, type References } from './evidence.ts'
import { endIncident, findOpenIncident, markRecovering, openIncident, tellIncident } from './incidents.ts'
import { driftOf, ignoredColumns } from './judge-drift.ts'
import {
  estimate,
  isDegraded,
  isOutside,
  naiveWape,
  weighWindow,
  windowState,
  type JudgedWindow,
  type LossMetric,
  type UnitOutcome,
} from './performance-rules.ts'
import * as q from './queries/windows.ts'
import { dayMs, hourMs, spanText, type MonitorWindows } from './windows.ts'

export interface PerformanceContext {
  monitor: q.MonitorRow
  windows: MonitorWindows
  metric: LossMetric
  limit: number | null
  version: number | null
  references: References
}

/** Units of a window that no quarantine covers. */
async function cleanUnits(
  ctx: TxCtx,
  about: PerformanceContext,
  from: number,
  to: number,
): Promise<{ units: UnitOutcome[]; quarantined: boolean }> {
  const { endpoint } = about.monitor
  const holes = (await q.listQuarantines(ctx.db, endpoint)).filter((hole) => hole.start < to && hole.stop > from)
  const served = await servedByUnit(ctx.db, endpoint, from, to, about.windows.unit)
  const units = await unitOutcomes(ctx.db, endpoint, from, to, about.windows.unit, served)
  const isClean = ({ start }: UnitOutcome): boolean =>
    !holes.some((hole) => start < hole.stop && start + about.windows.unit > hole.start)
  return { units: units.filter(isClean), quarantined: holes.length > 0 }
}

/** Judges one closed window whose labels are mature (loop.md 8). */
export async function judgePerformance(
  ctx: TxCtx,
  about: PerformanceContext,
  window: { start: number; end: number },
): Promise<void> {
  const { endpoint } = about.monitor
  const { units, quarantined } = await cleanUnits(ctx, about, window.start, window.end)
  const evidence = weighWindow(about.metric, units, quarantined)
  const value = evidence.estimate?.value ?? null
  const outside =
    evidence.state === 'judged' && value !== null && about.limit !== null && isOutside(about.metric, value, about.limit)
  const { degraded, pooled } =
    outside && about.limit !== null ? await persists(ctx, about, window, units) : { degraded: false, pooled: undefined }
  const biasLimit = about.monitor.spec.performance?.warn.bias
  const biasTooLarge =
    biasLimit !== undefined && evidence.bias !== undefined && Math.abs(evidence.bias.value) > biasLimit
  const state = windowState(evidence, outside, degraded, biasTooLarge)
  const naive = naiveWape(await actualsByHour(ctx.db, endpoint, window.start - 7 * dayMs, window.end), hoursOf(window))
  const numbers = {
    metric: about.metric,
    value,
    lower: evidence.estimate?.lower ?? null,
    upper: evidence.estimate?.upper ?? null,
    bias: evidence.bias?.value ?? null,
    limit: about.limit,
    rows: evidence.rows,
    labelled: evidence.labelled,
    units: evidence.units,
    skill: naive === undefined || value === null || about.metric !== 'wape' ? null : 1 - value / naive,
    outside,
    pooled: pooled ?? null,
  }
  const sentence = sentenceOf(about, window, evidence.why, state, numbers)
  await q.insertWindow(ctx.db, {
    endpoint,
    subject: 'performance',
    start: window.start,
    stop: window.end,
    state,
    version: about.version,
    sentence,
    numbers,
    judged_at: ctx.clock.now(),
  })
  ctx.emit({
    type: 'monitoring.performance_judged',
    endpoint,
    start: window.start,
    end: window.end,
    state,
    value,
    limit: about.limit,
  })
  await followState(ctx, about, window, { state, sentence, value, units, numbers, outside })
}

function hoursOf({ start, end }: { start: number; end: number }): number[] {
  return Array.from({ length: Math.round((end - start) / hourMs) }, (_, i) => start + i * hourMs)
}

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? '—' : value.toFixed(3)

function sentenceOf(
  about: PerformanceContext,
  window: { start: number; end: number },
  why: string,
  state: MonitorState,
  n: {
    value: number | null
    lower: number | null
    upper: number | null
    limit: number | null
    labelled: number
    rows: number
  },
): string {
  const span = spanText(window.start, window.end)
  if (state === 'insufficient' || state === 'quarantined')
    return `${span}: ${state === 'quarantined' ? 'quarantined' : 'not enough data'} (${why})`
  const interval = n.lower === null ? '' : ` (95 %: ${figure(n.lower)} to ${figure(n.upper)})`
  const limit = n.limit === null ? 'no limit declared' : `limit ${figure(n.limit)}`
  return `${span}: ${about.metric.toUpperCase()} ${figure(n.value)}${interval}, ${limit}; ${n.labelled} of ${n.rows} rows labelled`
}

/** The windows of the present version that could be judged, this one included, oldest first. */
async function persists(
  ctx: TxCtx,
  about: PerformanceContext,
  window: { start: number; end: number },
  units: readonly UnitOutcome[],
): Promise<ReturnType<typeof isDegraded>> {
  const { endpoint } = about.monitor
  const change = await q.lastChange(ctx.db, endpoint, window.end)
  const earlier = (
    await q.windowsBetween(ctx.db, endpoint, 'performance', window.start - 8 * about.windows.performance, window.start)
  ).filter(
    (past) =>
      ['healthy', 'warning', 'degraded'].includes(past.state) &&
      past.start >= (change?.at ?? 0) &&
      past.stop <= window.start,
  )
  if (change && window.start < change.at) return { degraded: false, pooled: undefined }
  const judged: JudgedWindow[] = []
  for (const past of earlier.slice(-2)) {
    const { units: before } = await cleanUnits(ctx, about, past.start, past.stop)
    judged.push({ start: past.start, isOutside: past.numbers['outside'] === true, units: before })
  }
  judged.push({ start: window.start, isOutside: true, units })
  return isDegraded(about.metric, about.limit ?? 0, judged)
}

interface Followed {
  state: MonitorState
  sentence: string
  value: number | null
  units: readonly UnitOutcome[]
  numbers: Record<string, unknown>
  outside: boolean
}

/** Moves the monitor's own state and the open incident's story along. */
async function followState(
  ctx: TxCtx,
  about: PerformanceContext,
  window: { start: number; end: number },
  found: Followed,
): Promise<void> {
  const { endpoint } = about.monitor
  const at = window.end + about.windows.labelDelay
  const open = await findOpenIncident(ctx.db, endpoint, 'performance')
  if (found.state === 'degraded') await degraded(ctx, about, window, found, at)
  else if (open) {
    const title = found.outside
      ? 'Still outside the limit'
      : found.state === 'healthy' || found.state === 'warning'
        ? 'Inside the limit'
        : 'Not judged'
    const isJudged = found.state === 'healthy' || found.state === 'warning'
    const state = found.outside ? 'warning' : isJudged ? 'ok' : 'unknown'
    await tellIncident(ctx, open.id, {
      event_time: at,
      kind: 'follow_up',
      state,
      title,
      text: `${found.sentence}.`,
      link: null,
      numbers: found.numbers,
      key: `window:${window.start}`,
    })
    if (await heldTwice(ctx, endpoint, window))
      await endIncident(ctx, open, at, 'Two windows in a row were inside the limit.')
  }
  const still = await findOpenIncident(ctx.db, endpoint, 'performance')
  const shown =
    found.state === 'healthy' || found.state === 'warning' ? (still ? 'recovering' : found.state) : found.state
  if (shown !== about.monitor.state)
    await q.updateMonitor(ctx.db, endpoint, {
      state: shown,
      since: at,
      sentence: found.sentence,
      updated_at: ctx.clock.now(),
    })
  else await q.updateMonitor(ctx.db, endpoint, { sentence: found.sentence, updated_at: ctx.clock.now() })
}

async function heldTwice(ctx: TxCtx, endpoint: string, window: { start: number; end: number }): Promise<boolean> {
  const change = await q.lastChange(ctx.db, endpoint, window.end)
  const recent = (await q.windowsBetween(ctx.db, endpoint, 'performance', change?.at ?? 0, window.end)).filter(
    (past) =>
      past.start >= (change?.at ?? 0) &&
      typeof past.numbers['value'] === 'number' &&
      past.state !== 'quarantined' &&
      past.state !== 'insufficient',
  )
  return recent.length >= 2 && recent.slice(-2).every((past) => past.numbers['outside'] !== true)
}

async function degraded(
  ctx: TxCtx,
  about: PerformanceContext,
  window: { start: number; end: number },
  found: Followed,
  at: number,
): Promise<void> {
  const { endpoint } = about.monitor
  const cause = await causeOf(ctx, about, window, found.units)
  const { incident, isNew } = await openIncident(ctx, {
    endpoint,
    signal: 'performance',
    severity: 'critical',
    title: `${endpoint} left its limit: ${about.metric.toUpperCase()} ${figure(found.value)} against ${figure(about.limit)}`,
    cause: cause.sentence,
    eventTime: at,
    numbers: { ...found.numbers, cause: cause.numbers, cause_kind: cause.kind },
  })
  if (isNew) await tellFirstSigns(ctx, about, window, incident.id)
  await tellIncident(ctx, incident.id, {
    event_time: at,
    kind: isNew ? 'opened' : 'signal',
    state: 'critical',
    title: isNew ? 'Incident opened' : 'Still degraded',
    text: `${found.sentence}, with the windows before it wholly outside. ${cause.sentence}`,
    link: null,
    numbers: { ...found.numbers, cause: cause.numbers },
    key: `window:${window.start}`,
  })
  if (isNew)
    await q.addMarker(ctx.db, { endpoint, at, kind: 'incident', label: 'incident', link: `/incidents/${incident.id}` })
  if (about.limit !== null && found.value !== null) {
    ctx.emit({
      type: 'monitoring.performance_degraded',
      endpoint,
      incident: incident.id,
      at,
      value: found.value,
      limit: about.limit,
    })
  }
}

/** The windows outside the limit that came before the one that opened the incident. */
async function tellFirstSigns(
  ctx: TxCtx,
  about: PerformanceContext,
  window: { start: number; end: number },
  incident: string,
): Promise<void> {
  const earlier = await q.windowsBetween(
    ctx.db,
    about.monitor.endpoint,
    'performance',
    window.start - 2 * about.windows.performance,
    window.start,
  )
  for (const past of earlier.filter((known) => known.numbers['outside'] === true && known.start < window.start)) {
    await tellIncident(ctx, incident, {
      event_time: past.stop + about.windows.labelDelay,
      kind: 'signal',
      state: 'warning',
      title: 'Performance left its limit',
      text: `${past.sentence}. First window: waiting for a second.`,
      link: null,
      numbers: past.numbers,
      key: `window:${past.start}`,
    })
  }
}

async function causeOf(
  ctx: TxCtx,
  about: PerformanceContext,
  window: { start: number; end: number },
  units: readonly UnitOutcome[],
): Promise<ReturnType<typeof explain>> {
  const sums = emptyRegressionSums()
  for (const unit of units) {
    sums.n += unit.n
    sums.error += unit.error
    sums.absError += unit.absError
    sums.squaredError += unit.squaredError
    sums.actual += unit.actual
    sums.absActual += unit.absActual
  }
  const { endpoint, spec, unit } = about.monitor
  const columns = await driftOf(
    ctx,
    {
      endpoint,
      references: about.references,
      version: about.version ?? 0,
      unit,
      unitMs: about.windows.unit,
      ignore: ignoredColumns(spec),
    },
    window.end - 14 * about.windows.unit,
    window.end,
  )
  const outside = columns
    .flatMap(({ column, outside }) => (outside === null ? [] : [{ column, share: outside }]))
    .sort((a, b) => b.share - a.share)
  const drifted = columns
    .flatMap(({ column, state, effect }) => (state === 'drifted' ? [{ column, effect: effect ?? 0 }] : []))
    .sort((a, b) => b.effect - a.effect)
  return explain({ sums, outside, drifted, usualBias: undefined })
}

/** A promotion answers the incident: it is watched now instead of acted on. */
export async function watchRecovery(ctx: TxCtx, endpoint: string): Promise<void> {
  const open = await findOpenIncident(ctx.db, endpoint, 'performance')
  if (!open) return
  await markRecovering(ctx, open.id)
  await q.updateMonitor(ctx.db, endpoint, { state: 'recovering', updated_at: ctx.clock.now() })
}

/** Trailing values day by day for the chart: the window's length ending at each unit. */
export function trailing(
  metric: LossMetric,
  units: readonly UnitOutcome[],
  length: number,
): ReturnType<typeof estimate>[] {
  let first = 0
  return units.map((unit, i) => {
    while ((units[first]?.start ?? unit.start) <= unit.start - length) first += 1
    return estimate(
      metric,
      units.slice(first, i + 1).filter((other) => other.n > 0),
    )
  })
}
