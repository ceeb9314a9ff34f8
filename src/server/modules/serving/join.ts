import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { hoursOf, type OutcomeSink } from './outcomes.ts'
import { labelRelation, logRelation, relationOf, wholeTime } from './prediction-log.ts'
import * as q from './queries/endpoints.ts'
import * as labelRows from './queries/labels.ts'

const hourMs = 3_600_000
const weekMs = 7 * 24 * hourMs
const batch = 5_000
const mostWaiting = 20_000

export interface JoinParts {
  analytics: Analytics
  outcomeSinks: readonly OutcomeSink[]
  /** Whether entities are the unit of evidence on an endpoint. */
  countsEntities(db: Db, endpoint: string): Promise<boolean>
}

/**
 * Gives waiting labels their predictions and computes the hours they fall in anew from the log. Hours are
 * replaced whole, so a label that comes twice, late or corrected leaves exact sums. A new label is looked for in
 * the newest weeks, then in the whole log, once; afterwards only in segments that have come since.
 */
export async function joinLabels(ctx: Ctx, parts: JoinParts, endpoint: string): Promise<void> {
  await joinEarly(ctx, parts, endpoint)
  for (;;) {
    const started = ctx.clock.now()
    const fresh = await labelRows.freshLabels(ctx.db, endpoint, batch)
    if (fresh.length === 0) return
    const left = await joinInLog(ctx, parts, endpoint, fresh)
    await ctx.tx((ctx) => labelRows.markSearched(ctx.db, endpoint, left, started))
  }
}

/** Labels that came before their rows were ingested. */
async function joinEarly(ctx: Ctx, parts: JoinParts, endpoint: string): Promise<void> {
  const started = ctx.clock.now()
  const early = await labelRows.searchedLabels(ctx.db, endpoint, mostWaiting)
  if (early.length === 0) return
  const since = early.reduce((least, label) => Math.min(least, label.searched_at ?? 0), started)
  const segments = await q.segmentsSince(ctx.db, endpoint, since)
  if (segments.length === 0) return
  const log = await relationOf(ctx, endpoint, segments)
  const left = log === undefined ? early : await joinIn(ctx, parts, endpoint, log, early)
  await ctx.tx((ctx) => labelRows.markSearched(ctx.db, endpoint, left, started))
}

/** Newest weeks first; returns the labels that no captured row answers to. */
async function joinInLog(
  ctx: Ctx,
  parts: JoinParts,
  endpoint: string,
  labels: readonly labelRows.LabelRow[],
): Promise<readonly labelRows.LabelRow[]> {
  const newest = (await q.newestTime(ctx.db, endpoint)) ?? 0
  let left = labels
  for (const from of [newest - 2 * weekMs, newest - 8 * weekMs, 0]) {
    const log = await logRelation(ctx, { endpoint, from: Math.max(0, from), to: wholeTime.to })
    if (log !== undefined) left = await joinIn(ctx, parts, endpoint, log, left)
    if (left.length === 0 || from <= 0) break
  }
  return left
}

interface Match {
  label_id: string
  id: string
  event_time: number
}

async function joinIn(
  ctx: Ctx,
  parts: JoinParts,
  endpoint: string,
  log: string,
  labels: readonly labelRows.LabelRow[],
): Promise<readonly labelRows.LabelRow[]> {
  const matches = await parts.analytics.query<Match>(matchSql(log, labels))
  if (matches.length === 0) return labels
  const byLabel = new Map(matches.map((match) => [match.label_id, match]))
  const found = labels.flatMap((label) => {
    const match = byLabel.get(label.id)
    return match ? [{ ...label, event_time: match.event_time, prediction_id: match.id }] : []
  })
  const hours = [...new Set(found.map((label) => Math.floor(label.event_time / hourMs) * hourMs))].sort((a, b) => a - b)
  await storeHours(ctx, parts, endpoint, hours, found)
  return labels.filter((label) => !byLabel.has(label.id))
}

/** Computes whole hours from the log, in one transaction with the labels that they are computed with. */
export async function storeHours(
  ctx: Ctx,
  parts: JoinParts,
  endpoint: string,
  hours: readonly number[],
  fresh: readonly labelRows.LabelRow[],
): Promise<void> {
  const byEntity = await parts.countsEntities(ctx.db, endpoint)
  const { outcomes, ...compared } = await hoursOf(ctx, parts.analytics, endpoint, hours, { fresh, byEntity })
  await ctx.tx(async (ctx) => {
    await labelRows.markJoined(ctx.db, fresh)
    for (const sink of parts.outcomeSinks) await sink(ctx, endpoint, hours, outcomes, compared)
    const to = (hours.at(-1) ?? 0) + hourMs
    ctx.emit({ type: 'serving.outcomes_changed', endpoint, from: hours[0] ?? 0, to })
  })
}

/** By prediction id, else by the id of a request that held one row. Rows without a time on the clock are not monitored. */
function matchSql(log: string, waiting: readonly labelRows.LabelRow[]): string {
  const labels = labelRelation(waiting.map((label) => ({ id: label.id, value: null })))
  return `with p as (select id, request_id, event_time from ${log} where kind = 'live'),
    l as ${labels},
    single as (select request_id, any_value(id) as id, any_value(event_time) as event_time from p
      where request_id is not null group by request_id having count(*) = 1)
    select l.label_id, coalesce(p.id, s.id) as id, coalesce(p.event_time, s.event_time) as event_time
    from l left join p on p.id = l.label_id left join single s on s.request_id = l.label_id
    where coalesce(p.event_time, s.event_time) is not null`
}
