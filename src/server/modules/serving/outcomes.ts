import { scoreBinsPerLogit } from '../../../stats/score-counts.ts'
import type { Analytics } from '../../platform/analytics/analytics.ts'
import { identifier } from '../../platform/analytics/protocol.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { predictionColumns, type PredictionColumns } from './prediction-columns.ts'
import { labelRelation, logRelation } from './prediction-log.ts'
import * as labelRows from './queries/labels.ts'

const hourMs = 3_600_000
const blocksOfHour = 10
const rowsForBlocks = 100

/**
 * A labelled prediction's sums in one hour of one version. `kind` tells who saw it: live or shadow. A sum is null
 * where it does not exist for these labels (no numbers, no probability): unknown, not 0.
 */
export interface HourOutcome {
  hour: number
  /**
   * A part of the hour's rows. Drawn by id: rows that are independent have units of evidence in one busy hour too. Or, where
   * entities are the unit, the slice that their entities fall into, in every hour the same.
   */
  block: number
  by_entity: 0 | 1
  version: number
  kind: 'live' | 'shadow'
  n: number
  /** Rows of a request that named its entity. */
  named: number
  error: number | null
  abs_error: number | null
  squared_error: number | null
  actual: number | null
  abs_actual: number | null
  log_loss: number | null
  correct: number
  /** Decisions of a binary classifier against labels of 0 and 1. */
  tp: number | null
  fp: number | null
  fn: number | null
  /** Scores by class on the bins of stats/score-counts: `bin:negatives:positives,…`. */
  scores: string | null
}

