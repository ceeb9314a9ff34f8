import type * as api from '../../../contract/registry.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { fromPageToken, toPage } from '../../platform/db/paging.ts'
import { getRunMetrics } from '../experiments/module.ts'
import { toGate } from './exports.ts'
import { getModelRow, searchModels, type Model } from './models.ts'
import { listExports, type ModelExport } from './queries/exports.ts'
import { listGates, listVersionRows, newestVersion, withVersionDetails, type Version } from './queries/versions.ts'

export async function showModels(
  ctx: Ctx,
  limit: number,
  after: string | undefined,
): Promise<{ items: api.RegisteredModel[]; next?: string }> {
  const page = await searchModels(ctx, { filter: `tags."mlflow.prompt.is_prompt" != 'true'`, limit, after })
  return { ...page, items: await Promise.all(page.items.map((model) => showModel(ctx, model))) }
}

export async function showModel(ctx: Ctx, model: Model): Promise<api.RegisteredModel> {
  return {
    name: model.name,
    description: model.description,
    tags: model.tags,
    aliases: model.aliases,
    newest_version: (await newestVersion(ctx.db, model.id)) ?? null,
    created_at: model.created_at,
    updated_at: model.updated_at,
  }
}

export async function showVersionsOf(
  ctx: Ctx,
  name: string,
  limit: number,
  after: string | undefined,
): Promise<{ items: api.ModelVersion[]; next?: string }> {
  const model = await getModelRow(ctx, name)
  const before = after === undefined ? undefined : Number(fromPageToken(after)[0])
  const page = toPage(await listVersionRows(ctx.db, model.id, before, limit + 1), limit, (row) => [row.version])
  return { ...page, items: await showVersions(ctx, await withVersionDetails(ctx.db, page.items)) }
}

/** Versions with their run's metrics, gates and ONNX state. */
export async function showVersions(ctx: Ctx, versions: readonly Version[]): Promise<api.ModelVersion[]> {
  const trees = versions.map((version) => version.tree).filter((tree) => tree !== null)
  const exports = new Map((await listExports(ctx.db, trees)).map((found) => [found.tree, found]))
  const gates = await listGates(
    ctx.db,
    versions.map((version) => version.id),
  )
  return await Promise.all(
    versions.map(async (version) => ({
      id: version.id,
      model: version.name,
      version: version.version,
      status: version.status,
      status_message: version.status_message,
      description: version.description,
      aliases: version.aliases,
      tags: version.tags,
      source: version.source,
      run: version.run_id === '' ? null : version.run_id,
      logged_model: version.logged_model,
      attempt: version.source_attempt,
      tree: version.tree,
      reference_digest: version.reference_digest,
      run_metrics: await metricsOf(ctx, version.run_id),
      gates: gates.filter((gate) => gate.version === version.id).map(toGate),
      onnx: showExport(version.tree === null ? undefined : exports.get(version.tree)),
      created_at: version.created_at,
    })),
  )
}

async function metricsOf(ctx: Ctx, runId: string): Promise<api.ModelVersion['run_metrics']> {
  if (runId === '') return []
  const points = await getRunMetrics(ctx.db, runId)
  return points.map(({ key, value, timestamp, step }) => ({
    key,
    value: Number.isFinite(value) ? value : null,
    timestamp,
    step,
  }))
}

function showExport(found: ModelExport | undefined): api.OnnxState {
  if (!found)
    return {
      state: 'none',
      digest: null,
      signature: null,
      difference: null,
      reason: 'the files lie outside of this server',
    }
  return {
    state: found.state,
    digest: found.onnx,
    signature: found.signature,
    difference: found.difference,
    reason: found.reason,
  }
}
