import type { MonitorDetail } from '../../../contract/monitoring.ts'
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
  const range = { from, to, unit, metric }
  const served = await servedByUnit(ctx.db, row.endpoint, from, to, unit)
  const units = await unitOutcomes(ctx.db, row.endpoint, { ...range, served })
  const versions = await o.versionsByUnit(ctx.db, row.endpoint, range)
  const live = new Map<number, number>()
  for (const { start, kind, version } of versions)
    if (kind === 'live') live.set(start, Math.min(version, live.get(start) ?? version))
  const shadow = new Map<number, number | null>()
  for (const version of shadowVersions(versions)) {
    const others = await unitOutcomes(ctx.db, row.endpoint, {
      ...range,
      served: new Map(),
      kind: 'shadow',
      version,
    })
    for (const [i, value] of trailing(metric, others, length).entries()) {
      const at = others[i]?.start ?? 0
      if (version < (live.get(at) ?? 0) && !shadow.has(at)) shadow.set(at, value?.value ?? null)
    }
  }
  const values = trailing(metric, units, length)
  return units.map((known, i) => {
    const value = values[i]
    return {
      at: known.start,
      value: value?.value ?? null,
      lower: value?.lower ?? null,
      upper: value?.upper ?? null,
      bias: known.absActual > 0 ? known.error / known.absActual : null,
      shadow: shadow.get(known.start) ?? null,
      n: known.rows,
      labelled: known.n,
      version: live.get(known.start) ?? null,
    }
  })
}

/** Newest first: while two versions answer, the older one counts as live, and the shadow that is told is older still. */
function shadowVersions(rows: readonly { kind: string; version: number }[]): number[] {
  const versions = new Set(rows.flatMap(({ kind, version }) => (kind === 'shadow' ? [version] : [])))
  return [...versions].sort((a, b) => b - a)
}

function trailing(metric: Metric, units: readonly UnitOutcome[], length: number): ReturnType<typeof estimate>[] {
  let first = 0
  return units.map((unit, i) => {
    while ((units[first]?.start ?? unit.start) <= unit.start - length) first += 1
    return estimate(
      metric,
      units.slice(first, i + 1).filter((other) => other.n > 0),
    )
  })
}