/** Sums of the rows that both versions scored and whose label is known; in slices where entities are the unit, else in one. */
export interface HourPair {
  hour: number
  version_a: number
  version_b: number
  slice: number
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

/** Entities fall into so many slices, for good, so that a slice's rows can be told from chance between entities. */
export const drawSlices = 32

/** Where entities are the unit of evidence they fall into more of them, so that few share one. */
const entitySlices = 256

/** Whom a row is about: its entity, else its request. */
export const aboutSql = 'coalesce(entity, request_id, id)'

const sliceOf = (slices: number, about = 'about'): string => `cast(md5_number_lower(${about}) % ${slices} as integer)`

/**
 * Sums of one slice of the live rows for which one of several versions was drawn: each row by the inverse of its
 * propensity, so that they speak of all traffic whatever the weights were.
 */
export interface HourDraw {
  hour: number
  version: number
  slice: number
  n: number
  weight: number
  abs_error: number | null
  squared_error: number | null
  log_loss: number | null
  wrong: number
  abs_actual: number | null
}

interface Outcomes {
  outcomes: HourOutcome[]
  pairs: HourPair[]
  draws: HourDraw[]
}

/** Takes the place of everything known about the hours named, in the transaction that marks their labels as joined. */
export type OutcomeSink = (
  ctx: TxCtx,
  endpoint: string,
  hours: readonly number[],
  outcomes: readonly HourOutcome[],
  compared: Pick<Outcomes, 'pairs' | 'draws'>,
) => Promise<void>

const nothing: Outcomes = { outcomes: [], pairs: [], draws: [] }

/** The hours' sums, from the log and every label known for them; `fresh` labels are on their way into the table. */
export async function hoursOf(
  ctx: Ctx,
  analytics: Analytics,
  endpoint: string,
  hours: readonly number[],
  { fresh, byEntity }: { fresh: readonly labelRows.LabelRow[]; byEntity: boolean },
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
  const blocks = byEntity ? sliceOf(entitySlices) : blockOfId
  const scored = scoredSql(log, labelRelation(labels), prediction, hours, blocks)
  const outcomes = await analytics.query<HourOutcome>(`${scored} ${outcomeSql(byEntity)}`)
  const isDrawn = new Set(outcomes.filter(({ kind }) => kind === 'live').map(({ version }) => version)).size > 1
  return {
    outcomes,
    pairs: await analytics.query<HourPair>(`${scored} ${pairSql(byEntity)}`),
    draws: isDrawn ? await analytics.query<HourDraw>(`${scored} ${drawSql}`) : [],
  }
}

const blockOfId = `case when count(*) over (partition by hour, version, kind) < ${rowsForBlocks} then 0
  else cast(md5_number_lower(id) % ${blocksOfHour} as integer) end`

function scoredSql(
  log: string,
  labels: string,
  prediction: PredictionColumns,
  hours: readonly number[],
  block: string,
): string {
  const answer = `p.${identifier(`out.${prediction.value}`)}`
  const asNumber = (text: string): string =>
    `coalesce(try_cast(${text} as double), case lower(cast(${text} as varchar)) when 'true' then 1.0 when 'false' then 0.0 end)`
  const probability =
    prediction.probability === undefined
      ? 'null::double'
      : `try_cast(p.${identifier(`out.${prediction.probability}`)} as double)`
  return `with scored as (
      select p.id, p.version, p.kind, p.propensity, p.entity, ${aboutSql} as about, (p.event_time // ${hourMs}) * ${hourMs} as hour, ${asNumber(answer)} as y_hat,
        ${asNumber('l.label')} as y, greatest(1e-15, least(1 - 1e-15, ${probability})) as probability,
        cast(${answer} as varchar) = l.label or coalesce(${asNumber(answer)} = ${asNumber('l.label')}, false) as is_correct
      from ${log} p join ${labels} l on l.label_id = p.id
      where p.status = 'ok' and p.kind in ('live', 'shadow') and ${answer} is not null
        and (p.event_time // ${hourMs}) * ${hourMs} in (${hours.join(', ')})
    ), losses as (
      select *, abs(y_hat - y) as abs_error, (y_hat - y) ** 2 as squared_error, coalesce(is_correct, false) as correct,
        case y when 1 then -ln(probability) when 0 then -ln(1 - probability) end as log_loss,
        case when y in (0, 1) and y_hat in (0, 1) then 1 end as decided,
        case when y in (0, 1) then cast(round(${scoreBinsPerLogit} * ln(probability / (1 - probability))) as integer) end as bin,
        ${block} as block
      from scored)`
}

/** A sum over rows of which some have no value is not a sum. */
const whole = (value: string): string => `case when count(${value}) = count(*) then sum(${value}) end`

const decided = (where: string): string =>
  `case when count(decided) = count(*) then count(*) filter (where ${where}) end`

const outcomeSql = (byEntity: boolean): string => `, bins as (
    select hour, block, version, kind, bin, count(*) filter (where y = 0) as negatives, count(*) filter (where y = 1) as positives
    from losses where bin is not null group by all
  ), texts as (
    select hour, block, version, kind, string_agg(bin || ':' || negatives || ':' || positives, ',' order by bin) as scores
    from bins group by all
  ), sums as (
    select hour, block, ${byEntity ? 1 : 0} as by_entity, version, kind, count(*) as n, count(entity) as named, ${whole('y_hat - y')} as error, ${whole('abs_error')} as abs_error,
      ${whole('squared_error')} as squared_error, ${whole('y')} as actual, ${whole('abs(y)')} as abs_actual,
      ${whole('log_loss')} as log_loss, count(*) filter (where correct) as correct,
      ${decided('y = 1 and y_hat = 1')} as tp, ${decided('y = 0 and y_hat = 1')} as fp, ${decided('y = 1 and y_hat = 0')} as fn,
      count(bin) = count(*) as is_scored
    from losses group by hour, block, version, kind
  )
  select s.* exclude (is_scored), case when is_scored then t.scores end as scores
  from sums s left join texts t using (hour, block, version, kind) order by hour, block, version`

const sides = ['a', 'b'] as const
const both = (name: string): string => sides.map((side) => `${whole(`${side}.${name}`)} as ${name}_${side}`).join(', ')

const pairSql = (
  byEntity: boolean,
): string => `select a.hour, a.version as version_a, b.version as version_b, ${byEntity ? sliceOf(drawSlices, 'a.about') : 0} as slice, count(*) as n, ${both('abs_error')},
    ${both('squared_error')}, ${both('log_loss')}, ${sides.map((side) => `count(*) filter (where not ${side}.correct) as wrong_${side}`).join(', ')},
    ${whole('abs(a.y)')} as abs_actual
  from losses a join losses b on a.id = b.id and a.version < b.version
  group by a.hour, a.version, b.version, slice order by a.hour`

const weighted = (value: string): string => whole(`${value} / propensity`)

const drawSql = `select hour, version, ${sliceOf(drawSlices)} as slice, count(*) as n,
    sum(1 / propensity) as weight, ${weighted('abs_error')} as abs_error, ${weighted('squared_error')} as squared_error,
    ${weighted('log_loss')} as log_loss, coalesce(sum(1 / propensity) filter (where not correct), 0) as wrong,
    ${weighted('abs(y)')} as abs_actual
  from losses where kind = 'live' and propensity > 0 and propensity < 1 group by hour, version, slice order by hour, version, slice`
