import { MainstayError } from '../../../contract/errors.ts'
import type { PipelineRun, RunTrigger } from '../../../contract/pipelines.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { newId } from '../../platform/ids.ts'
import { durable } from './durable.ts'
import { kindOf, type Graph } from './graph.ts'
import * as q from './queries/runs.ts'
import { startQueued } from './run-state.ts'
import { paramsOf, triggerOf, type Params } from './scope.ts'
import { getVersion } from './versions.ts'

export interface StartRun {
  pipeline: string
  params: Params
  trigger: RunTrigger
  /** The same key starts one run of the pipeline, however often it is asked for. */
  key: string
}

export const toRun = (row: q.RunRow): PipelineRun => ({
  id: row.id,
  pipeline: row.pipeline,
  version: row.version,
  state: row.state,
  params: paramsOf(row),
  trigger: triggerOf(row),
  sentence: row.sentence,
  created_by: row.created_by,
  created_at: row.created_at,
  started_at: row.started_at,
  ended_at: row.ended_at,
})

/** Starts a run of the pipeline's current version, or queues it behind those that run. Joins an open transaction. */
export function startRun(ctx: Ctx, input: StartRun): Promise<PipelineRun> {
  return durable(ctx, 'pipelines.start', async (ctx) => {
    const pipeline = await q.lockPipeline(ctx.db, ctx.project, input.pipeline)
    if (!pipeline) throw new MainstayError('pipelines.not_found', `there is no pipeline ${input.pipeline}`)
    const known = await q.findRunByKey(ctx.db, ctx.project, input.pipeline, input.key)
    if (known) return toRun(known)
    const { graph } = await getVersion(ctx.db, ctx.project, input.pipeline, pipeline.version)
    const run = newRun(ctx, input, pipeline.version, graph)
    await q.insertRun(
      ctx.db,
      run,
      graph.names.map((name) => newNode(ctx, run.id, name, graph)),
    )
    await startQueued(ctx, input.pipeline)
    return toRun((await q.findRun(ctx.db, run.id)) ?? run)
  })
}

function newRun(ctx: TxCtx, input: StartRun, version: string, graph: Graph): q.RunRow {
  const params = paramsFor(graph.definition.params, input)
  const now = ctx.clock.now()
  return {
    id: newId('prun', now),
    project_id: ctx.project,
    pipeline: input.pipeline,
    version,
    params: JSON.stringify(params),
    trigger_kind: input.trigger.kind,
    trigger_ref: input.trigger.ref,
    key: input.key,
    state: 'queued',
    remaining: graph.names.length,
    cancel: 0,
    sentence: 'waits for earlier runs of the pipeline',
    created_by: ctx.actor.name,
    created_at: now,
    started_at: null,
    ended_at: null,
  }
}

/** The defaults under what was given. A parameter keeps the kind of its default, also where a command line sends texts. */
function paramsFor(defaults: Params, { pipeline, params, trigger }: StartRun): Params {
  const given = Object.entries(params).map(([name, value]) => {
    const fallback = Object.hasOwn(defaults, name) ? defaults[name] : undefined
    if (fallback === undefined)
      throw new MainstayError('request.invalid', `params.${name}: the pipeline ${pipeline} has no such parameter`)
    const kept = inKindOf(fallback, value)
    // A rule or a trigger has nobody who could read a refusal.
    if (kept === undefined && trigger.kind === 'manual') {
      const kind = typeof fallback === 'number' ? 'number' : 'true or false'
      throw new MainstayError(
        'request.invalid',
        `params.${name}: “${value}” is no ${kind}, as its default ${fallback} is`,
      )
    }
    return [name, kept ?? value]
  })
  return { ...defaults, ...(Object.fromEntries(given) as Params) }
}

/** The value as text, number or boolean like the example; undefined where it is none. */
export function inKindOf(example: Params[string], value: Params[string]): Params[string] | undefined {
  if (example === null || value === null || typeof value === typeof example) return value
  if (typeof example === 'string') return String(value)
  if (typeof example === 'boolean') return value === 'true' ? true : value === 'false' ? false : undefined
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined
}

function newNode(ctx: TxCtx, run: string, name: string, graph: Graph): q.NodeRow {
  return {
    run_id: run,
    name,
    project_id: ctx.project,
    kind: kindOf(graph.step(name)),
    state: 'waiting',
    pending: graph.needs(name).length,
    fence: 0,
    user_failures: 0,
    infra_failures: 0,
    backoff_ms: 0,
    passed: null,
    outputs: '{}',
    sentence: null,
    refused_by: null,
    why: null,
    ready_at: null,
    started_at: null,
    ended_at: null,
  }
}
