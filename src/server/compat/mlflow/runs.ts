import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import {
  type Point,
  type Run,
  createRun,
  deleteRunTag,
  getHistory,
  getRun,
  getThinHistory,
  limits,
  logBatch,
  logInputs,
  logOutputs,
  searchRuns,
  setRunLifecycle,
  setRunTag,
  type LoggedPoint,
  updateRun,
} from '../../modules/experiments/module.ts'
import { compact, double } from './encode.ts'
import { pair, toPair, toParam, toTag, views } from './experiments.ts'
import { route, type Route } from './route.ts'
import { doubleNeeded, int, intNeeded, limit, list, message, oneOf, text, textNeeded, type Values } from './shape.ts'

const statuses = { 1: 'RUNNING', 2: 'SCHEDULED', 3: 'FINISHED', 4: 'FAILED', 5: 'KILLED' } as const

const showInfo = (run: Omit<Run, 'metrics' | 'params' | 'tags' | 'datasets' | 'models'>): object =>
  compact({
    run_id: run.run_id,
    run_uuid: run.run_id,
    run_name: run.name,
    experiment_id: String(run.experiment),
    user_id: run.user_name,
    status: run.status,
    start_time: run.start_time,
    end_time: run.end_time,
    artifact_uri: run.artifact_uri,
    lifecycle_stage: run.lifecycle,
  })

const showPoint = (point: Point): object => ({
  key: point.key,
  value: double(point.value),
  timestamp: point.timestamp,
  step: point.step,
})

const show = (run: Run): object => ({
  info: showInfo(run),
  data: compact({ metrics: run.metrics.map(showPoint), params: run.params, tags: run.tags }),
  inputs: compact({
    dataset_inputs: run.datasets.map(({ tags, ...dataset }) => compact({ tags, dataset: compact(dataset) })),
    model_inputs: run.models.filter((model) => model.direction === 'input').map(({ model_id }) => ({ model_id })),
  }),
  outputs: compact({
    model_outputs: run.models
      .filter((model) => model.direction === 'output')
      .map(({ model_id, step }) => ({ model_id, step })),
  }),
})

/** Old clients say run_uuid, new ones run_id, some both. */
const runNamed = { run_id: text, run_uuid: text }

export function runIdOf(input: { run_id: string | undefined; run_uuid?: string | undefined }): string {
  const id = [input.run_id, input.run_uuid].find((given) => given !== undefined && given !== '')
  if (id === undefined) {
    throw new MainstayError(
      'request.invalid',
      "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.",
    )
  }
  return id
}

const metricFields = {
  key: textNeeded,
  value: doubleNeeded,
  timestamp: intNeeded,
  step: int,
  model_id: text,
  dataset_name: text,
  dataset_digest: text,
}
const metric = message(metricFields)

const toPoint = (input: Values<typeof metricFields>): LoggedPoint => ({
  key: input.key,
  value: input.value,
  timestamp: input.timestamp,
  step: input.step ?? 0,
  modelId: input.model_id,
  datasetName: input.dataset_name,
  datasetDigest: input.dataset_digest,
})

const dataset = message({
  tags: list(message({ key: textNeeded, value: text })),
  dataset: message({
    name: textNeeded,
    digest: textNeeded,
    source_type: textNeeded,
    source: textNeeded,
    schema: text,
    profile: text,
  }),
})

const batchShape = { run_id: textNeeded, metrics: list(metric), params: list(pair), tags: list(pair) }

async function takeBatch(ctx: Ctx, input: Values<typeof batchShape>): Promise<undefined> {
  await logBatch(ctx, input.run_id, {
    metrics: input.metrics.map(toPoint),
    params: input.params.map(toParam),
    tags: input.tags.map(toTag),
  })
}

const searchShape = {
  experiment_ids: list(textNeeded),
  filter: text,
  run_view_type: views,
  max_results: limit(1_000, 50_000),
  order_by: list(textNeeded),
  page_token: text,
}

