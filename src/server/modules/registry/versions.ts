import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { newId } from '../../platform/ids.ts'
import { findFile } from '../artifacts/module.ts'
import { audit } from '../audit/module.ts'
import { parseFilter, parseOrders, type SearchPage, noteRegistration } from '../experiments/module.ts'
import { requestExport } from './exports.ts'
import { assertFree } from './holds.ts'
import { getModelRow, insertModel, type SearchQuery, type Tag } from './models.ts'
import { replaceHolds } from './queries/holds.ts'
import { deleteAliasesOf, takeVersionNumber } from './queries/models.ts'
import { searchVersionRows } from './queries/search.ts'
import * as q from './queries/versions.ts'
import { assertDescription, assertModelName, assertTagKey, stageOf } from './rules.ts'
import { resolveSource, type Source } from './sources.ts'
import type { VersionStatus } from './tables.ts'

export type { Version } from './queries/versions.ts'

export async function getVersionRow(ctx: Ctx, name: string, version: number): Promise<q.VersionRow> {
  const model = await getModelRow(ctx, name)
  const row = await q.findVersionRow(ctx.db, model.id, version)
  if (!row)
    throw new MainstayError('registry.version_not_found', `Model Version (name=${name}, version=${version}) not found`)
  return row
}

export async function getVersion(ctx: Ctx, name: string, version: number): Promise<q.Version> {
  const [found] = await q.withVersionDetails(ctx.db, [await getVersionRow(ctx, name, version)])
  if (!found)
    throw new MainstayError('registry.version_not_found', `Model Version (name=${name}, version=${version}) not found`)
  return found
}

export interface NewVersion {
  name: string
  source: string
  runId?: string | undefined
  modelId?: string | undefined
  runLink?: string | undefined
  description?: string | undefined
  tags?: readonly Tag[] | undefined
  /** Make the registered model if there is none of this name. */
  makeModel?: boolean
}

const isPrompt = (tags: readonly Tag[]): boolean =>
  tags.some(({ key, value }) => key === 'mlflow.prompt.is_prompt' && value === 'true')

/**
 * Registers a version. Its files are frozen as a tree first; it is READY when their export to ONNX has ended
 * (at once, if the same tree was exported before), and waits as PENDING_REGISTRATION until then.
 */
export async function createVersion(ctx: Ctx, input: NewVersion): Promise<q.Version> {
  assertModelName(input.name)
  const tags = input.tags ?? []
  for (const { key, value } of tags) assertTagKey(key, value)
  assertDescription(input.description ?? '')
  const claim = { source: input.source, runId: input.runId ?? '', modelId: input.modelId ?? '' }
  const source = isPrompt(tags)
    ? { runId: claim.runId, modelId: null, tree: null, storageUri: claim.source }
    : await resolveSource(ctx, claim)
  return await register(ctx, input, source)
}

/** Registers files that are a tree of this server already. */
export async function registerTree(
  ctx: Ctx,
  input: Omit<NewVersion, 'source'>,
  tree: string,
  storageUri: string,
): Promise<q.Version> {
  return await register(ctx, { ...input, source: storageUri }, { runId: '', modelId: null, tree, storageUri })
}

async function register(ctx: Ctx, input: NewVersion, source: Source): Promise<q.Version> {
  const reference = source.runId === '' ? undefined : await findReference(ctx, source.runId)
  return await ctx.tx(async (ctx) => {
    if (input.makeModel === true) await insertModel(ctx, { name: input.name })
    const model = await getModelRow(ctx, input.name)
    const now = ctx.clock.now()
    const outcome = source.tree === null ? elsewhere : await requestExport(ctx, source.tree).then(outcomeOf)
    const row: q.VersionRow = {
      id: newId('mv', now),
      project_id: ctx.project,
      model: model.id,
      version: await takeVersionNumber(ctx.db, model.id, now),
      status: outcome.status,
      status_message: outcome.message,
      stage: 'None',
      description: input.description ?? '',
      user_name: ctx.actor.name,
      source: input.source,
      storage_uri: source.storageUri,
      run_id: source.runId,
      run_link: input.runLink ?? '',
      logged_model: source.modelId,
      source_attempt: ctx.actor.attempt ?? null,
      tree: source.tree,
      reference_digest: reference?.digest ?? null,
      reference_format: reference?.format ?? null,
      created_at: now,
      updated_at: now,
      deleted_at: null,
    }
    await q.insertVersion(ctx.db, row)
    for (const tag of input.tags ?? []) await q.upsertVersionTag(ctx.db, row.id, tag)
    if (source.modelId !== null) await noteRegistration(ctx, source.modelId, input.name, row.version)
    await audit(ctx, 'registry.version_created', `${input.name}/${row.version}`, { source: input.source })
    announceCreated(ctx, input.name, row)
    announceEnd(ctx, input.name, row, outcome)
    return await getVersion(ctx, input.name, row.version)
  })
}

interface Outcome {
  status: VersionStatus
  message: string
  deployable: boolean
}

const elsewhere: Outcome = { status: 'READY', message: '', deployable: false }

/** What the state of an export means for the versions that wait for it. */
function outcomeOf(found: { state: string; reason: string | null }): Outcome {
  switch (found.state) {
    case 'pending':
      return { status: 'PENDING_REGISTRATION', message: 'exporting to ONNX', deployable: false }
    case 'failed':
      return { status: 'FAILED_REGISTRATION', message: found.reason ?? 'the export to ONNX failed', deployable: false }
    case 'not_exportable':
      return { status: 'READY', message: `not deployable: ${found.reason ?? 'it has no ONNX form'}`, deployable: false }
    default:
      return { status: 'READY', message: '', deployable: true }
  }
}

