import {
  type LoggedModel,
  createLoggedModel,
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  getLoggedModel,
  getLoggedModelRow,
  logLoggedModelParams,
  mostOrders,
  searchLoggedModels,
  setLoggedModelTags,
} from '../../modules/experiments/module.ts'
import { listFolder } from '../../modules/artifacts/module.ts'
import { compact, double } from './encode.ts'
import { pair, toPair, toParam } from './experiments.ts'
import { route, type Route } from './route.ts'
import { flag, limit, list, message, oneOf, text, textNeeded, type Field } from './shape.ts'

const statusNames = {
  PENDING: 'LOGGED_MODEL_PENDING',
  READY: 'LOGGED_MODEL_READY',
  FAILED: 'LOGGED_MODEL_UPLOAD_FAILED',
} as const
const statuses = { 1: 'LOGGED_MODEL_PENDING', 2: 'LOGGED_MODEL_READY', 3: 'LOGGED_MODEL_UPLOAD_FAILED' } as const
const stored = {
  LOGGED_MODEL_PENDING: 'PENDING',
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'FAILED',
} as const

const show = (model: LoggedModel): object => ({
  info: compact({
    model_id: model.model_id,
    experiment_id: String(model.experiment),
    name: model.name,
    creation_timestamp_ms: model.created_at,
    last_updated_timestamp_ms: model.updated_at,
    artifact_uri: model.artifact_uri,
    status: statusNames[model.status],
    model_type: model.model_type,
    source_run_id: model.source_run,
    tags: model.tags,
  }),
  data: compact({
    params: model.params,
    metrics: model.metrics.map((point) =>
      compact({
        key: point.key,
        value: double(point.value),
        timestamp: point.timestamp,
        step: point.step,
        dataset_name: point.dataset_name === '' ? undefined : point.dataset_name,
        dataset_digest: point.dataset_digest === '' ? undefined : point.dataset_digest,
        model_id: model.model_id,
        run_id: point.run_id,
      }),
    ),
  }),
})

const demanded = <T>(field: Field<T | undefined>): Field<T> => ({ ...field, required: true }) as Field<T>

const base = '2.0/mlflow/logged-models'
const read = 'experiments.read'
const write = 'experiments.write'
const one = { model_id: textNeeded }

export const loggedModelTable: Route[] = [
  route(
    'POST',
    base,
    write,
    {
      experiment_id: textNeeded,
      name: text,
      model_type: text,
      source_run_id: text,
      params: list(pair),
      tags: list(pair),
    },
    async (ctx, input) => ({
      model: show(
        await createLoggedModel(ctx, {
          experimentId: input.experiment_id,
          name: input.name,
          modelType: input.model_type,
          sourceRunId: input.source_run_id,
          params: input.params.map(toParam),
          tags: input.tags.map(toPair),
        }),
      ),
    }),
  ),
  route(
    'POST',
    `${base}/search`,
    read,
    {
      experiment_ids: list(textNeeded),
      filter: text,
      datasets: list(message({ dataset_name: textNeeded, dataset_digest: text }), 100),
      max_results: limit(100, 1_000),
      order_by: list(
        message({ field_name: textNeeded, ascending: flag, dataset_name: text, dataset_digest: text }),
        mostOrders,
      ),
      page_token: text,
    },
    async (ctx, input) => {
      const page = await searchLoggedModels(ctx, {
        experimentIds: input.experiment_ids,
        filter: input.filter,
        datasets: input.datasets.map(({ dataset_name, dataset_digest }) => ({
          name: dataset_name,
          digest: dataset_digest,
        })),
        orderBy: input.order_by.map(({ field_name, ascending, dataset_name, dataset_digest }) => ({
          field: field_name,
          descending: ascending === false,
          dataset: dataset_name === undefined ? undefined : { name: dataset_name, digest: dataset_digest },
        })),
        limit: input.max_results,
        after: input.page_token,
      })
      return compact({ models: page.items.map(show), next_page_token: page.next })
    },
  ),
  route('GET', `${base}/:model_id`, read, { ...one, allow_deleted: flag }, async (ctx, input) => ({
    model: show(await getLoggedModel(ctx.db, input.model_id, input.allow_deleted ?? false)),
  })),
  route('PATCH', `${base}/:model_id`, write, { ...one, status: demanded(oneOf(statuses)) }, async (ctx, input) => ({
    model: show(await finalizeLoggedModel(ctx, input.model_id, stored[input.status])),
  })),
  route('DELETE', `${base}/:model_id`, write, one, async (ctx, input) => {
    await deleteLoggedModel(ctx, input.model_id)
    return undefined
  }),
  route('PATCH', `${base}/:model_id/tags`, write, { ...one, tags: list(pair) }, async (ctx, input) => ({
    model: show(await setLoggedModelTags(ctx, input.model_id, input.tags.map(toPair))),
  })),
  route('DELETE', `${base}/:model_id/tags/:tag_key`, write, { ...one, tag_key: textNeeded }, async (ctx, input) => {
    await deleteLoggedModelTag(ctx, input.model_id, input.tag_key)
    return undefined
  }),
  route('POST', `${base}/:model_id/params`, write, { ...one, params: list(pair) }, async (ctx, input) => {
    await logLoggedModelParams(ctx, input.model_id, input.params.map(toParam))
    return undefined
  }),
  route(
    'GET',
    `${base}/:model_id/artifacts/directories`,
    'artifacts.read',
    { ...one, artifact_directory_path: text, page_token: text },
    async (ctx, input) => {
      const model = await getLoggedModelRow(ctx.db, input.model_id)
      const entries = await listFolder(ctx.db, `model:${model.model_id}`, input.artifact_directory_path ?? '')
      return compact({
        root_uri: model.artifact_uri,
        files: entries.map(({ path, isFolder, size }) =>
          compact({ path, is_dir: isFolder, file_size: isFolder ? undefined : size }),
        ),
      })
    },
  ),
]
