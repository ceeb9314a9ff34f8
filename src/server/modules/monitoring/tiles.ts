import { count, metricName, number } from '../../../contract/format.ts'
import type { ColumnVerdict, MonitorDetail, MonitorSummary, WindowJudgement } from '../../../contract/monitoring.ts'
import type { Ctx } from '../../platform/ctx.ts'
import * as q from './queries/windows.ts'
import { dayMs } from './windows.ts'

type Tile = MonitorDetail['tiles'][number]

interface TileInput {
  from: number
  to: number
  series: MonitorDetail['series']
  columns: readonly ColumnVerdict[]
  /** The newest window of performance that has a value. */
  judged: WindowJudgement | undefined
}

/** The six tiles, each with a state of its own; what cannot be known says so. */
export async function tilesOf(ctx: Ctx, row: q.MonitorRow, summary: MonitorSummary, input: TileInput): Promise<Tile[]> {
  const inputs = await q.windowsBetween(ctx.db, row.endpoint, 'inputs', input.from, input.to)
  return [
    traffic(inputs, input),
    performance(summary, input),
    quality(inputs),
    drift(summary, input.columns, await q.windowsBetween(ctx.db, row.endpoint, 'drift', input.from, input.to)),
    notDeclared('fairness', 'no column declared'),
    notDeclared('value', 'no value declared'),
  ]
}

const numberOf = (row: q.WindowRow, name: string): number =>
  typeof row.numbers[name] === 'number' ? row.numbers[name] : 0

function traffic(inputs: readonly q.WindowRow[], { series }: TileInput): Tile {
  const end = series.at(-1)?.at ?? 0
  const rows = series.reduce((sum, { at, n }) => (at > end - 7 * dayMs ? sum + n : sum), 0)
  const week = inputs.filter((window) => window.stop > end - 7 * dayMs)
  const failed = week.reduce((sum, window) => sum + numberOf(window, 'errors'), 0)
  return {
    name: 'traffic',
    state: rows === 0 ? 'unknown' : failed > 0 ? 'warning' : 'ok',
    value: rows === 0 ? '—' : count(rows),
    unit: '/ week',
    note: rows === 0 ? 'no rows yet' : `${failed} failed`,
    series: series.map(({ at, n }) => ({ at, value: n })),
  }
}

function performance(summary: MonitorSummary, { series, judged }: TileInput): Tile {
  const state =
    summary.state === 'degraded'
      ? 'critical'
      : summary.state === 'warning' || summary.state === 'recovering'
        ? 'warning'
        : summary.state === 'healthy'
          ? 'ok'
          : 'unknown'
  const interval =
    summary.value === null || judged?.lower === null || judged?.lower === undefined
      ? 'not enough data'
      : `95 %: ${number(judged.lower)} – ${number(judged.upper)}`
  return {
    name: 'performance',
    state,
    value: number(summary.value),
    unit: metricName(summary.metric),
    note: interval,
    series: series.map(({ at, value }) => ({ at, value })),
  }
}

function quality(inputs: readonly q.WindowRow[]): Tile {
  const newest = inputs.findLast((window) => window.state !== 'insufficient') ?? inputs.at(-1)
  const broken = inputs.filter((window) => window.state === 'quarantined')
  const state =
    !newest || newest.state === 'insufficient'
      ? 'unknown'
      : newest.state === 'quarantined'
        ? 'critical'
        : newest.state === 'warning'
          ? 'warning'
          : 'ok'
  return {
    name: 'quality',
    state,
    value: newest ? String(broken.length) : '—',
    unit: 'broken windows',
    note:
      newest?.state === 'quarantined' || newest?.state === 'warning'
        ? newest.sentence
        : broken.length > 0
          ? 'quarantined, lifted'
          : newest
            ? 'inputs are sound'
            : 'no window has closed',
    series: inputs.map((window) => ({ at: window.start, value: window.state === 'quarantined' ? 1 : 0 })),
  }
}

/** Columns are compared before the first verdict on them; until then nothing is known to be sound. */
function drift(
  { drifted: verdict }: MonitorSummary,
  columns: readonly ColumnVerdict[],
  windows: readonly q.WindowRow[],
): Tile {
  const judged = verdict === null ? [] : columns.filter((column) => column.state === 'ok' || column.state === 'drifted')
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
