import type { MonitorDetail } from '../../../contract/monitoring.ts'
import { totalOf } from '../../../stats/units.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { servedByUnit } from '../serving/module.ts'
import { unitOutcomes } from './evidence.ts'
import { estimate, type Metric, type UnitOutcome } from './performance-rules.ts'
import * as o from './queries/outcomes.ts'
import type * as q from './queries/windows.ts'
import { dayMs, windowsOf } from './windows.ts'

const mostPoints = 1_000

/** Trailing values for the chart: the window's length ending at each unit; days where units are too many to be seen. */
export async function seriesOf(
  ctx: Ctx,
  row: q.MonitorRow,
  from: number,
  to: number,
): Promise<MonitorDetail['series']> {
  const windows = windowsOf(row.spec, row.unit ?? 'day')
  const unit = (to - from) / windows.unit > mostPoints ? dayMs : windows.unit
  const length = Math.max(unit, windows.performance)
  const metric = row.spec.performance?.metric ?? 'wape'
  // What the first points trail over lies before them.
  const began = from - length
  const range = {
    from: began,
    to,
    unit,
    metric,
    apart: row.unit === 'entity' ? ('slices' as const) : ('nothing' as const),
  }
  const served = await servedByUnit(ctx.db, row.endpoint, began, to, unit)
  const units = await unitOutcomes(ctx.db, row.endpoint, { ...range, served })
  const versions = await o.versionsByUnit(ctx.db, row.endpoint, range)
  const live = new Map<number, number>()
  for (const { start, kind, version } of versions)
    if (kind === 'live') live.set(start, Math.min(version, live.get(start) ?? version))
  const shadow = new Map<number, number | null>()
  for (const version of shadowVersions(versions)) {
    const others = pointsOf(
      await unitOutcomes(ctx.db, row.endpoint, { ...range, served: new Map(), kind: 'shadow', version }),
    )
    for (const [i, value] of trailing(metric, others, length).entries()) {
      const at = others[i]?.start ?? 0
      if (version < (live.get(at) ?? 0) && !shadow.has(at)) shadow.set(at, value?.value ?? null)
    }
  }
  const points = pointsOf(units)
  const values = trailing(metric, points, length)
  return points.flatMap(({ start, units }, i) => {
    if (start < from) return []
    const value = values[i]
    const total = totalOf(units)
    return {
      at: start,
      value: value?.value ?? null,
      lower: value?.lower ?? null,
      upper: value?.upper ?? null,
      bias: total.absActual > 0 ? total.error / total.absActual : null,
      shadow: shadow.get(start) ?? null,
      n: units.reduce((sum, unit) => sum + unit.rows, 0),
      labelled: total.n,
      version: live.get(start) ?? null,
    }
  })
}

/** What lies at one place of the chart: one unit, or the slices of one day. */
interface Point {
  start: number
  units: UnitOutcome[]
}

function pointsOf(units: readonly UnitOutcome[]): Point[] {
  const points: Point[] = []
  for (const unit of units) {
    const last = points.at(-1)
    if (last?.start === unit.start) last.units.push(unit)
    else points.push({ start: unit.start, units: [unit] })
  }
  return points
}

/** Newest first: while two versions answer, the older one counts as live, and the shadow that is told is older still. */
function shadowVersions(rows: readonly { kind: string; version: number }[]): number[] {
  const versions = new Set(rows.flatMap(({ kind, version }) => (kind === 'shadow' ? [version] : [])))
  return [...versions].sort((a, b) => b - a)
}

function trailing(metric: Metric, points: readonly Point[], length: number): ReturnType<typeof estimate>[] {
  let first = 0
  return points.map((point, i) => {
    while ((points[first]?.start ?? point.start) <= point.start - length) first += 1
    const units = points.slice(first, i + 1).flatMap((known) => known.units)
    return estimate(
      metric,
      units.filter((unit) => unit.n > 0),
    )
  })
}