async function search(ctx: Ctx, input: Values<typeof searchShape>): Promise<object> {
  const page = await searchRuns(ctx, {
    experimentIds: input.experiment_ids,
    filter: input.filter,
    orderBy: input.order_by,
    view: input.run_view_type,
    limit: input.max_results,
    after: input.page_token,
  })
  return compact({ runs: page.items.map(show), next_page_token: page.next })
}

const base = '2.0/mlflow/runs'
const read = 'experiments.read'
const write = 'experiments.write'

export const runTable: Route[] = [
  route(
    'POST',
    `${base}/create`,
    write,
    { experiment_id: textNeeded, user_id: text, run_name: text, start_time: int, tags: list(pair) },
    async (ctx, input) => ({
      run: show(
        await createRun(ctx, {
          experimentId: input.experiment_id,
          user: input.user_id,
          name: input.run_name?.slice(0, limits.runTagValue),
          startTime: input.start_time,
          tags: input.tags.map(toTag),
        }),
      ),
    }),
  ),
  route(
    'POST',
    `${base}/update`,
    write,
    { ...runNamed, status: oneOf(statuses, 'ignore'), end_time: int, run_name: text },
    async (ctx, input) => ({
      run_info: showInfo(
        await updateRun(ctx, runIdOf(input), {
          status: input.status,
          endTime: input.end_time,
          name: input.run_name?.slice(0, limits.runTagValue),
        }),
      ),
    }),
  ),
  route('GET', `${base}/get`, read, runNamed, async (ctx, input) => ({
    run: show(await getRun(ctx, runIdOf(input))),
  })),
  route('POST', `${base}/search`, read, searchShape, search),
  route('POST', `${base}/delete`, write, { run_id: textNeeded }, async (ctx, input) => {
    await setRunLifecycle(ctx, input.run_id, 'deleted')
    return undefined
  }),
  route('POST', `${base}/restore`, write, { run_id: textNeeded }, async (ctx, input) => {
    await setRunLifecycle(ctx, input.run_id, 'active')
    return undefined
  }),
  route('POST', `${base}/log-metric`, write, { ...runNamed, ...metricFields }, async (ctx, input) => {
    await logBatch(ctx, runIdOf(input), { metrics: [toPoint(input)], params: [], tags: [] })
    return undefined
  }),
  route('POST', `${base}/log-parameter`, write, { ...runNamed, key: textNeeded, value: text }, async (ctx, input) => {
    await logBatch(ctx, runIdOf(input), { metrics: [], params: [toParam(input)], tags: [] })
    return undefined
  }),
  route('POST', `${base}/set-tag`, write, { ...runNamed, key: textNeeded, value: text }, async (ctx, input) => {
    await setRunTag(ctx, runIdOf(input), toTag(input))
    return undefined
  }),
  route('POST', `${base}/delete-tag`, write, { ...runNamed, key: textNeeded }, async (ctx, input) => {
    await deleteRunTag(ctx, runIdOf(input), input.key)
    return undefined
  }),
  route('POST', `${base}/log-batch`, write, batchShape, takeBatch),
  route(
    'POST',
    `${base}/log-inputs`,
    write,
    { run_id: textNeeded, datasets: list(dataset, 1_000), models: list(message({ model_id: textNeeded })) },
    async (ctx, input) => {
      const datasets = input.datasets.map(({ tags, dataset: given }) => ({
        ...given,
        schema: given.schema ?? null,
        profile: given.profile ?? null,
        tags: tags.map(toPair),
      }))
      await logInputs(
        ctx,
        input.run_id,
        datasets,
        input.models.map((model) => model.model_id),
      )
      return undefined
    },
  ),
  route(
    'POST',
    `${base}/outputs`,
    write,
    { run_id: textNeeded, models: list(message({ model_id: textNeeded, step: int })) },
    async (ctx, input) => {
      await logOutputs(
        ctx,
        input.run_id,
        input.models.map(({ model_id, step }) => ({ model_id, step: step ?? 0 })),
      )
      return undefined
    },
  ),
  route('POST', `${base}/log-model`, write, { run_id: textNeeded, model_json: textNeeded }, async (ctx, input) => {
    await noteModel(ctx, input.run_id, input.model_json)
    return undefined
  }),
]

