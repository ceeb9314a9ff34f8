import type { FastifyInstance } from 'fastify'
import * as api from '../../../contract/experiments.ts'
import { serve } from '../../http/serve.ts'
import { getExperiment, searchExperiments, type Experiment } from './experiments.ts'
import { getLoggedModel, type LoggedModel } from './logged-models.ts'
import { getThinHistory, type Point } from './metrics.ts'
import { countActiveRuns, metricKeys, paramKeys } from './queries/run-keys.ts'
import { findModelsOfRun, withModelDetails } from './queries/logged-models.ts'
import { getRun, searchRuns, type Run } from './runs.ts'

export function experimentRoutes(app: FastifyInstance): void {
  serve(app, api.listExperiments, async (ctx, { filter, limit, after }) => {
    const page = await searchExperiments(ctx, { filter, limit, after })
    return { ...page, items: page.items.map(showExperiment) }
  })
  serve(app, api.getExperiment, async (ctx, { id }) => showExperiment(await getExperiment(ctx.db, id)))
  serve(app, api.countRuns, async (ctx) => ({
    items: (await countActiveRuns(ctx.db)).map(({ experiment, runs }) => ({ experiment: String(experiment), runs })),
  }))
  serve(app, api.listRunKeys, async (ctx, input) => {
    const { id } = await getExperiment(ctx.db, input.id)
    return { metrics: await metricKeys(ctx.db, id), params: await paramKeys(ctx.db, id) }
  })
  serve(app, api.searchRuns, async (ctx, input) => {
    const page = await searchRuns(ctx, {
      experimentIds: [input.experiment].flat(),
      filter: input.filter,
      orderBy: input.order === undefined ? [] : [input.order].flat(),
      view: input.deleted ? 'DELETED_ONLY' : 'ACTIVE_ONLY',
      limit: input.limit,
      after: input.after,
    })
    return { ...page, items: page.items.map(showRun) }
  })
  serve(app, api.getRun, async (ctx, { id }) => showRun(await getRun(ctx, id)))
  serve(app, api.metricHistory, async (ctx, { id, key, points }) => ({
    items: (await getThinHistory(ctx.db, id, key, points)).map(showPoint),
  }))
  serve(app, api.getLoggedModel, async (ctx, { id }) => showModel(await getLoggedModel(ctx.db, id)))
  serve(app, api.listRunModels, async (ctx, { id }) => ({
    items: (await withModelDetails(ctx.db, await findModelsOfRun(ctx.db, id))).map(showModel),
  }))
}

const showExperiment = ({ id, name, lifecycle, created_at, updated_at, tags }: Experiment): api.Experiment => ({
  id: String(id),
  name,
  lifecycle,
  created_at,
  updated_at,
  tags,
})

const showPoint = (point: Point): api.MetricPoint => ({
  key: point.key,
  value: Number.isFinite(point.value) ? point.value : null,
  timestamp: point.timestamp,
  step: point.step,
})

const showRun = (run: Run): api.Run => ({
  id: run.run_id,
  experiment: String(run.experiment),
  name: run.name,
  user: run.user_name,
  status: run.status,
  lifecycle: run.lifecycle,
  started_at: run.start_time,
  ended_at: run.end_time,
  attempt: run.attempt,
  metrics: run.metrics.map(showPoint),
  params: run.params,
  tags: run.tags,
  datasets: run.datasets.map(({ name, digest, source, tags }) => ({
    name,
    digest,
    source,
    context: tags.find(({ key }) => key === 'mlflow.data.context')?.value ?? null,
  })),
  models: run.models.map(({ model_id, direction, step }) => ({ id: model_id, direction, step })),
})

const showModel = (model: LoggedModel): api.LoggedModel => ({
  id: model.model_id,
  name: model.name,
  experiment: String(model.experiment),
  status: model.status,
  run: model.source_run,
  attempt: model.source_attempt,
  tree: model.tree,
  created_at: model.created_at,
  params: model.params,
  tags: model.tags,
})
