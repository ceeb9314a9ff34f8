import type { Analytics } from '../../platform/analytics/analytics.ts'
import { identifier } from '../../platform/analytics/protocol.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { predictionColumns, type PredictionColumns } from './prediction-columns.ts'
import { labelRelation, logRelation } from './prediction-log.ts'
import * as labelRows from './queries/labels.ts'

const hourMs = 3_600_000

/**
 * A labelled prediction's sums in one hour of one version. `kind` tells who saw it: live or shadow. A sum is null
 * where it does not exist for these labels (no numbers, no probability): unknown, not 0.
 */
export interface HourOutcome {
  hour: number
  version: number
  kind: 'live' | 'shadow'
  n: number
  error: number | null
  abs_error: number | null
  squared_error: number | null
  actual: number | null
  abs_actual: number | null
  log_loss: number | null
  correct: number
}

/** Sums of the rows that both versions scored and whose label is known. */
export interface HourPair {
  hour: number
  version_a: number
  version_b: number
  n: number
  abs_error_a: number | null
  abs_error_b: number | null
  squared_error_a: number | null
  squared_error_b: number | null
  log_loss_a: number | null
  log_loss_b: number | null
  wrong_a: number
  wrong_b: number
  abs_actual: number | null
}

/** Takes the place of everything known about the hours named, in the transaction that marks their labels as joined. */
export type OutcomeSink = (
  ctx: TxCtx,
  endpoint: string,
  hours: readonly number[],
  outcomes: readonly HourOutcome[],
  pairs: readonly HourPair[],
) => Promise<void>

interface Outcomes {
  outcomes: HourOutcome[]
  pairs: HourPair[]
}

const nothing: Outcomes = { outcomes: [], pairs: [] }

/** The hours' sums, from the log and every label known for them; `fresh` labels are on their way into the table. */
export async function hoursOf(
  ctx: Ctx,
  analytics: Analytics,
  endpoint: string,
  hours: readonly number[],
  fresh: readonly labelRows.LabelRow[],
): Promise<Outcomes> {
  const [from, to] = [hours[0] ?? 0, (hours.at(-1) ?? 0) + hourMs]
  const log = await logRelation(ctx, { endpoint, from, to })
  if (log === undefined) return nothing
  const columns = await analytics.query<{ column_name: string }>(
    `select column_name from (describe select * from ${log})`,
  )
  const outputs = columns.flatMap(({ column_name: name }) => (name.startsWith('out.') ? [name.slice(4)] : []))
  const prediction = predictionColumns(outputs)
  if (prediction === undefined) return nothing
  const known = [...(await labelRows.labelsBetween(ctx.db, endpoint, from, to)), ...fresh]
  const newest = new Map(known.map((label) => [label.prediction_id ?? label.id, label.value]))
  const labels = [...newest].map(([id, value]) => ({ id, value: JSON.parse(value) as string | number | boolean }))
  const scored = scoredSql(log, labelRelation(labels), prediction, hours)
  return {
    outcomes: await analytics.query<HourOutcome>(`${scored} ${outcomeSql}`),
    pairs: await analytics.query<HourPair>(`${scored} ${pairSql}`),
  }
}

function scoredSql(log: string, labels: string, prediction: PredictionColumns, hours: readonly number[]): string {
  const answer = `p.${identifier(`out.${prediction.value}`)}`
  const asNumber = (text: string): string =>
    `coalesce(try_cast(${text} as double), case lower(cast(${text} as varchar)) when 'true' then 1.0 when 'false' then 0.0 end)`
  const probability =
    prediction.probability === undefined
      ? 'null::double'
      : `try_cast(p.${identifier(`out.${prediction.probability}`)} as double)`
  return `with scored as (
      select p.id, p.version, p.kind, (p.event_time // ${hourMs}) * ${hourMs} as hour, ${asNumber(answer)} as y_hat,
        ${asNumber('l.label')} as y, greatest(1e-15, least(1 - 1e-15, ${probability})) as probability,
        cast(${answer} as varchar) = l.label or coalesce(${asNumber(answer)} = ${asNumber('l.label')}, false) as is_correct
      from ${log} p join ${labels} l on l.label_id = p.id
      where p.status = 'ok' and p.kind in ('live', 'shadow') and ${answer} is not null
        and (p.event_time // ${hourMs}) * ${hourMs} in (${hours.join(', ')})
    ), losses as (
      select *, abs(y_hat - y) as abs_error, (y_hat - y) ** 2 as squared_error, coalesce(is_correct, false) as correct,
        case y when 1 then -ln(probability) when 0 then -ln(1 - probability) end as log_loss
      from scored)`
}

/** A sum over rows of which some have no value is not a sum. */
const whole = (value: string): string => `case when count(${value}) = count(*) then sum(${value}) end`

const outcomeSql = `select hour, version, kind, count(*) as n, ${whole('y_hat - y')} as error, ${whole('abs_error')} as abs_error,
    ${whole('squared_error')} as squared_error, ${whole('y')} as actual, ${whole('abs(y)')} as abs_actual,
    ${whole('log_loss')} as log_loss, count(*) filter (where correct) as correct
  from losses group by hour, version, kind order by hour, version`

const sides = ['a', 'b'] as const
const both = (name: string): string => sides.map((side) => `${whole(`${side}.${name}`)} as ${name}_${side}`).join(', ')

const pairSql = `select a.hour, a.version as version_a, b.version as version_b, count(*) as n, ${both('abs_error')},
    ${both('squared_error')}, ${both('log_loss')}, ${sides.map((side) => `count(*) filter (where not ${side}.correct) as wrong_${side}`).join(', ')},
    ${whole('abs(a.y)')} as abs_actual
  from losses a join losses b on a.id = b.id and a.version < b.version
  group by a.hour, a.version, b.version order by a.hour`
