import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { newHexId } from '../../platform/ids.ts'
import { freezeTree } from '../artifacts/module.ts'
import { getExperiment, type Tag } from './experiments.ts'
import { parseFilter } from './filter.ts'
import type { SearchPage } from './queries/keyset.ts'
import * as q from './queries/logged-models.ts'
import { searchModelRows, type DatasetName, type ModelOrder } from './queries/search-models.ts'
import { assertKey, assertLength, assertParams, experimentNumber, limits } from './rules.ts'
import { getRunRow } from './runs.ts'
import type { LoggedModelStatus } from './tables.ts'

export type { LoggedModel } from './queries/logged-models.ts'
export type { DatasetName, ModelOrder } from './queries/search-models.ts'

const modelsPerPair = 1_000_000

export async function getLoggedModelRow(db: Db, modelId: string, allowDeleted = false): Promise<q.LoggedModelRow> {
  const row = await q.findLoggedModelRow(db, modelId)
  if (!row || (row.lifecycle === 'deleted' && !allowDeleted)) {
    throw new MainstayError(
      'experiments.logged_model_not_found',
      `Logged model with ID '${modelId.slice(0, 100)}' not found.`,
    )
  }
  return row
}

export async function getLoggedModel(db: Db, modelId: string, allowDeleted = false): Promise<q.LoggedModel> {
  const [model] = await q.withModelDetails(db, [await getLoggedModelRow(db, modelId, allowDeleted)])
  if (!model)
    throw new MainstayError('experiments.logged_model_not_found', `Logged model with ID '${modelId}' not found.`)
  return model
}

export interface NewLoggedModel {
  experimentId: string
  name?: string | undefined
  modelType?: string | undefined
  sourceRunId?: string | undefined
  params: readonly Tag[]
  tags: readonly Tag[]
}

