import { MainstayError } from '../../../contract/errors.ts'
import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type * as api from '../../../contract/pipelines.ts'
import type { PipelineAttempt, PipelineNode, PipelineSummary } from '../../../contract/pipelines.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { fromPageToken, toPage } from '../../platform/db/paging.ts'
import { compareFields } from './cache-key.ts'
import type { StoredWhy } from './command.ts'
import type { Graph } from './graph.ts'
import * as q from './queries/runs.ts'
import * as t from './queries/triggers.ts'
import { outputsOf } from './scope.ts'
import { toRun } from './start.ts'
import { getVersion } from './versions.ts'

const shownRuns = 20

export async function listPipelines(ctx: Ctx): Promise<Output<typeof api.listPipelines>> {
  const rows = await q.listPipelines(ctx.db, ctx.project)
  return { items: await Promise.all(rows.map((row) => summarize(ctx, row))) }
}

async function summarize(ctx: Ctx, row: q.PipelineRow): Promise<PipelineSummary> {
  const { graph } = await getVersion(ctx.db, ctx.project, row.name, row.version)
  const [last] = await q.newestRuns(ctx.db, ctx.project, onlyOf(row.name), 1)
  const fires = (await t.listTriggers(ctx.db, ctx.project, row.name)).flatMap(({ next_at }) => next_at ?? [])
  return {
    name: row.name,
    version: row.version,
    steps: graph.names.length,
    updated_at: row.updated_at,
    next_fire_at: fires.length === 0 ? null : Math.min(...fires),
    last_run: last ? toRun(last) : null,
  }
}

const onlyOf = (pipeline: string): q.RunFilter => ({ pipeline, state: undefined, before: undefined })

export async function getPipeline(
  ctx: Ctx,
  { name }: Parsed<typeof api.getPipeline>,
): Promise<Output<typeof api.getPipeline>> {
  const row = await q.findPipeline(ctx.db, ctx.project, name)
  if (!row) throw new MainstayError('pipelines.not_found', `there is no pipeline ${name}`)
  const { graph, code } = await getVersion(ctx.db, ctx.project, name, row.version)
  const runs = await q.newestRuns(ctx.db, ctx.project, onlyOf(name), shownRuns)
  const triggers = await t.listTriggers(ctx.db, ctx.project, name)
  return {
    ...(await summarize(ctx, row)),
    definition: graph.definition,
    edges: edgesOf(graph),
    triggers: triggers.map(({ id, trigger, next_at }) => ({
      id,
      trigger: JSON.parse(trigger) as Record<string, unknown>,
      next_at,
    })),
    code: [...code],
    runs: runs.map(toRun),
  }
}

const edgesOf = (graph: Graph): { from: string; to: string }[] =>
  graph.names.flatMap((to) => graph.needs(to).map((from) => ({ from, to })))

export async function listRuns(ctx: Ctx, input: Parsed<typeof api.listRuns>): Promise<Output<typeof api.listRuns>> {
  const before = input.after === undefined ? undefined : String(fromPageToken(input.after)[0])
  const filter = { pipeline: input.pipeline, state: input.state, before }
  const rows = await q.newestRuns(ctx.db, ctx.project, filter, input.limit + 1)
  const page = toPage(rows, input.limit, (row) => [row.id])
  return { ...page, items: page.items.map(toRun) }
}

async function getRunRow(ctx: Ctx, id: string): Promise<q.RunRow> {
  const run = await q.findRun(ctx.db, id)
  if (!run || run.project_id !== ctx.project)
    throw new MainstayError('pipelines.run_not_found', `there is no run ${id}`)
  return run
}

export async function getNodeRow(ctx: Ctx, run: string, node: string): Promise<q.NodeRow> {
  await getRunRow(ctx, run)
  const row = await q.findNode(ctx.db, run, node)
  if (!row) throw new MainstayError('pipelines.node_not_found', `the run ${run} has no step ${node}`)
  return row
}

