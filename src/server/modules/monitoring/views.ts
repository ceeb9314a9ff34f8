import { dayText, metricName, number } from '../../../contract/format.ts'
import type {
  ColumnVerdict,
  Incident,
  MonitorDetail,
  MonitorSummary,
  WindowJudgement,
} from '../../../contract/monitoring.ts'
import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type * as api from '../../../contract/monitoring.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { findWatermark, servedByUnit } from '../serving/module.ts'
import { driftPast, liveVersion, readReference, type LiveVersion } from './evidence.ts'
import { limitOf } from './evaluate.ts'
import { getIncidentRow, incidentEntries } from './incidents.ts'
import { byImpact, driftFrom, driftOf, settleDrift } from './judge-drift.ts'
import { countOpen, incidentNumbers, listEntries, listIncidents } from './queries/incidents.ts'
import * as q from './queries/windows.ts'
import { seriesOf } from './series.ts'
import { getMonitorRow } from './service.ts'
import { tilesOf } from './tiles.ts'
import { dayMs, windowsOf } from './windows.ts'

const toJudgement = (row: q.WindowRow): WindowJudgement => {
  const number = (name: string): number | null => (typeof row.numbers[name] === 'number' ? row.numbers[name] : null)
  return {
    start: row.start,
    end: row.stop,
    version: row.version,
    rows: number('rows') ?? 0,
    labelled: number('labelled') ?? 0,
    units: number('units') ?? 0,
    state: row.state as WindowJudgement['state'],
    value: number('value'),
    lower: number('lower'),
    upper: number('upper'),
    bias: number('bias'),
    skill: number('skill'),
    sentence: row.sentence,
    numbers: row.numbers,
  }
}

/** What is told in an incident without anything having been done. */
const quiet = new Set<string>(['follow_up', 'note'])

/** One line per monitor for the Overview; the first sentence answers whether anything is wrong. */
async function summarise(ctx: Ctx, row: q.MonitorRow): Promise<MonitorSummary> {
  const { endpoint } = row
  const live = await liveVersion(ctx.db, endpoint)
  const watermark = (await findWatermark(ctx.db, endpoint)) ?? null
  const [newestJudged] = await q.judgedWindows(ctx.db, endpoint, 'performance', { limit: 1 })
  const judged = newestJudged && toJudgement(newestJudged)
  const [drift] = await q.judgedWindows(ctx.db, endpoint, 'drift', { limit: 1 })
  const quarantine = await q.openQuarantine(ctx.db, endpoint)
  const incidents = await listIncidents(ctx.db, { endpoint })
  const newest = incidents[0]
  const lastEntry = newest && (await listEntries(ctx.db, newest.id)).findLast(({ kind }) => !quiet.has(kind))
  const limit = await limitOf(ctx, row, live)
  const state = quarantine ? 'quarantined' : row.state
  const from = Math.floor((watermark ?? 0) / dayMs - 29) * dayMs
  return {
    endpoint,
    model: live?.model ?? null,
    version: live?.version ?? null,
    state,
    since: quarantine ? quarantine.start : row.since,
    sentence: headline(row, state, judged, limit, newest),
    facts: judged?.sentence ?? row.sentence,
    metric: row.spec.performance?.metric ?? 'wape',
    limit,
    value: judged?.value ?? null,
    drifted:
      drift === undefined
        ? null
        : { columns: (drift.numbers['drifted'] as string[]).length, of: drift.numbers['judged'] as number },
    last_action: lastEntry ? { at: lastEntry.event_time ?? lastEntry.at, sentence: lastEntry.title } : null,
    rows: watermark === null ? [] : await rowsByDay(ctx, endpoint, from, watermark + dayMs),
    open_incidents: await countOpen(ctx.db, endpoint),
    watermark,
  }
}

async function rowsByDay(
  ctx: Ctx,
  endpoint: string,
  from: number,
  to: number,
): Promise<{ at: number; value: number }[]> {
  const days = await servedByUnit(ctx.db, endpoint, from, to, dayMs)
  return [...days].map(([at, value]) => ({ at, value }))
}

function headline(
  row: q.MonitorRow,
  state: MonitorSummary['state'],
  judged: WindowJudgement | undefined,
  limit: number | null,
  incident: Incident | undefined,
): string {
  const name = row.endpoint
  const metric = metricName(row.spec.performance?.metric ?? 'wape')
  const value = judged?.value === null || judged === undefined ? undefined : number(judged.value)
  const since = row.since === null ? '' : ` since ${dayText(row.since)}`
  const against = limit === null ? '' : `, limit ${number(limit)}`
  if (state === 'quarantined') return `${name} is quarantined: its inputs broke. Retraining is frozen.`
  if (state === 'degraded') return `${name} has been degraded${since}: ${metric} ${value ?? '—'}${against}.`
  if (state === 'recovering') return `${name} is recovering${since}: ${metric} ${value ?? '—'}${against}.`
  if (state === 'insufficient' || value === undefined) return `${name} cannot be judged yet: not enough data.`
  if (state === 'warning') return `${name} is outside its limit in one window: ${metric} ${value}${against}.`
  const recovered =
    incident?.state === 'closed' && incident.closed_event_time !== null && incident.signal === 'performance'
      ? ` It recovered on ${dayText(incident.closed_event_time)}.`
      : ''
  return `${name} is healthy: ${metric} ${value}${against}.${recovered}`
}

const worst = ['degraded', 'quarantined', 'recovering', 'warning', 'insufficient', 'healthy']