function announceCreated(ctx: TxCtx, model: string, row: q.VersionRow): void {
  ctx.emit({
    type: 'registry.version_created',
    model,
    version: row.version,
    version_id: row.id,
    attempt: row.source_attempt,
  })
}

function announceEnd(ctx: TxCtx, model: string, row: q.VersionRow, outcome: Outcome): void {
  const fact = { model, version: row.version, version_id: row.id, attempt: row.source_attempt }
  if (outcome.status === 'READY') ctx.emit({ type: 'registry.version_ready', ...fact, deployable: outcome.deployable })
  if (outcome.status === 'FAILED_REGISTRATION')
    ctx.emit({ type: 'registry.version_failed', ...fact, reason: outcome.message })
}

/** Ends the waiting of every version of a tree, in the transaction that ends its export. */
export async function settleVersions(
  ctx: TxCtx,
  tree: string,
  found: { state: string; reason: string | null },
): Promise<void> {
  const outcome = outcomeOf(found)
  const waiting = await q.withVersionDetails(ctx.db, await q.listWaiting(ctx.db, tree))
  for (const version of waiting) {
    await q.updateVersion(ctx.db, version.id, {
      status: outcome.status,
      status_message: outcome.message,
      updated_at: ctx.clock.now(),
    })
    announceEnd(ctx, version.name, version, outcome)
  }
}

/** Training rows that a run logged as mainstay/reference.csv or .parquet. */
async function findReference(
  ctx: Ctx,
  runId: string,
): Promise<{ digest: string; format: 'csv' | 'parquet' } | undefined> {
  for (const format of ['parquet', 'csv'] as const) {
    const file = await findFile(ctx.db, `run:${runId}`, `mainstay/reference.${format}`)
    if (file) return { digest: file.digest, format }
  }
  return undefined
}

export function updateVersion(ctx: Ctx, name: string, version: number, description: string): Promise<q.Version> {
  return ctx.tx(async (ctx) => {
    const row = await getVersionRow(ctx, name, version)
    assertDescription(description)
    await q.updateVersion(ctx.db, row.id, { description, updated_at: ctx.clock.now() })
    return await getVersion(ctx, name, version)
  })
}

/** Sets what a holder (`endpoint bikes`) needs to stay, instead of what it held before. */
export async function holdVersions(
  ctx: TxCtx,
  holder: string,
  versions: readonly { model: string; version: number }[],
): Promise<void> {
  const rows = await Promise.all(versions.map(({ model, version }) => getVersionRow(ctx, model, version)))
  await replaceHolds(ctx.db, holder, [...new Set(rows.map(({ id }) => id))])
}

/** Deletes a version that nobody holds: its number is never given again, its aliases are gone. */
export function deleteVersion(ctx: Ctx, name: string, version: number): Promise<void> {
  return ctx.tx(async (ctx) => {
    const row = await getVersionRow(ctx, name, version)
    await assertFree(ctx, { id: row.model, name }, version)
    await q.updateVersion(ctx.db, row.id, { deleted_at: ctx.clock.now() })
    await deleteAliasesOf(ctx.db, row.model, version)
    await audit(ctx, 'registry.version_deleted', `${name}/${version}`)
  })
}

export function setVersionTag(ctx: Ctx, name: string, version: number, tag: Tag): Promise<void> {
  assertTagKey(tag.key, tag.value)
  return ctx.tx(async (ctx) => {
    const row = await getVersionRow(ctx, name, version)
    await q.upsertVersionTag(ctx.db, row.id, tag)
  })
}

export function deleteVersionTag(ctx: Ctx, name: string, version: number, key: string): Promise<void> {
  return ctx.tx(async (ctx) => {
    const row = await getVersionRow(ctx, name, version)
    await q.deleteVersionTag(ctx.db, row.id, key)
  })
}

export function transitionStage(
  ctx: Ctx,
  name: string,
  version: number,
  to: string,
  archive: boolean,
): Promise<q.Version> {
  const stage = stageOf(to)
  if (archive && (stage === 'None' || stage === 'Archived')) {
    throw new MainstayError(
      'request.invalid',
      `Model version transition cannot archive existing model versions because '${stage}' is not an active stage.`,
    )
  }
  return ctx.tx(async (ctx) => {
    const row = await getVersionRow(ctx, name, version)
    const now = ctx.clock.now()
    if (archive) await q.moveStage(ctx.db, row.model, stage, 'Archived', version, now)
    await q.updateVersion(ctx.db, row.id, { stage, updated_at: now })
    await audit(ctx, 'registry.stage_changed', `${name}/${version}`, { from: row.stage, to: stage })
    return await getVersion(ctx, name, version)
  })
}

/** The newest version of each stage that is asked for, or of all. */
export async function latestVersions(ctx: Ctx, name: string, stages: readonly string[]): Promise<q.Version[]> {
  const wanted = new Set(stages.map(stageOf))
  const model = await getModelRow(ctx, name)
  const rows = await q.newestByStage(ctx.db, [model.id])
  return await q.withVersionDetails(
    ctx.db,
    rows.filter((row) => wanted.size === 0 || wanted.has(row.stage)),
  )
}

export async function searchVersions(ctx: Ctx, query: SearchQuery): Promise<SearchPage<q.Version>> {
  const page = await searchVersionRows(ctx.db, ctx.dialect, {
    project: ctx.project,
    filter: parseFilter(query.filter),
    orders: parseOrders(query.orderBy),
    limit: query.limit,
    after: query.after,
  })
  return { ...page, items: await q.withVersionDetails(ctx.db, page.items) }
}
