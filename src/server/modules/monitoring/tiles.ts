import type { ColumnVerdict, MonitorDetail, MonitorSummary } from '../../../contract/monitoring.ts'
import type { Ctx } from '../../platform/ctx.ts'
import * as q from './queries/windows.ts'

type Tile = MonitorDetail['tiles'][number]

interface TileInput {
  from: number
  to: number
  series: MonitorDetail['series']
  columns: readonly ColumnVerdict[]
}

/** The six tiles, each with a state of its own; what cannot be known says so. */
export async function tilesOf(ctx: Ctx, row: q.MonitorRow, summary: MonitorSummary, input: TileInput): Promise<Tile[]> {
  const inputs = await q.windowsBetween(ctx.db, row.endpoint, 'inputs', input.from, input.to)
  return [
    traffic(inputs, input),
    performance(summary, input),
    quality(inputs),
    drift(input.columns, await q.windowsBetween(ctx.db, row.endpoint, 'drift', input.from, input.to)),
    notDeclared('fairness', 'no column declared'),
    notDeclared('value', 'no value declared'),
  ]
}

const numberOf = (row: q.WindowRow, name: string): number =>
  typeof row.numbers[name] === 'number' ? row.numbers[name] : 0

function traffic(inputs: readonly q.WindowRow[], { series }: TileInput): Tile {
  const week = inputs.slice(-7)
  const rows = week.reduce((sum, window) => sum + numberOf(window, 'rows'), 0)
  const failed = week.reduce((sum, window) => sum + numberOf(window, 'errors'), 0)
  return {
    name: 'traffic',
    state: rows === 0 ? 'unknown' : failed > 0 ? 'warning' : 'ok',
    value: rows === 0 ? '—' : rows.toLocaleString('en-US'),
    unit: '/ week',
    note: rows === 0 ? 'no rows yet' : `${failed} failed`,
    series: series.map(({ at, n }) => ({ at, value: n })),
  }
}

function performance(summary: MonitorSummary, { series }: TileInput): Tile {
  const newest = series.findLast((point) => point.value !== null && point.value === summary.value)
  const state =
    summary.state === 'degraded'
      ? 'critical'
      : summary.state === 'warning' || summary.state === 'recovering'
        ? 'warning'
        : summary.state === 'healthy'
          ? 'ok'
          : 'unknown'
  const interval =
    newest?.lower === null || newest?.lower === undefined
      ? 'not enough data'
      : `95 %: ${newest.lower.toFixed(3)} – ${newest.upper?.toFixed(3) ?? '—'}`
  return {
    name: 'performance',
    state,
    value: summary.value === null ? '—' : summary.value.toFixed(3),
    unit: summary.metric.toUpperCase(),
    note: interval,
    series: series.map(({ at, value }) => ({ at, value })),
  }
}

function quality(inputs: readonly q.WindowRow[]): Tile {
  const newest = inputs.at(-1)
  const broken = inputs.filter((window) => window.state === 'quarantined')
  const state =
    !newest || newest.state === 'insufficient' ? 'unknown' : newest.state === 'quarantined' ? 'critical' : 'ok'
  return {
    name: 'quality',
    state,
    value: newest ? String(broken.length) : '—',
    unit: 'broken windows',
    note:
      newest?.state === 'quarantined'
        ? newest.sentence
        : broken.length > 0
          ? 'quarantined, lifted'
          : newest
            ? 'inputs are sound'
            : 'no window has closed',
    series: inputs.map((window) => ({ at: window.start, value: window.state === 'quarantined' ? 1 : 0 })),
  }
}

function drift(columns: readonly ColumnVerdict[], windows: readonly q.WindowRow[]): Tile {
  const judged = columns.filter((column) => column.state === 'ok' || column.state === 'drifted')
  const drifted = judged.filter((column) => column.state === 'drifted')
  return {
    name: 'drift',
    state: judged.length === 0 ? 'unknown' : drifted.length > 0 ? 'warning' : 'ok',
    value: judged.length === 0 ? '—' : `${drifted.length} of ${judged.length}`,
    unit: 'columns',
    note:
      judged.length === 0
        ? 'not enough data'
        : drifted.length > 0
          ? drifted
              .slice(0, 3)
              .map(({ column }) => column)
              .join(', ')
          : 'no input drifted',
    series: windows.map((window) => ({
      at: window.start,
      value: Array.isArray(window.numbers['drifted']) ? window.numbers['drifted'].length : null,
    })),
  }
}

function notDeclared(name: 'fairness' | 'value', note: string): Tile {
  return { name, state: 'unknown', value: '—', unit: '', note, series: [] }
}
