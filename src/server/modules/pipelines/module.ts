import type { Gauge } from '../../platform/gauge.ts'
import type { ModuleParts } from '../../platform/module.ts'
import type {} from './events.ts'
import type { PipelineHooks } from './hooks.ts'
import { pipelineMigrations } from './migrations/2026-11-21-pipelines.ts'
import { countRunsByState } from './queries/runs.ts'
import { pipelineRoutes } from './routes.ts'
import { PipelineRunner, type RunnerOptions } from './runner.ts'
import type {} from './tables.ts'

export { checkDefinition, findPipelineContent, savePipeline, wantedContent } from './define.ts'
export type { InputSource, PipelineHooks, PlatformNode, PlatformStep, Prepared } from './hooks.ts'
export { ownHooks } from './logged.ts'
export { PipelineRunner } from './runner.ts'
export { startRun } from './start.ts'
export { getRun } from './views.ts'

export interface Pipelines extends ModuleParts {
  runner: PipelineRunner
  hooks: PipelineHooks
}

/** The hooks may still be filled until the runner is started. */
export function createPipelines(options: RunnerOptions): Pipelines {
  const runner = new PipelineRunner(options)
  return {
    runner,
    hooks: options.hooks,
    migrations: pipelineMigrations,
    routes: (app) => pipelineRoutes(app, runner, options.home),
    gauges: [runGauge],
  }
}

const runGauge: Gauge = {
  name: 'pipeline_runs',
  help: 'Pipeline runs by state.',
  labels: ['pipeline', 'state'],
  read: async (ctx) =>
    (await countRunsByState(ctx.db)).map(({ pipeline, state, n }) => ({ labels: { pipeline, state }, value: n })),
}