function assertModelName(name: string): void {
  if (/[/:.%"']/.test(name) || name === '') {
    throw new MainstayError(
      'request.invalid',
      `Invalid model name (${name}) provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    )
  }
}

/** A logged model starts PENDING; its files may be written until it is finalized. */
export async function createLoggedModel(ctx: Ctx, input: NewLoggedModel): Promise<q.LoggedModel> {
  const modelId = `m-${newHexId()}`
  const name = input.name === undefined || input.name === '' ? `model-${modelId.slice(2, 10)}` : input.name
  assertModelName(name)
  assertModelParams(input.params)
  return await ctx.tx(async (ctx) => {
    const experiment = await getExperiment(ctx.db, input.experimentId)
    if (input.sourceRunId !== undefined && input.sourceRunId !== '') await getRunRow(ctx.db, input.sourceRunId)
    const now = ctx.clock.now()
    const row = await q.insertLoggedModel(ctx.db, {
      model_id: modelId,
      project_id: ctx.project,
      experiment: experiment.id,
      name,
      model_type: input.modelType ?? null,
      status: 'PENDING',
      lifecycle: 'active',
      source_run: input.sourceRunId === undefined || input.sourceRunId === '' ? null : input.sourceRunId,
      source_attempt: ctx.actor.attempt ?? null,
      artifact_uri: `${experiment.artifact_location}/models/${modelId}/artifacts`,
      tree: null,
      created_at: now,
      updated_at: now,
    })
    if (input.params.length > 0) await q.insertModelParams(ctx.db, ctx.dialect, row.id, input.params)
    const tags = lastModelTags(input.tags)
    await q.upsertModelTags(ctx.db, ctx.dialect, row.id, tags)
    return { ...row, params: [...input.params], tags, metrics: [] }
  })
}

function assertModelParams(params: readonly Tag[]): void {
  assertParams(params)
}

function lastModelTags(tags: readonly Tag[]): Tag[] {
  for (const { key, value } of tags) {
    assertKey(key, 'tag')
    assertLength(value, limits.runTagValue * 10, `Tag value of '${key}'`)
  }
  return [...new Map(tags.map((tag) => [tag.key, tag])).values()]
}

/** READY freezes the files: from now on the model is its manifest digest. */
export async function finalizeLoggedModel(
  ctx: Ctx,
  modelId: string,
  status: LoggedModelStatus,
): Promise<q.LoggedModel> {
  const row = await getLoggedModelRow(ctx.db, modelId)
  const tree = status === 'READY' ? (row.tree ?? (await freezeTree(ctx, `model:${modelId}`))) : row.tree
  return await ctx.tx(async (ctx) => {
    await q.updateLoggedModel(ctx.db, row.id, { status, tree, updated_at: ctx.clock.now() })
    if (status === 'READY' && row.status !== 'READY') {
      ctx.emit({
        type: 'experiments.model_logged',
        model: modelId,
        run: row.source_run,
        attempt: row.source_attempt,
        tree,
      })
    }
    return await getLoggedModel(ctx.db, modelId)
  })
}

export function deleteLoggedModel(ctx: Ctx, modelId: string): Promise<void> {
  return ctx.tx(async (ctx) => {
    const row = await getLoggedModelRow(ctx.db, modelId)
    await q.updateLoggedModel(ctx.db, row.id, { lifecycle: 'deleted', updated_at: ctx.clock.now() })
  })
}

export function setLoggedModelTags(ctx: Ctx, modelId: string, tags: readonly Tag[]): Promise<q.LoggedModel> {
  const last = lastModelTags(tags)
  return ctx.tx(async (ctx) => {
    const row = await getLoggedModelRow(ctx.db, modelId)
    await q.upsertModelTags(ctx.db, ctx.dialect, row.id, last)
    await q.updateLoggedModel(ctx.db, row.id, { updated_at: ctx.clock.now() })
    return await getLoggedModel(ctx.db, modelId)
  })
}

export function deleteLoggedModelTag(ctx: Ctx, modelId: string, key: string): Promise<void> {
  return ctx.tx(async (ctx) => {
    const row = await getLoggedModelRow(ctx.db, modelId)
    if (!(await q.deleteModelTag(ctx.db, row.id, key))) {
      throw new MainstayError(
        'experiments.logged_model_not_found',
        `No tag with key ${key.slice(0, 250)} found for model with ID ${modelId}.`,
      )
    }
  })
}

export function logLoggedModelParams(ctx: Ctx, modelId: string, params: readonly Tag[]): Promise<void> {
  assertModelParams(params)
  return ctx.tx(async (ctx) => {
    const row = await getLoggedModelRow(ctx.db, modelId)
    if (params.length === 0) return
    const stored = await q.insertModelParams(ctx.db, ctx.dialect, row.id, params)
    const other = params.find(({ key, value }) => stored.get(key) !== value)
    if (other) {
      throw new MainstayError(
        'experiments.param_conflict',
        `Changing param values is not allowed. Param with key='${other.key}' was already logged for model ID='${modelId}'.`,
      )
    }
  })
}

const registrationsTag = 'mlflow.modelVersions'

/** Notes on the logged model which version was made of it, as MLflow's client expects to read it. */
export async function noteRegistration(ctx: Ctx, modelId: string, name: string, version: number): Promise<void> {
  const row = await q.findLoggedModelRow(ctx.db, modelId)
  if (!row) return
  const before = await q.findModelTag(ctx.db, row.id, registrationsTag)
  const list = before === undefined ? [] : (JSON.parse(before) as { name: string; version: string }[])
  const value = JSON.stringify([...list, { name, version: String(version) }].slice(-modelsPerPair))
  await q.upsertModelTags(ctx.db, ctx.dialect, row.id, [{ key: registrationsTag, value }])
}

export interface ModelQuery {
  experimentIds: readonly string[]
  filter?: string | undefined
  datasets?: readonly DatasetName[] | undefined
  orderBy?: readonly ModelOrder[] | undefined
  limit: number
  after?: string | undefined
}

export async function searchLoggedModels(ctx: Ctx, query: ModelQuery): Promise<SearchPage<q.LoggedModel>> {
  const page = await searchModelRows(ctx.db, ctx.dialect, {
    experiments: [...new Set(query.experimentIds.map(experimentNumber))],
    filter: parseFilter(query.filter),
    datasets: query.datasets ?? [],
    orders: query.orderBy ?? [],
    limit: query.limit,
    after: query.after,
  })
  return { ...page, items: await q.withModelDetails(ctx.db, page.items) }
}
