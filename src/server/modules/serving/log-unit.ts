import { chooseUnit, type Unit } from '../../../stats/blocks.ts'
import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { logRelation } from './prediction-log.ts'
import * as q from './queries/endpoints.ts'

const firstMs = 14 * 86_400_000
const mostRows = 50_000

/** The smallest unit of evidence that these rows may be taken as independent in (loop.md 1). */
export function unitOfRows(rows: readonly Record<string, unknown>[], timeColumn: string): Unit | undefined {
  const times = rows.map((row) => timeOf(row[timeColumn]))
  const names = Object.keys(rows[0] ?? {}).filter(
    (name) => name !== timeColumn && rows.some((row) => typeof row[name] === 'number'),
  )
  if (names.length === 0 || !times.some(Number.isFinite)) return undefined
  return chooseUnit(
    names.map((name) => rows.map((row) => (typeof row[name] === 'number' ? row[name] : Number.NaN))),
    times,
  )
}

function timeOf(value: unknown): number {
  if (value instanceof Date) return value.getTime()
  return typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN
}

/** Chooses the unit from the first two weeks of the log, once; for endpoints whose reference rows carry no time. */
export async function chooseLogUnit(ctx: Ctx, analytics: Analytics, endpoint: string): Promise<void> {
  const from = await q.oldestTime(ctx.db, endpoint)
  if (from === undefined || (await q.findLogUnit(ctx.db, endpoint)) !== undefined) return
  const log = await logRelation(ctx, { endpoint, from, to: from + firstMs })
  if (log === undefined) return
  const rows = await analytics.query<Record<string, unknown>>(
    `select event_time, columns(c -> c like 'in.%' or c like 'out.%') from ${log}
     where kind = 'live' and event_time is not null order by hash(id) limit ${mostRows}`,
  )
  const unit = unitOfRows(rows, 'event_time')
  if (unit) await ctx.tx((ctx) => q.insertLogUnit(ctx.db, { endpoint, unit, chosen_at: ctx.clock.now() }))
}
