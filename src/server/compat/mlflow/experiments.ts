import {
  type Experiment,
  createExperiment,
  deleteExperimentTag,
  getExperiment,
  getExperimentByName,
  limits,
  renameExperiment,
  searchDatasets,
  searchExperiments,
  setExperimentLifecycle,
  setExperimentTag,
} from '../../modules/experiments/module.ts'
import { compact } from './encode.ts'
import { route, type Route } from './route.ts'
import { limit, list, message, oneOf, text, textNeeded, type Values } from './shape.ts'

export const pair = message({ key: textNeeded, value: text })
export const views = oneOf({ 1: 'ACTIVE_ONLY', 2: 'DELETED_ONLY', 3: 'ALL' })

export const toPair = ({ key, value }: { key: string; value: string | undefined }): { key: string; value: string } => ({
  key,
  value: value ?? '',
})

/** As on MLflow's server a value that is too long is cut: a training does not end over a long text. */
const cutTo =
  (longest: number) =>
  (given: Parameters<typeof toPair>[0]): ReturnType<typeof toPair> => {
    const { key, value } = toPair(given)
    return { key, value: value.slice(0, longest) }
  }

export const toParam = cutTo(limits.paramValue)
export const toTag = cutTo(limits.runTagValue)

const show = (experiment: Experiment): object =>
  compact({
    experiment_id: String(experiment.id),
    name: experiment.name,
    artifact_location: experiment.artifact_location,
    lifecycle_stage: experiment.lifecycle,
    creation_time: experiment.created_at,
    last_update_time: experiment.updated_at,
    tags: experiment.tags,
  })

const searchShape = {
  max_results: limit(1_000, 50_000),
  page_token: text,
  filter: text,
  order_by: list(text),
  view_type: views,
}

async function search(
  ctx: Parameters<typeof searchExperiments>[0],
  input: Values<typeof searchShape>,
): Promise<object> {
  const page = await searchExperiments(ctx, {
    filter: input.filter,
    orderBy: input.order_by.map((key) => key ?? ''),
    view: input.view_type,
    limit: input.max_results,
    after: input.page_token,
  })
  return compact({ experiments: page.items.map(show), next_page_token: page.next })
}

const base = '2.0/mlflow/experiments'
const read = 'experiments.read'
const write = 'experiments.write'

export const experimentTable: Route[] = [
  route(
    'POST',
    `${base}/create`,
    write,
    { name: textNeeded, artifact_location: text, tags: list(pair) },
    async (ctx, input) => ({
      experiment_id: await createExperiment(ctx, {
        name: input.name,
        artifactLocation: input.artifact_location,
        tags: input.tags.map(toPair),
      }),
    }),
  ),
  route('GET', `${base}/get`, read, { experiment_id: textNeeded }, async (ctx, input) => ({
    experiment: show(await getExperiment(ctx.db, input.experiment_id)),
  })),
  route('GET', `${base}/get-by-name`, read, { experiment_name: textNeeded }, async (ctx, input) => ({
    experiment: show(await getExperimentByName(ctx, input.experiment_name)),
  })),
  route('POST', `${base}/search`, read, searchShape, search),
  route('GET', `${base}/search`, read, searchShape, search),
  route('POST', `${base}/delete`, write, { experiment_id: textNeeded }, async (ctx, input) => {
    await setExperimentLifecycle(ctx, input.experiment_id, 'deleted')
    return undefined
  }),
  route('POST', `${base}/restore`, write, { experiment_id: textNeeded }, async (ctx, input) => {
    await setExperimentLifecycle(ctx, input.experiment_id, 'active')
    return undefined
  }),
  route('POST', `${base}/update`, write, { experiment_id: textNeeded, new_name: textNeeded }, async (ctx, input) => {
    await renameExperiment(ctx, input.experiment_id, input.new_name)
    return undefined
  }),
  route(
    'POST',
    `${base}/set-experiment-tag`,
    write,
    { experiment_id: textNeeded, key: textNeeded, value: text },
    async (ctx, input) => {
      await setExperimentTag(ctx, input.experiment_id, toPair(input))
      return undefined
    },
  ),
  route(
    'POST',
    `${base}/delete-experiment-tag`,
    write,
    { experiment_id: textNeeded, key: textNeeded },
    async (ctx, input) => {
      await deleteExperimentTag(ctx, input.experiment_id, input.key)
      return undefined
    },
  ),
  route('POST', `${base}/search-datasets`, read, { experiment_ids: list(textNeeded) }, async (ctx, input) =>
    compact({
      dataset_summaries: (await searchDatasets(ctx, input.experiment_ids)).map((dataset) =>
        compact({ ...dataset, experiment: undefined, experiment_id: String(dataset.experiment) }),
      ),
    }),
  ),
]
