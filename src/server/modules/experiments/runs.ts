import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { newHexId } from '../../platform/ids.ts'
import { getExperiment, lifecyclesOf, type Tag, type View } from './experiments.ts'
import { parseFilter, parseOrders } from './filter.ts'
import type { SearchPage } from './queries/keyset.ts'
import { withDetails, type Run } from './queries/run-details.ts'
import * as q from './queries/runs.ts'
import { searchRunRows } from './queries/search-runs.ts'
import { assertKey, assertLength, experimentNumber, lastTags, limits, nameOfRun } from './rules.ts'
import type { Lifecycle, RunStatus } from './tables.ts'

export type { Run } from './queries/run-details.ts'

const runNameTag = 'mlflow.runName'

export async function getRunRow(db: Db, runId: string): Promise<q.RunRow> {
  const run = await q.findRun(db, runId)
  if (!run) throw new MainstayError('experiments.run_not_found', `Run with id=${runId.slice(0, 100)} not found`)
  return run
}

/** The run to be written to: it must not be deleted. */
export async function getActiveRun(db: Db, runId: string): Promise<q.RunRow> {
  const run = await getRunRow(db, runId)
  if (run.lifecycle !== 'active') {
    throw new MainstayError(
      'experiments.run_deleted',
      `The run ${runId} must be in the 'active' state. Current state is deleted.`,
    )
  }
  return run
}

export async function getRun(ctx: Ctx, runId: string): Promise<Run> {
  const [run] = await withDetails(ctx.db, ctx.dialect, [await getRunRow(ctx.db, runId)])
  if (!run) throw new MainstayError('experiments.run_not_found', `Run with id=${runId.slice(0, 100)} not found`)
  return run
}

export interface NewRun {
  experimentId: string
  user?: string | undefined
  name?: string | undefined
  startTime?: number | undefined
  tags?: readonly Tag[] | undefined
}

/** Starts a run. The tag mlflow.runName and the run's name are one value. */
export async function createRun(ctx: Ctx, input: NewRun): Promise<Run> {
  const tags = lastTags(input.tags ?? [])
  const named = tags.find(({ key }) => key === runNameTag)?.value
  if (input.name !== undefined && input.name !== '' && named !== undefined && named !== input.name) {
    throw new MainstayError(
      'request.invalid',
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${input.name}', mlflow.runName='${named}').`,
    )
  }
  const runId = newHexId()
  const given = input.name === undefined || input.name === '' ? named : input.name
  const name = given === undefined || given === '' ? nameOfRun(runId) : given
  assertLength(name, limits.runTagValue, 'Run name')
  return await ctx.groupTx(async (ctx) => {
    const experiment = await getExperiment(ctx.db, input.experimentId)
    if (experiment.lifecycle !== 'active') {
      throw new MainstayError(
        'request.invalid',
        `The experiment ${experiment.id} must be in the 'active' state. Current state is deleted.`,
      )
    }
    const row = await q.insertRun(ctx.db, {
      run_id: runId,
      project_id: ctx.project,
      experiment: experiment.id,
      name,
      user_name: input.user ?? '',
      status: 'RUNNING',
      lifecycle: 'active',
      start_time: input.startTime ?? ctx.clock.now(),
      end_time: null,
      artifact_uri: `${experiment.artifact_location}/${runId}/artifacts`,
      attempt: ctx.actor.attempt ?? null,
    })
    const all = [...tags.filter(({ key }) => key !== runNameTag), { key: runNameTag, value: name }]
    await q.upsertTags(ctx.db, ctx.dialect, row.id, all)
    return { ...row, metrics: [], params: [], tags: all, datasets: [], models: [] }
  })
}

export interface RunChange {
  status?: RunStatus | undefined
  endTime?: number | undefined
  name?: string | undefined
}

const ended = new Set<RunStatus>(['FINISHED', 'FAILED', 'KILLED'])

export async function updateRun(ctx: Ctx, runId: string, change: RunChange): Promise<q.RunRow> {
  return await ctx.groupTx(async (ctx) => {
    const run = await getActiveRun(ctx.db, runId)
    const name = change.name === '' ? undefined : change.name
    const values = {
      ...(change.status === undefined ? {} : { status: change.status }),
      ...(change.endTime === undefined ? {} : { end_time: change.endTime }),
      ...(name === undefined ? {} : { name }),
    }
    if (Object.keys(values).length > 0) await q.updateRun(ctx.db, run.id, values)
    if (name !== undefined)
      await q.upsertTags(ctx.db, ctx.dialect, run.id, lastTags([{ key: runNameTag, value: name }]))
    if (change.status !== undefined && change.status !== run.status && ended.has(change.status)) {
      ctx.emit({
        type: 'experiments.run_ended',
        run: run.run_id,
        experiment: String(run.experiment),
        status: change.status,
      })
    }
    return { ...run, ...values }
  })
}

