import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { listFiles } from '../artifacts/module.ts'
import { getRunMetrics, loggedModelsOfAttempt, runsOfAttempt } from '../experiments/module.ts'
import type { AttemptOutputs, PipelineHooks } from './hooks.ts'
import { writeObject } from './inputs.ts'

/** What an attempt logged through MLflow with its token: the newest model, and the metrics of its runs. */
async function attemptOutputs(ctx: Ctx, attempt: string): Promise<AttemptOutputs> {
  const runs = await runsOfAttempt(ctx.db, attempt)
  const metrics: Record<string, number> = {}
  for (const { run_id } of runs) {
    for (const { key, value } of await getRunMetrics(ctx.db, run_id)) metrics[key] = value
  }
  const model = (await loggedModelsOfAttempt(ctx.db, attempt)).at(-1)
  return {
    model: model ? { id: model.model_id, digest: model.tree, run: model.source_run } : null,
    metrics,
    run: runs.at(-1)?.run_id ?? null,
  }
}

/** Writes a logged model's files into a folder; the folder appears whole. */
async function deliverModel(ctx: Ctx, model: string, folder: string): Promise<void> {
  const files = await listFiles(ctx.db, `model:${model}`)
  if (files.length === 0)
    throw new MainstayError('experiments.logged_model_not_found', `the model ${model} has no files`)
  const partial = `${folder}.partial`
  await mkdir(partial, { recursive: true })
  for (const { path, digest } of files) await writeObject(ctx, digest, join(partial, path))
  await rename(partial, folder)
}

/** Hooks as this module can fill them by itself; later modules add input sources and platform steps. */
export const ownHooks = (): PipelineHooks => ({ inputs: [], steps: [], attemptOutputs, deliverModel })
