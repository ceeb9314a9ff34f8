import { MainstayError } from '../../../contract/errors.ts'
import type { NodeState, PipelineRun } from '../../../contract/pipelines.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { audit } from '../audit/module.ts'
import { durable } from './durable.ts'
import type { Graph } from './graph.ts'
import * as q from './queries/runs.ts'
import { settle, startQueued, type Ending } from './run-state.ts'
import { toRun } from './start.ts'
import { getVersion } from './versions.ts'

async function getOwnRun(ctx: Ctx, id: string): Promise<q.RunRow> {
  const run = await q.findRun(ctx.db, id)
  if (!run || run.project_id !== ctx.project)
    throw new MainstayError('pipelines.run_not_found', `there is no run ${id}`)
  return run
}

/** Asks a run to end. What has not begun ends at once; what runs is `cancelling` until its processes are dead. */
export function cancelRun(ctx: Ctx, id: string): Promise<PipelineRun> {
  return durable(ctx, 'pipelines.cancel', async (ctx) => {
    await getOwnRun(ctx, id)
    const run = await q.takeFromRemaining(ctx.db, id, 0)
    if (run.ended_at !== null)
      throw new MainstayError(
        'pipelines.not_cancellable',
        `the run has ended already: it ${run.state === 'cancelled' ? 'was cancelled' : run.state}`,
      )
    await q.updateRun(ctx.db, id, { cancel: 1, state: 'running', sentence: 'is being cancelled' })
    await audit(ctx, 'pipelines.run_cancelled', id, { pipeline: run.pipeline })
    const ended: Ending[] = []
    for (const node of await q.listNodes(ctx.db, id)) {
      if (node.state === 'running') await q.changeNode(ctx.db, node, ['running'], { state: 'cancelling' })
      else if (node.state === 'waiting' || node.state === 'ready') {
        const values = { state: 'cancelled', ended_at: ctx.clock.now() } as const
        if (await q.changeNode(ctx.db, node, [node.state], values)) {
          ended.push({ name: node.name, kind: node.kind, state: 'cancelled', passed: null, sentence: null })
        }
      }
    }
    const { graph } = await getVersion(ctx.db, run.project_id, run.pipeline, run.version)
    if (ended.length > 0) await settle(ctx, id, graph, ended)
    return toRun(await q.getRun(ctx.db, id))
  })
}

const succeeded: readonly NodeState[] = ['succeeded', 'cached']

/**
 * Runs what failed or was cancelled once more, with everything behind it; results that exist stay. The run keeps
 * its id and version.
 */
export function retryRun(ctx: Ctx, id: string): Promise<PipelineRun> {
  return durable(ctx, 'pipelines.restart', async (ctx) => {
    await getOwnRun(ctx, id)
    const run = await q.takeFromRemaining(ctx.db, id, 0)
    if (run.state !== 'failed' && run.state !== 'cancelled') {
      throw new MainstayError(
        'pipelines.not_retryable',
        `the run is ${run.state}; only a failed or cancelled one is run again`,
      )
    }
    const { graph } = await getVersion(ctx.db, run.project_id, run.pipeline, run.version)
    const nodes = await q.listNodes(ctx.db, id)
    const again = toRunAgain(graph, nodes)
    for (const node of nodes.filter(({ name }) => again.has(name))) {
      await q.resetNode(ctx.db, node, graph.needs(node.name).filter((need) => again.has(need)).length)
    }
    await q.updateRun(ctx.db, id, { state: 'queued', cancel: 0, remaining: again.size, sentence: null, ended_at: null })
    await audit(ctx, 'pipelines.run_retried', id, { nodes: [...again] })
    await startQueued(ctx, run.pipeline)
    return toRun(await q.getRun(ctx.db, id))
  })
}

/** What did not succeed, and all that comes after it. */
export function toRunAgain(graph: Graph, nodes: readonly { name: string; state: NodeState }[]): Set<string> {
  const broken = nodes.filter(({ state }) => state === 'failed' || state === 'cancelled').map(({ name }) => name)
  const again = new Set<string>()
  const add = (name: string): void => {
    if (again.has(name)) return
    again.add(name)
    graph.dependents(name).forEach(add)
  }
  broken.forEach(add)
  const state = new Map(nodes.map((node) => [node.name, node.state]))
  return new Set([...again].filter((name) => !succeeded.includes(state.get(name) ?? 'waiting')))
}
