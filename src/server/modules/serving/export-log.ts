import type { FastifyReply } from 'fastify'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Parsed } from '../../../contract/endpoint.ts'
import type { getPredictions } from '../../../contract/serving.ts'
import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { getEndpointRow } from './endpoints.ts'
import { identifier, literal } from '../../platform/analytics/protocol.ts'
import { aboutSql } from './outcomes.ts'
import { exportColumns, labelRelation, logRelation, wholeTime } from './prediction-log.ts'
import * as q from './queries/endpoints.ts'
import * as labelRows from './queries/labels.ts'

export interface LogExport {
  endpoint: string
  from?: number | undefined
  to?: number | undefined
  labelled: boolean
  limit?: number | undefined
  /** Which rows come first, and which ones the limit keeps. */
  order?: 'oldest' | 'newest'
  /** Only the newest so many rows. */
  newest?: number
  /** At most so many rows, the same ones each time, spread over the whole range. */
  sample?: number
  /** Whom each row is about, as `mainstay-entity`, and whether its request named it, as `mainstay-named`. */
  entities?: boolean
  /** Event-time ranges that must not be learned from. */
  without?: readonly { from: number; to: number }[]
}

const emptyLog = `select '' as id, 0::bigint as event_time, '' as variant, 0::bigint as version, '' as label where false`

/** The live prediction log joined with labels, as SQL over the segments. */
async function exportSql(ctx: Ctx, analytics: Analytics, input: LogExport): Promise<string> {
  const range = { endpoint: input.endpoint, from: input.from ?? wholeTime.from, to: input.to ?? wholeTime.to }
  const log = await logRelation(ctx, range)
  if (log === undefined) return emptyLog
  const columns = await analytics.query<{ column_name: string }>(
    `select column_name from (describe select * from ${log})`,
  )
  const newest = new Map(
    (await labelRows.labelsBetween(ctx.db, input.endpoint, range.from, range.to)).map((row) => [
      row.prediction_id ?? row.id,
      row.value,
    ]),
  )
  const labels = [...newest].map(([id, value]) => ({ id, value: JSON.parse(value) as string | number | boolean }))
  const isNumeric = labels.every((label) => typeof label.value === 'number')
  const label = isNumeric ? 'try_cast(l.label as double)' : 'l.label'
  const inHole = (input.without ?? []).map(({ from, to }) => `(p.event_time >= ${from} and p.event_time < ${to})`)
  const about =
    input.entities === true ? `${aboutSql} as "mainstay-entity", entity is not null as "mainstay-named", ` : ''
  const rows = `select ${about}${exportColumns(columns.map((row) => row.column_name))}, ${label} as label
    from ${log} p ${input.labelled ? 'join' : 'left join'} ${labelRelation(labels)} l on l.label_id = p.id
    where p.kind = 'live' and p.status = 'ok' ${inHole.length === 0 ? '' : `and not coalesce(${inHole.join(' or ')}, false)`}
    ${choiceOf(input)}`
  return `select * from (${rows}) order by ${orderOf(input)}`
}

function choiceOf(input: LogExport): string {
  if (input.newest !== undefined) return `order by p.event_time desc, p.id limit ${input.newest}`
  if (input.sample !== undefined) return `order by hash(p.id) limit ${input.sample}`
  return input.limit === undefined ? '' : `order by ${orderOf(input)} limit ${input.limit}`
}

const orderOf = ({ order }: LogExport): string => (order === 'newest' ? 'event_time desc, id desc' : 'event_time, id')

/** Writes the log to a Parquet file and returns how many rows it holds. */
export async function exportParquet(ctx: Ctx, analytics: Analytics, input: LogExport, file: string): Promise<number> {
  const sql = await exportSql(ctx, analytics, input)
  await analytics.copy(sql, file, 'parquet')
  const [count] = await analytics.query<{ n: number }>(`select count(*) as n from read_parquet(${literal(file)})`)
  return count?.n ?? 0
}

/** The same rows as objects, for a gate or replay that scores a few hundred. */
export async function readLog(ctx: Ctx, analytics: Analytics, input: LogExport): Promise<Record<string, unknown>[]> {
  return await analytics.query(await exportSql(ctx, analytics, input))
}

const kinds = {
  jsonl: { type: 'application/x-ndjson', format: 'json' },
  csv: { type: 'text/csv', format: 'csv' },
  parquet: { type: 'application/vnd.apache.parquet', format: 'parquet' },
} as const

export async function streamPredictions(
  ctx: Ctx,
  analytics: Analytics,
  home: string,
  input: Parsed<typeof getPredictions>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  await getEndpointRow(ctx.db, input.name)
  await mkdir(join(home, 'tmp'), { recursive: true })
  const work = await mkdtemp(join(home, 'tmp', 'export-'))
  const { type, format } = kinds[input.format]
  const file = join(work, `predictions.${input.format}`)
  const sql = await exportSql(ctx, analytics, { endpoint: input.name, ...input })
  await analytics.copy(sql, file, format)
  const stream = createReadStream(file)
  stream.on('close', () => void rm(work, { recursive: true, force: true }))
  return await reply
    .header('content-disposition', `attachment; filename="${input.name}.${input.format}"`)
    .type(type)
    .send(stream)
}

/** What two versions answered to the same requests, oldest first, a bounded number of pairs. */
export async function predictionsOf(
  ctx: Ctx,
  analytics: Analytics,
  endpoint: string,
  candidate: number,
  champion: number,
  from: number,
  limit: number,
): Promise<{ candidate: number; champion: number }[]> {
  const log = await logRelation(ctx, { endpoint, from, to: wholeTime.to })
  if (log === undefined) return []
  const columns = await analytics.query<{ column_name: string }>(
    `select column_name from (describe select * from ${log})`,
  )
  const output = columns.map((row) => row.column_name).find((name) => name.startsWith('out.'))
  if (output === undefined) return []
  const value = (side: string): string => `try_cast(${side}.${identifier(output)} as double)`
  return await analytics.query(`with p as (select * from ${log} where status = 'ok')
    select ${value('a')} as candidate, ${value('b')} as champion from p a join p b on a.id = b.id
    where a.version = ${candidate} and b.version = ${champion} and ${value('a')} is not null and ${value('b')} is not null
    order by a.event_time limit ${limit}`)
}

/** What an export would hold now, without making it; the same before and after segments are merged. */
export async function logIdentity(ctx: Ctx, input: LogExport): Promise<unknown> {
  const [from, to] = [input.from ?? wholeTime.from, input.to ?? wholeTime.to]
  const segments = await q.segmentsBetween(ctx.db, input.endpoint, from, to)
  const labels = await labelRows.labelsBetween(ctx.db, input.endpoint, from, to)
  const newest = (times: readonly number[]): number => times.reduce((latest, time) => Math.max(latest, time), 0)
  return [
    segments.reduce((sum, segment) => sum + segment.rows, 0),
    newest(segments.map((segment) => segment.ingested_at)),
    labels.length,
    newest(labels.map((label) => label.received_at)),
  ]
}