const toAttempt = (row: q.AttemptRow): PipelineAttempt => ({
  id: row.id,
  number: row.fence,
  state: row.state,
  reason: row.reason,
  exit_code: row.exit_code,
  pid: row.pid,
  started_at: row.started_at,
  ended_at: row.ended_at,
})

const toNode = (row: q.NodeRow, graph: Graph, attempts: readonly q.AttemptRow[]): PipelineNode => ({
  name: row.name,
  kind: row.kind,
  state: row.state,
  needs: [...graph.needs(row.name)],
  passed: row.passed === null ? null : row.passed === 1,
  sentence: row.sentence,
  outputs: outputsOf(row),
  ready_at: row.ready_at,
  started_at: row.started_at,
  ended_at: row.ended_at,
  attempts: attempts.filter(({ node }) => node === row.name).map(toAttempt),
})

export async function getRun(ctx: Ctx, input: Parsed<typeof api.getRun>): Promise<Output<typeof api.getRun>> {
  const run = await getRunRow(ctx, input.run)
  const { graph } = await getVersion(ctx.db, run.project_id, run.pipeline, run.version)
  const rows = new Map((await q.listNodes(ctx.db, run.id)).map((row) => [row.name, row]))
  const attempts = await q.listAttempts(ctx.db, run.id)
  const nodes = graph.names.flatMap((name) => rows.get(name) ?? []).map((row) => toNode(row, graph, attempts))
  return { ...toRun(run), nodes, edges: edgesOf(graph) }
}

/** Where a run or logged model came from that names this attempt. */
export async function getAttempt(
  ctx: Ctx,
  { attempt: id }: Parsed<typeof api.getAttempt>,
): Promise<Output<typeof api.getAttempt>> {
  const attempt = await q.findAttempt(ctx.db, id)
  const run = attempt && (await q.findRun(ctx.db, attempt.run_id))
  if (!run || run.project_id !== ctx.project)
    throw new MainstayError('pipelines.attempt_not_found', `no step of a pipeline made the attempt ${id}`)
  return { attempt: id, number: attempt.fence, node: attempt.node, run: run.id, pipeline: run.pipeline }
}

/** Explains one step of a run: the cache field by field, or what it waits for. */
export async function why(ctx: Ctx, input: Parsed<typeof api.why>): Promise<Output<typeof api.why>> {
  const row = await getNodeRow(ctx, input.run, input.node)
  const stored = row.why === null ? undefined : (JSON.parse(row.why) as StoredWhy)
  const base = { run: row.run_id, node: row.name, key: null, compared_with: null, fields: [] }
  if (stored) {
    const { verdict, sentence, key, fields, before, compared } = stored
    return {
      ...base,
      verdict,
      sentence,
      key,
      compared_with: compared,
      fields: compareFields(fields, before ?? undefined),
    }
  }
  if (row.state === 'skipped') return { ...base, verdict: 'skipped', sentence: row.sentence ?? 'skipped' }
  if (row.state === 'waiting' || row.state === 'ready')
    return { ...base, verdict: 'waiting', sentence: await waitSentence(ctx, row) }
  const sentence =
    row.kind === 'run' ? 'a step without declared outputs is run every time' : 'a platform step is done every time'
  return { ...base, verdict: 'off', sentence }
}

async function waitSentence(ctx: Ctx, row: q.NodeRow): Promise<string> {
  const run = await getRunRow(ctx, row.run_id)
  if (run.state === 'queued') return run.sentence ?? 'the run is queued'
  if (row.backoff_ms > 0) return row.sentence ?? 'pauses before it is tried again'
  if (row.state === 'ready') return 'waits for a free place on this machine (MAINSTAY_STEP_CONCURRENCY)'
  const { graph } = await getVersion(ctx.db, run.project_id, run.pipeline, run.version)
  const open = (await q.listNodes(ctx.db, run.id, graph.needs(row.name))).filter(({ ended_at }) => ended_at === null)
  return `waits for ${open.map(({ name, state }) => `${name} (${state})`).join(', ')}`
}