export async function listSummaries(ctx: Ctx): Promise<Output<typeof api.listMonitors>> {
  const items = await Promise.all((await q.listMonitors(ctx.db)).map((row) => summarise(ctx, row)))
  return {
    items: items.sort(
      (a, b) => worst.indexOf(a.state) - worst.indexOf(b.state) || a.endpoint.localeCompare(b.endpoint),
    ),
  }
}

export async function detail(ctx: Ctx, input: Parsed<typeof api.getMonitor>): Promise<MonitorDetail> {
  const row = await getMonitorRow(ctx.db, input.endpoint)
  const summary = await summarise(ctx, row)
  const windows = windowsOf(row.spec, row.unit ?? 'day')
  const to = input.to ?? (summary.watermark ?? 0) + dayMs
  const from = input.from ?? row.anchor ?? 0
  const judged = (await q.windowsBetween(ctx.db, row.endpoint, 'performance', from, to)).map(toJudgement)
  const holes = await q.listQuarantines(ctx.db, row.endpoint)
  const columns = await currentColumns(ctx, row, summary.watermark)
  const series = await seriesOf(ctx, row, from, to)
  return {
    ...summary,
    spec: row.spec,
    tiles: await tilesOf(ctx, row, summary, {
      from,
      to,
      series,
      columns: columns.items,
      judged: judged.findLast((window) => window.value !== null),
    }),
    windows: judged,
    series,
    markers: (await q.listMarkers(ctx.db, row.endpoint, from, to)).map(({ at, kind, label, link }) => ({
      at,
      kind,
      label,
      link,
    })),
    spans: [
      ...holes
        .filter((hole) => hole.start < to && hole.stop > from)
        .map((hole) => ({ from: hole.start, to: hole.stop, kind: 'quarantined' as const, label: 'quarantined' })),
      ...degradedSpans(await listIncidents(ctx.db, { endpoint: row.endpoint }), windows.performance, to),
    ],
    columns: columns.items,
    columns_window: columns.window,
  }
}

function degradedSpans(incidents: readonly Incident[], length: number, to: number): MonitorDetail['spans'] {
  return incidents
    .filter((incident) => incident.signal === 'performance')
    .map((incident) => ({
      from: incident.opened_event_time - 2 * length,
      to: incident.closed_event_time ?? to,
      kind: 'degraded',
      label: 'degraded',
    }))
}

/** The columns of the newest verdict on drift, or of what has come so far while there is none. */
async function currentColumns(ctx: Ctx, row: q.MonitorRow, watermark: number | null): Promise<Columns> {
  const live = await liveVersion(ctx.db, row.endpoint)
  if (!live || watermark === null) return { items: [], window: null }
  const [newest] = await q.judgedWindows(ctx.db, row.endpoint, 'drift', { limit: 1 })
  return await columnsAt(ctx, row, live, newest?.stop ?? Math.floor(watermark / dayMs) * dayMs)
}

interface Columns {
  items: ColumnVerdict[]
  window: { from: number; to: number } | null
}

/** What a version saw in the span that ends at a moment, with what the verdicts before it had found. */
async function columnsAt(ctx: Ctx, row: q.MonitorRow, { model, version }: LiveVersion, to: number): Promise<Columns> {
  const window = { from: await driftFrom(ctx, row, to), to }
  const reference = await readReference(ctx, { model, version })
  const found = await driftOf(ctx, { monitor: row, reference, version }, window.from, window.to)
  // The verdict on this very span is not its own past.
  const columns = settleDrift(found, await driftPast(ctx.db, row.endpoint, to - dayMs))
  const items = columns.map(({ isSevere: _, ...column }) => column)
  return { items: items.sort(byImpact), window }
}

export async function incidentDetail(
  ctx: Ctx,
  { id }: Parsed<typeof api.getIncident>,
): Promise<Output<typeof api.getIncident>> {
  const incident = await getIncidentRow(ctx.db, id)
  const row = await q.findMonitor(ctx.db, incident.endpoint)
  const numbers = await incidentNumbers(ctx.db, incident.id)
  const from = incident.opened_event_time - 42 * dayMs
  const to = (incident.closed_event_time ?? incident.opened_event_time) + 42 * dayMs
  const live = await liveVersion(ctx.db, incident.endpoint)
  const windows = (await q.windowsBetween(ctx.db, incident.endpoint, 'performance', from, to)).map(toJudgement)
  // What the version of that time saw up to then; what is seen now belongs to another story, as does drift to broken inputs.
  const isAboutDrift = incident.signal === 'performance' || incident.signal === 'drift'
  const last = windows.findLast((window) => window.end <= incident.opened_event_time)
  const served = live && { ...live, version: last?.version ?? live.version }
  const moved =
    isAboutDrift && row && served
      ? await columnsAt(ctx, row, served, last?.end ?? incident.opened_event_time)
      : undefined
  return {
    ...incident,
    entries: await incidentEntries(ctx.db, incident.id),
    windows,
    limit: row ? await limitOf(ctx, row, live) : null,
    error_sources: errorSources(numbers),
    column: moved?.items.find((column) => column.state === 'drifted') ?? moved?.items[0] ?? null,
    column_window: moved?.window ?? null,
  }
}

function errorSources(numbers: Record<string, unknown>): { name: string; amount: number; share: number }[] {
  const cause = numbers['cause'] as { bias?: { share: number; direction: string } | null } | undefined
  const value = typeof numbers['value'] === 'number' ? numbers['value'] : undefined
  if (!cause?.bias || value === undefined) return []
  const { share } = cause.bias
  return [
    { name: 'Bias', amount: value * share, share },
    { name: 'Spread', amount: value * (1 - share), share: 1 - share },
  ]
}
