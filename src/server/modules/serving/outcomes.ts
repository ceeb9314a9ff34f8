import type { Analytics } from '../../platform/analytics/analytics.ts'
import { identifier } from '../../platform/analytics/protocol.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { labelRelation, logRelation, wholeTime } from './prediction-log.ts'
import * as q from './queries.ts'

const hourMs = 3_600_000
const joinLimit = 50_000

/** A labelled prediction's sums in one hour of one version. `kind` tells who saw it: live or shadow. */
export interface HourOutcome {
  hour: number
  version: number
  kind: 'live' | 'shadow'
  n: number
  error: number
  abs_error: number
  squared_error: number
  actual: number
  abs_actual: number
  log_loss: number
  correct: number
}

/** Sums of the rows that both versions scored and whose label is known. */
export interface HourPair {
  hour: number
  version_a: number
  version_b: number
  n: number
  abs_error_a: number
  abs_error_b: number
  squared_error_a: number
  squared_error_b: number
  log_loss_a: number
  log_loss_b: number
  abs_actual: number
}

/** Takes the place of everything known about the hours named, in the transaction that marks their labels as joined. */
export type OutcomeSink = (ctx: TxCtx, endpoint: string, hours: readonly number[], outcomes: readonly HourOutcome[], pairs: readonly HourPair[]) => Promise<void>

/**
 * Gives waiting labels their predictions and computes the hours they fall in anew from the log. Hours are
 * replaced whole, so a label that comes twice, late or corrected leaves exact sums.
 */
export async function joinLabels(ctx: Ctx, analytics: Analytics, endpoint: string, sinks: readonly OutcomeSink[]): Promise<void> {
  const waiting = await q.waitingLabels(ctx.db, endpoint, joinLimit)
  if (waiting.length === 0) return
  const log = await logRelation(ctx, { endpoint, ...wholeTime })
  if (log === undefined) return
  const found = await analytics.query<{ label_id: string; id: string; event_time: number }>(matchSql(log, waiting))
  if (found.length === 0) return
  const hours = [...new Set(found.map((row) => Math.floor(row.event_time / hourMs) * hourMs))].sort((a, b) => a - b)
  const values = new Map(waiting.map((label) => [label.id, label.value]))
  const { outcomes, pairs } = await computeHours(ctx, analytics, endpoint, hours, found.map((row) => ({ ...row, value: values.get(row.label_id) ?? 'null' })))
  await ctx.tx(async (ctx) => {
    await q.markJoined(ctx.db, endpoint, found)
    for (const sink of sinks) await sink(ctx, endpoint, hours, outcomes, pairs)
    ctx.emit({ type: 'serving.outcomes_changed', endpoint, from: hours[0] ?? 0, to: (hours.at(-1) ?? 0) + hourMs })
  })
}

/** By prediction id, else by the id of a request that held one row. */
function matchSql(log: string, waiting: readonly q.LabelRow[]): string {
  const labels = labelRelation(waiting.map((label) => ({ id: label.id, value: null })))
  return `with p as (select id, request_id, coalesce(event_time, arrival) as event_time from ${log} where kind = 'live'),
    l as ${labels},
    single as (select request_id, any_value(id) as id, any_value(event_time) as event_time from p where request_id is not null group by request_id having count(*) = 1)
    select l.label_id, coalesce(p.id, s.id) as id, coalesce(p.event_time, s.event_time) as event_time
    from l left join p on p.id = l.label_id left join single s on s.request_id = l.label_id
    where coalesce(p.id, s.id) is not null`
}