export function setRunLifecycle(ctx: Ctx, runId: string, lifecycle: Lifecycle): Promise<void> {
  return ctx.tx(async (ctx) => {
    const run = await getRunRow(ctx.db, runId)
    await q.updateRun(ctx.db, run.id, { lifecycle })
  })
}

/** Writes tags of an active run, inside the caller's transaction. */
export async function writeTags(ctx: TxCtx, run: q.RunRow, tags: readonly Tag[]): Promise<void> {
  if (tags.length === 0) return
  const last = lastTags(tags)
  await q.upsertTags(ctx.db, ctx.dialect, run.id, last)
  const name = last.find(({ key }) => key === runNameTag)?.value
  if (name !== undefined) await q.updateRun(ctx.db, run.id, { name })
}

export async function setRunTag(ctx: Ctx, runId: string, tag: Tag): Promise<void> {
  assertKey(tag.key, 'tag')
  await ctx.groupTx(async (ctx) => writeTags(ctx, await getActiveRun(ctx.db, runId), [tag]))
}

export function deleteRunTag(ctx: Ctx, runId: string, key: string): Promise<void> {
  return ctx.tx(async (ctx) => {
    const run = await getActiveRun(ctx.db, runId)
    if (!(await q.deleteTag(ctx.db, run.id, key))) {
      throw new MainstayError(
        'experiments.run_not_found',
        `No tag with name: ${key.slice(0, 250)} in run with id ${runId}`,
      )
    }
  })
}

export interface RunQuery {
  experimentIds: readonly string[]
  filter?: string | undefined
  orderBy?: readonly string[] | undefined
  view?: View | undefined
  limit: number
  after?: string | undefined
}

export async function searchRuns(ctx: Ctx, query: RunQuery): Promise<SearchPage<Run>> {
  const page = await searchRunRows(ctx.db, ctx.dialect, {
    experiments: [...new Set(query.experimentIds.map(experimentNumber))],
    filter: parseFilter(query.filter),
    orders: parseOrders(query.orderBy),
    lifecycles: lifecyclesOf(query.view),
    limit: query.limit,
    after: query.after,
  })
  return { ...page, items: await withDetails(ctx.db, ctx.dialect, page.items) }
}

export async function logInputs(
  ctx: Ctx,
  runId: string,
  datasets: readonly q.DatasetInput[],
  models: readonly string[],
): Promise<void> {
  for (const dataset of datasets) assertDataset(dataset)
  for (const model of models) assertLength(model, limits.modelId, 'Model id')
  await ctx.groupTx(async (ctx) => {
    const run = await getActiveRun(ctx.db, runId)
    for (const dataset of datasets) await q.insertDatasetInput(ctx.db, run, dataset)
    await q.insertModelLinks(
      ctx.db,
      run.id,
      models.map((model_id) => ({ direction: 'input', model_id, step: 0 })),
    )
  })
}

function assertDataset(dataset: q.DatasetInput): void {
  if (dataset.name === '' || dataset.digest === '' || dataset.source_type === '' || dataset.source === '') {
    throw new MainstayError('request.invalid', 'Dataset name, digest, source_type and source cannot be empty.')
  }
  assertLength(dataset.name, limits.datasetName, 'Dataset name')
  assertLength(dataset.digest, limits.datasetDigest, 'Dataset digest')
  assertLength(dataset.source, limits.datasetSource, 'Dataset source')
  assertLength(dataset.schema ?? '', limits.datasetSchema, 'Dataset schema')
  assertLength(dataset.profile ?? '', limits.datasetProfile, 'Dataset profile')
  for (const { key, value } of dataset.tags) {
    assertLength(key, limits.datasetTagKey, "A dataset tag's key")
    assertLength(value, limits.datasetTagValue, `Dataset tag value of '${key}'`)
  }
}

export async function logOutputs(
  ctx: Ctx,
  runId: string,
  models: readonly { model_id: string; step: number }[],
): Promise<void> {
  for (const { model_id } of models) assertLength(model_id, limits.modelId, 'Model id')
  await ctx.groupTx(async (ctx) => {
    const run = await getActiveRun(ctx.db, runId)
    await q.insertModelLinks(
      ctx.db,
      run.id,
      models.map((model) => ({ direction: 'output', ...model })),
    )
  })
}

export async function searchDatasets(ctx: Ctx, experimentIds: readonly string[]): Promise<q.DatasetSummary[]> {
  return await q.listDatasets(ctx.db, experimentIds.map(experimentNumber), 1_000)
}
