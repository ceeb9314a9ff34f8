import type { FastifyInstance } from 'fastify'
import * as api from '../../../contract/pipelines.ts'
import { serve, serveStream } from '../../http/serve.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { newId } from '../../platform/ids.ts'
import { audit } from '../audit/module.ts'
import { cancelRun, retryRun } from './cancel.ts'
import { readLog, tailLog } from './logs.ts'
import { listOutputFiles, sendOutputFile } from './output-files.ts'
import type { PipelineRunner } from './runner.ts'
import { startRun } from './start.ts'
import { getAttempt, getPipeline, getRun, listPipelines, listRuns, why } from './views.ts'

export function pipelineRoutes(app: FastifyInstance, runner: PipelineRunner, home: string): void {
  const nudged = async <T>(result: Promise<T>): Promise<T> => {
    const value = await result
    runner.nudge()
    return value
  }
  serve(app, api.listPipelines, listPipelines)
  serve(app, api.getPipeline, getPipeline)
  serve(app, api.startRun, (ctx, input) => nudged(startByHand(ctx, input)))
  serve(app, api.listRuns, listRuns)
  serve(app, api.getRun, getRun)
  serve(app, api.cancelRun, async (ctx, { run }) => {
    const cancelled = await cancelRun(ctx, run)
    runner.nudgeCancel()
    return cancelled
  })
  serve(app, api.retryRun, (ctx, { run }) => nudged(retryRun(ctx, run)))
  serve(app, api.readLog, (ctx, input) => readLog(ctx, home, input))
  serveStream(app, api.tailLog, (ctx, input, reply) => tailLog(ctx, home, input, reply))
  serve(app, api.why, why)
  serve(app, api.getAttempt, getAttempt)
  serve(app, api.listOutputFiles, listOutputFiles)
  serveStream(app, api.getOutputFile, sendOutputFile)
}

function startByHand(
  ctx: Ctx,
  input: { name: string; params: api.PipelineRun['params']; key?: string | undefined },
): Promise<api.PipelineRun> {
  return ctx.tx(async (ctx) => {
    const key = `manual:${input.key ?? newId('key', ctx.clock.now())}`
    const trigger = { kind: 'manual', ref: ctx.actor.name }
    const run = await startRun(ctx, { pipeline: input.name, params: input.params, trigger, key })
    await audit(ctx, 'pipelines.run_started', run.id, { pipeline: input.name, params: input.params })
    return run
  })
}
