import type { NodeKind, NodeState, RunState } from '../../../contract/pipelines.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import { judge, type Graph, type Upstream } from './graph.ts'
import * as q from './queries/runs.ts'
import { paramsOf, scopeOf, triggerOf } from './scope.ts'
import { getVersion } from './versions.ts'

/** A node that has just ended, its row already changed. */
export interface Ending {
  name: string
  kind: NodeKind
  state: NodeState
  passed: boolean | null
  sentence: string | null
}

/**
 * Draws the consequences of nodes that ended, in their transaction: dependents become ready or are skipped in
 * turn, and the run ends with its last node. Everything is derived from rows, nothing from memory.
 */
export async function settle(ctx: TxCtx, runId: string, graph: Graph, ended: readonly Ending[]): Promise<void> {
  let run = await q.takeFromRemaining(ctx.db, runId, ended.length)
  const work = [...ended]
  let skipped = 0
  for (let ending = work.shift(); ending; ending = work.shift()) {
    const { name, ...end } = ending
    ctx.emit({ type: 'pipelines.node_finished', run: runId, pipeline: run.pipeline, node: name, ...end })
    for (const node of await q.countDown(ctx.db, runId, graph.dependents(name))) {
      const left = await openOrSkip(ctx, run, graph, node)
      if (!left) continue
      skipped += 1
      work.push(left)
    }
  }
  if (skipped > 0) run = await q.takeFromRemaining(ctx.db, runId, skipped)
  if (run.remaining === 0) await endRun(ctx, run)
}

/** Makes a node whose needs have ended ready, or ends it as skipped. */
async function openOrSkip(ctx: TxCtx, run: q.RunRow, graph: Graph, node: q.NodeRow): Promise<Ending | undefined> {
  const upstream = await q.listNodes(ctx.db, run.id, graph.needs(node.name))
  const origins = await q.listNodes(
    ctx.db,
    run.id,
    upstream.flatMap(({ refused_by }) => refused_by ?? []),
  )
  const ended = upstream.map((need) => toUpstream(need, origins))
  const verdict = judge(graph.step(node.name), ended, scopeOf(run, upstream))
  const now = ctx.clock.now()
  if (verdict.ready) {
    await q.changeNode(ctx.db, node, ['waiting'], { state: 'ready', ready_at: now })
    return undefined
  }
  const { sentence, refusedBy } = verdict
  await q.changeNode(ctx.db, node, ['waiting'], { state: 'skipped', sentence, refused_by: refusedBy, ended_at: now })
  return { name: node.name, kind: node.kind, state: 'skipped', passed: null, sentence }
}

function toUpstream(node: q.NodeRow, origins: readonly q.NodeRow[]): Upstream {
  const origin = origins.find(({ name }) => name === node.refused_by)
  const state = origin?.state
  const brokenBy = origin && (state === 'failed' || state === 'cancelled') ? { name: origin.name, state } : null
  return {
    name: node.name,
    state: node.state as Upstream['state'],
    passed: node.passed === null ? null : node.passed === 1,
    refusedBy: brokenBy ? null : node.refused_by,
    brokenBy,
  }
}

async function endRun(ctx: TxCtx, run: q.RunRow): Promise<void> {
  const nodes = await q.listNodes(ctx.db, run.id)
  const state = stateOf(run, nodes)
  const sentence = sentenceOf(state, nodes)
  await q.updateRun(ctx.db, run.id, { state, sentence, ended_at: ctx.clock.now() })
  const { id, pipeline } = run
  const [params, trigger] = [paramsOf(run), triggerOf(run)]
  ctx.emit({ type: 'pipelines.run_finished', run: id, pipeline, state, params, trigger, sentence })
  await startQueued(ctx, pipeline)
}

function stateOf(run: q.RunRow, nodes: readonly q.NodeRow[]): RunState {
  if (nodes.some(({ state }) => state === 'cancelled') || run.cancel === 1) return 'cancelled'
  return nodes.some(({ state }) => state === 'failed') ? 'failed' : 'succeeded'
}

function sentenceOf(state: RunState, nodes: readonly q.NodeRow[]): string {
  const inTime = nodes.toSorted((a, b) => (a.ended_at ?? 0) - (b.ended_at ?? 0))
  const say = (node: q.NodeRow): string => `${node.name}: ${node.sentence ?? node.state}`
  if (state === 'cancelled') return 'cancelled'
  if (state === 'failed')
    return inTime
      .filter((node) => node.state === 'failed')
      .map(say)
      .join('; ')
  const refused = inTime.filter(({ passed }) => passed === 0)
  if (refused.length > 0) return refused.map(say).join('; ')
  const cached = nodes.filter((node) => node.state === 'cached').length
  const told = inTime.filter(({ kind, sentence }) => kind !== 'run' && sentence !== null).map(say)
  const counted = `${nodes.length} steps${cached > 0 ? `, ${cached} from the cache` : ''}`
  return [counted, ...told].join('; ')
}

/** Begins queued runs as far as the pipeline allows runs at once. */
export async function startQueued(ctx: TxCtx, pipeline: string): Promise<void> {
  const row = await q.lockPipeline(ctx.db, ctx.project, pipeline)
  if (!row) return
  for (;;) {
    const next = await q.oldestQueued(ctx.db, ctx.project, pipeline)
    if (!next) return
    const { graph } = await getVersion(ctx.db, ctx.project, pipeline, next.version)
    const active = await q.countRuns(ctx.db, ctx.project, pipeline, 'running')
    if (active >= graph.definition.max_active_runs) return
    await beginRun(ctx, next, graph)
  }
}

async function beginRun(ctx: TxCtx, run: q.RunRow, graph: Graph): Promise<void> {
  await q.updateRun(ctx.db, run.id, { state: 'running', sentence: null, started_at: run.started_at ?? ctx.clock.now() })
  const { id, pipeline } = run
  ctx.emit({ type: 'pipelines.run_started', run: id, pipeline, params: paramsOf(run), trigger: triggerOf(run) })
  await openFree(ctx, run, graph)
}

/** Opens every waiting node that waits for nothing. */
async function openFree(ctx: TxCtx, run: q.RunRow, graph: Graph): Promise<void> {
  const skipped: Ending[] = []
  for (const node of await q.listNodes(ctx.db, run.id)) {
    if (node.state !== 'waiting' || node.pending > 0) continue
    const ending = await openOrSkip(ctx, run, graph, node)
    if (ending) skipped.push(ending)
  }
  if (skipped.length > 0) await settle(ctx, run.id, graph, skipped)
}