async function computeHours(
  ctx: Ctx,
  analytics: Analytics,
  endpoint: string,
  hours: readonly number[],
  fresh: readonly { id: string; value: string }[],
): Promise<{ outcomes: HourOutcome[]; pairs: HourPair[] }> {
  const from = hours[0] ?? 0
  const to = (hours.at(-1) ?? 0) + hourMs
  const log = await logRelation(ctx, { endpoint, from, to })
  if (log === undefined) return { outcomes: [], pairs: [] }
  const columns = await analytics.query<{ column_name: string }>(`select column_name from (describe select * from ${log})`)
  const prediction = predictionOf(columns.map((row) => row.column_name))
  if (prediction === undefined) return { outcomes: [], pairs: [] }
  const known = new Map((await q.labelsBetween(ctx.db, endpoint, from, to)).map((row) => [row.prediction_id ?? row.id, row.value]))
  for (const label of fresh) known.set(label.id, label.value)
  const labels = labelRelation([...known].map(([id, value]) => ({ id, value: JSON.parse(value) as string | number | boolean })))
  const scored = scoredSql(log, labels, prediction, hours)
  return {
    outcomes: await analytics.query<HourOutcome>(`${scored} ${outcomeSql}`),
    pairs: await analytics.query<HourPair>(`${scored} ${pairSql}`),
  }
}

/** What a classifier says of its classes wins over the class it names; a regressor has one output. */
interface PredictionColumns {
  value: string
  probability: string | undefined
}

function predictionOf(columns: readonly string[]): PredictionColumns | undefined {
  const outputs = columns.filter((name) => name.startsWith('out.'))
  const probability = outputs.find((name) => /^out\.(probability|probabilities|score)(_1|_true|\.1)?$/i.test(name)) ?? outputs.find((name) => /prob/i.test(name) && /(1|true)$/i.test(name))
  const value = outputs.find((name) => name !== probability && !/prob/i.test(name)) ?? outputs[0]
  return value === undefined ? undefined : { value, probability }
}

function scoredSql(log: string, labels: string, prediction: PredictionColumns, hours: readonly number[]): string {
  const value = `try_cast(p.${identifier(prediction.value)} as double)`
  const truth = `coalesce(try_cast(l.label as double), case lower(l.label) when 'true' then 1 when 'false' then 0 end)`
  const p = prediction.probability === undefined ? 'null' : `greatest(1e-15, least(1 - 1e-15, try_cast(p.${identifier(prediction.probability)} as double)))`
  return `with scored as (
      select p.id, p.version, p.kind, (coalesce(p.event_time, p.arrival) // ${hourMs}) * ${hourMs} as hour,
        ${value} as y_hat, ${truth} as y, ${p} as probability,
        cast(p.${identifier(prediction.value)} as varchar) = l.label or ${value} = ${truth} as is_correct
      from ${log} p join ${labels} l on l.label_id = p.id
      where p.status = 'ok' and p.kind in ('live', 'shadow')
        and (coalesce(p.event_time, p.arrival) // ${hourMs}) * ${hourMs} in (${hours.join(', ')})
    ), losses as (
      select *, abs(y_hat - y) as abs_error, (y_hat - y) ** 2 as squared_error,
        case when probability is null then null when y = 1 then -ln(probability) else -ln(1 - probability) end as log_loss
      from scored where y is not null or is_correct is not null)`
}

const outcomeSql = `select hour, version, kind, count(*) as n, coalesce(sum(y_hat - y), 0) as error, coalesce(sum(abs_error), 0) as abs_error,
    coalesce(sum(squared_error), 0) as squared_error, coalesce(sum(y), 0) as actual, coalesce(sum(abs(y)), 0) as abs_actual,
    coalesce(sum(log_loss), 0) as log_loss, count(*) filter (where is_correct) as correct
  from losses group by hour, version, kind order by hour, version`

const pairSql = `select a.hour, a.version as version_a, b.version as version_b, count(*) as n, coalesce(sum(a.abs_error), 0) as abs_error_a,
    coalesce(sum(b.abs_error), 0) as abs_error_b, coalesce(sum(a.squared_error), 0) as squared_error_a, coalesce(sum(b.squared_error), 0) as squared_error_b,
    coalesce(sum(a.log_loss), 0) as log_loss_a, coalesce(sum(b.log_loss), 0) as log_loss_b, coalesce(sum(abs(a.y)), 0) as abs_actual
  from losses a join losses b on a.id = b.id and a.version < b.version group by a.hour, a.version, b.version order by a.hour`
