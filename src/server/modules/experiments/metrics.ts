import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import type { Tag } from './experiments.ts'
import { findLoggedModelRow } from './queries/logged-models.ts'
import * as q from './queries/metrics.ts'
import { insertParams, type RunRow } from './queries/runs.ts'
import { assertBatch, assertMetric, assertParams, lastTags, thinSteps } from './rules.ts'
import { getActiveRun, getRunRow, writeTags } from './runs.ts'

export type { Point } from './queries/metrics.ts'

/** A point as a client sends it; with a model's id it is the model's too. */
export interface LoggedPoint extends q.Point {
  modelId?: string | undefined
  datasetName?: string | undefined
  datasetDigest?: string | undefined
}

export interface Batch {
  metrics: readonly LoggedPoint[]
  params: readonly Tag[]
  tags: readonly Tag[]
}

/** Writes a batch whole or not at all; it shares its commit with batches that arrive together. */
export async function logBatch(ctx: Ctx, runId: string, batch: Batch): Promise<void> {
  assertBatch(batch.metrics.length, batch.params.length, batch.tags.length)
  for (const metric of batch.metrics) assertMetric(metric)
  assertParams(batch.params)
  lastTags(batch.tags)
  await ctx.groupTx(async (ctx) => {
    const run = await getActiveRun(ctx.db, runId)
    if (batch.params.length > 0) await writeParams(ctx, run, batch.params)
    if (batch.metrics.length > 0) {
      await q.insertPoints(ctx.db, ctx.dialect, run.id, batch.metrics)
      await writeModelPoints(ctx, run, batch.metrics)
    }
    await writeTags(ctx, run, batch.tags)
  })
}

async function writeParams(ctx: Ctx, run: RunRow, params: readonly Tag[]): Promise<void> {
  const stored = await insertParams(ctx.db, ctx.dialect, run.id, params)
  for (const { key, value } of params) {
    const before = stored.get(key)
    if (before !== undefined && before !== value) {
      throw new MainstayError(
        'experiments.param_conflict',
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before}' for run ID='${run.run_id}'. Attempted logging new value '${value}'.`,
      )
    }
  }
}

async function writeModelPoints(ctx: Ctx, run: RunRow, metrics: readonly LoggedPoint[]): Promise<void> {
  const modelIds = new Set(metrics.map((metric) => metric.modelId ?? '').filter((id) => id !== ''))
  for (const modelId of modelIds) {
    const points = metrics.filter((metric) => metric.modelId === modelId)
    const model = await findLoggedModelRow(ctx.db, modelId)
    if (!model)
      throw new MainstayError('experiments.logged_model_not_found', `Logged model with ID '${modelId}' not found.`)
    await q.insertModelPoints(
      ctx.db,
      ctx.dialect,
      model.id,
      points.map(({ datasetName, datasetDigest, ...point }) => ({
        ...point,
        run_id: run.run_id,
        dataset_name: datasetName ?? '',
        dataset_digest: datasetDigest ?? '',
      })),
    )
  }
}

/** The newest point of each metric of a run. */
export async function getRunMetrics(db: Db, runId: string): Promise<q.Point[]> {
  return await q.readLatest(db, (await getRunRow(db, runId)).id)
}

const toPoint =
  (key: string) =>
  (row: q.HistoryRow): q.Point => ({ key, step: row.step, timestamp: row.timestamp, value: q.valueOf(row) })

export interface History {
  points: q.Point[]
  next?: string
}

/** A metric's points in order, one page (or all of them if no limit is given). */
export async function getHistory(
  db: Db,
  runId: string,
  key: string,
  limit: number | undefined,
  after: string | undefined,
): Promise<History> {
  const run = await getRunRow(db, runId)
  const rows = await q.readHistory(
    db,
    run.id,
    key,
    after === undefined || after === '' ? undefined : placeOf(after),
    limit === undefined ? undefined : limit + 1,
  )
  const cut = limit === undefined ? rows : rows.slice(0, limit)
  const last = cut.at(-1)
  const points = cut.map(toPoint(key))
  if (!last || cut.length === rows.length) return { points }
  return {
    points,
    next: Buffer.from([last.step, last.timestamp, last.value, last.is_nan].join(' ')).toString('base64url'),
  }
}

function placeOf(token: string): q.HistoryPlace {
  const parts = token.length > 400 ? [] : Buffer.from(token, 'base64url').toString().split(' ').map(Number)
  const [step, timestamp, value, is_nan] = parts
  if (parts.length !== 4 || parts.some(Number.isNaN) || !Number.isInteger(step) || !Number.isInteger(timestamp)) {
    throw new MainstayError('request.invalid', 'Invalid page token: it was not made by this server for this history')
  }
  return { step: step ?? 0, timestamp: timestamp ?? 0, value: value ?? 0, is_nan: is_nan ?? 0 }
}

/** At most `most` steps of a metric between bounds, spread evenly, with the first and the last. */
export async function getThinHistory(
  db: Db,
  runId: string,
  key: string,
  most: number,
  from?: number,
  to?: number,
): Promise<q.Point[]> {
  const run = await getRunRow(db, runId)
  const steps = await q.listSteps(db, run.id, key, from ?? Number.MIN_SAFE_INTEGER, to ?? Number.MAX_SAFE_INTEGER)
  const rows = await q.readSteps(db, run.id, key, thinSteps(steps, most))
  return rows.slice(0, most).map(toPoint(key))
}