const historyTag = 'mlflow.log-model.history'

/** Clients before 3.0 note each model they log in a tag of the run. */
async function noteModel(ctx: Ctx, runId: string, json: string): Promise<void> {
  const run = await getRun(ctx, runId)
  const model = parseObject(json)
  const before = run.tags.find(({ key }) => key === historyTag)?.value
  const list = before === undefined ? [] : (JSON.parse(before) as unknown[])
  await setRunTag(ctx, runId, { key: historyTag, value: JSON.stringify([...list, model]) })
}

function parseObject(json: string): object {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null && 'artifact_path' in value) return value
  } catch (error) {
    throw new MainstayError(
      'request.invalid',
      `Malformed model info. \n ${json.slice(0, 100)} \n is not valid JSON`,
      {},
      { cause: error },
    )
  }
  throw new MainstayError(
    'request.invalid',
    "Model json is missing mandatory fields: ['artifact_path', 'flavors', 'utc_time_created', 'run_id']",
  )
}

const largestHistory = 100_000

export const metricTable: Route[] = [
  route(
    'GET',
    '2.0/mlflow/metrics/get-history',
    read,
    { ...runNamed, metric_key: textNeeded, max_results: int, page_token: text },
    async (ctx, input) => {
      const history = await getHistory(
        ctx.db,
        runIdOf(input),
        input.metric_key,
        pageSize(input.max_results),
        input.page_token,
      )
      return compact({ metrics: history.points.map(showPoint), next_page_token: history.next })
    },
  ),
  route(
    'GET',
    '2.0/mlflow/metrics/get-history-bulk-interval',
    read,
    {
      run_ids: list(textNeeded),
      metric_key: textNeeded,
      start_step: int,
      end_step: int,
      max_results: limit(320, 2_500),
    },
    async (ctx, input) => {
      assertRunIds(input.run_ids)
      if ((input.start_step === undefined) !== (input.end_step === undefined)) {
        throw new MainstayError(
          'request.invalid',
          'If either start step or end step are specified, both must be specified.',
        )
      }
      if (input.start_step !== undefined && input.end_step !== undefined && input.start_step > input.end_step) {
        throw new MainstayError(
          'request.invalid',
          `end_step must be greater than start_step. Found start_step=${input.start_step} and end_step=${input.end_step}.`,
        )
      }
      const perRun = await Promise.all(
        input.run_ids.map(async (run) => {
          const points = await getThinHistory(
            ctx.db,
            run,
            input.metric_key,
            input.max_results,
            input.start_step,
            input.end_step,
          )
          return points.map((point) => ({ ...showPoint(point), run_id: run }))
        }),
      )
      return compact({ metrics: perRun.flat() })
    },
  ),
  route(
    'GET',
    '2.0/mlflow/metrics/get-history-bulk',
    read,
    { run_id: list(textNeeded), metric_key: textNeeded, max_results: limit(25_000, 25_000) },
    async (ctx, input) => {
      assertRunIds(input.run_id)
      const shown: object[] = []
      for (const run of input.run_id.toSorted()) {
        const left = input.max_results - shown.length
        if (left <= 0) break
        const { points } = await getHistory(ctx.db, run, input.metric_key, left, undefined)
        shown.push(...points.map((point) => ({ ...showPoint(point), run_id: run })))
      }
      return { metrics: shown }
    },
  ),
]

function pageSize(asked: number | undefined): number {
  if (asked === undefined) return largestHistory
  if (asked < 1)
    throw new MainstayError('request.invalid', `Invalid value ${asked} for parameter 'max_results' supplied`)
  return Math.min(asked, largestHistory)
}

function assertRunIds(ids: readonly string[]): void {
  if (ids.length === 0)
    throw new MainstayError('request.invalid', 'GetMetricHistoryBulk request must specify at least one run_id.')
  if (ids.length > 100)
    throw new MainstayError('request.invalid', 'GetMetricHistoryBulk request cannot specify more than 100 run_ids.')
}
