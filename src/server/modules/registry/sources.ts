import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import {
  addressOf,
  findFile,
  isProxied,
  listFiles,
  proxiedPath,
  putTree,
  treeUri,
  type FileEntry,
} from '../artifacts/module.ts'
import { loggedModelsOfRun, getLoggedModelRow, getRunRow } from '../experiments/module.ts'
import { findAlias, findModel } from './queries/models.ts'
import { findVersionRow, newestVersion, type VersionRow } from './queries/versions.ts'

export interface SourceClaim {
  source: string
  runId: string
  modelId: string
}

/** Where a version's files come from, resolved and checked. */
export interface Source {
  runId: string
  modelId: string | null
  /** Frozen tree; null if the files lie outside of this server. */
  tree: string | null
  storageUri: string
}

function refuse({ source }: SourceClaim, what: string): MainstayError {
  return new MainstayError(
    'registry.invalid_source',
    `Invalid model version source: '${source.slice(0, 500)}'. ${what}`,
  )
}

/**
 * A version's source must belong to the run or logged model that is named beside it, so that nobody can make the
 * server hand out files that the caller may not name. Sources on other stores are taken as they are.
 */
export async function resolveSource(ctx: Ctx, claim: SourceClaim): Promise<Source> {
  const { source } = claim
  if (/^models:/i.test(source)) return await ofModels(ctx, claim)
  if (/^runs:/i.test(source)) return await ofRun(ctx, claim)
  if (isProxied(source)) return await ofProxy(ctx, claim)
  if (/^file:/i.test(source) || !/^[a-z][a-z0-9+.-]*:/i.test(source)) return await ofLocalPath(ctx, claim)
  if (/(^|\/)\.\.(\/|$)/.test(decodeAll(source))) throw refuse(claim, 'It holds “..”.')
  return { runId: claim.runId, modelId: claim.modelId === '' ? null : claim.modelId, tree: null, storageUri: source }
}

function decodeAll(text: string): string {
  let decoded = text
  for (let i = 0; i < 4; i += 1)
    decoded = decoded.replace(/%2e/gi, '.').replace(/%2f/gi, '/').replace(/%5c/gi, '\\').replace(/%25/g, '%')
  return decoded.replaceAll('\\', '/')
}

async function ofModels(ctx: Ctx, claim: SourceClaim): Promise<Source> {
  const id = /^models:\/+(m-[0-9a-f]{32})\/?$/.exec(claim.source)?.[1]
  if (id !== undefined) {
    if (claim.modelId !== '' && claim.modelId !== id)
      throw refuse(claim, 'It is not the logged model named by model_id.')
    return await ofLoggedModel(ctx, claim, id)
  }
  const version = await findNamed(ctx, claim)
  return {
    runId: claim.runId === '' ? version.run_id : claim.runId,
    modelId: version.logged_model,
    tree: version.tree,
    storageUri: version.storage_uri,
  }
}

async function ofLoggedModel(ctx: Ctx, claim: SourceClaim, id: string): Promise<Source> {
  const model = await getLoggedModelRow(ctx.db, id)
  if (claim.runId !== '' && model.source_run !== null && claim.runId !== model.source_run) {
    throw refuse(claim, 'The logged model comes from another run than run_id.')
  }
  const tree =
    model.tree ?? (isProxied(model.artifact_uri) ? await putTree(ctx, await listFiles(ctx.db, `model:${id}`)) : null)
  return {
    runId: claim.runId === '' ? (model.source_run ?? '') : claim.runId,
    modelId: id,
    tree,
    storageUri: model.artifact_uri,
  }
}

/** `models:/name/3`, `models:/name@alias` and `models:/name/latest`: a copy of a registered version. */
async function findNamed(ctx: Ctx, claim: SourceClaim): Promise<VersionRow> {
  const [, name = '', sign = '', ref = ''] = /^models:\/+([^/@]+)([/@])([^/@]+)\/?$/.exec(claim.source) ?? []
  const model = await findModel(ctx.db, ctx.project, name)
  if (!model) throw refuse(claim, 'There is no such registered model.')
  const latest = sign === '/' && ref.toLowerCase() === 'latest'
  const number = latest
    ? await newestVersion(ctx.db, model.id)
    : sign === '/'
      ? Number(ref)
      : await findAlias(ctx.db, model.id, ref)
  const row =
    number === undefined || !Number.isInteger(number) ? undefined : await findVersionRow(ctx.db, model.id, number)
  if (!row) throw refuse(claim, 'There is no such model version.')
  return row
}

async function ofRun(ctx: Ctx, claim: SourceClaim): Promise<Source> {
  const [, runId = '', path = ''] = /^runs:\/+([0-9a-f]{32})\/?(.*)$/s.exec(claim.source) ?? []
  if (runId === '' || (claim.runId !== '' && claim.runId !== runId))
    throw refuse(claim, 'It does not belong to the run named by run_id.')
  if (claim.runId === '' && claim.modelId === '') throw refuse(claim, 'Name the run as run_id.')
  return await ofFolder(ctx, claim, runId, path.replace(/\/+$/, ''))
}

async function ofProxy(ctx: Ctx, claim: SourceClaim): Promise<Source> {
  const path = proxiedPath(claim.source)
  if (/(^|\/)\.\.?(\/|$)/.test(decodeAll(path))) throw refuse(claim, 'It holds “..”.')
  const address = addressOf(path)
  if (address.kind === 'owner' && claim.modelId !== '' && address.owner === `model:${claim.modelId}`) {
    return await ofLoggedModel(ctx, claim, claim.modelId)
  }
  if (address.kind !== 'owner' || claim.runId === '' || address.owner !== `run:${claim.runId}`) {
    throw refuse(
      claim,
      'It is not contained in the artifacts of the run named by run_id, or of the model named by model_id.',
    )
  }
  return await ofFolder(ctx, claim, claim.runId, address.path)
}

/** A folder (or one file) among a run's artifacts; in MLflow 3 it may be the name of a logged model of the run. */
async function ofFolder(ctx: Ctx, claim: SourceClaim, runId: string, path: string): Promise<Source> {
  const run = await getRunRow(ctx.db, runId)
  const files = await filesOf(ctx, `run:${runId}`, path)
  if (files.length > 0) {
    const tree = await putTree(ctx, files)
    return { runId, modelId: claim.modelId === '' ? null : claim.modelId, tree, storageUri: treeUri(tree) }
  }
  const model = (await loggedModelsOfRun(ctx.db, runId)).findLast((candidate) => candidate.name === path)
  if (model) return await ofLoggedModel(ctx, { ...claim, runId }, model.model_id)
  return { runId, modelId: null, tree: null, storageUri: `${run.artifact_uri}${path === '' ? '' : `/${path}`}` }
}

async function filesOf(ctx: Ctx, owner: string, path: string): Promise<FileEntry[]> {
  const file = path === '' ? undefined : await findFile(ctx.db, owner, path)
  if (file) return [{ ...file, path: file.path.split('/').at(-1) ?? file.path }]
  return await listFiles(ctx.db, owner, path)
}

/** Files on this machine's disk are named, never read: they must lie in the folder of the run or model beside them. */
async function ofLocalPath(ctx: Ctx, claim: SourceClaim): Promise<Source> {
  const local = (uri: string): string | undefined => {
    if (/^file:/i.test(uri)) return decodeAll(uri.replace(/^file:(\/\/[^/]*)?/i, ''))
    return /^[a-z][a-z0-9+.-]*:/i.test(uri) ? undefined : decodeAll(uri)
  }
  const path = local(claim.source) ?? ''
  const root =
    claim.modelId !== ''
      ? local((await getLoggedModelRow(ctx.db, claim.modelId)).artifact_uri)
      : claim.runId === ''
        ? undefined
        : local((await getRunRow(ctx.db, claim.runId)).artifact_uri)
  const inside = root !== undefined && (path === root || path.startsWith(`${root}/`)) && !path.split('/').includes('..')
  if (!inside) {
    throw refuse(
      claim,
      'To use a local path as a model version source, run_id or model_id has to be given and the local path has to be contained within its artifact directory.',
    )
  }
  return {
    runId: claim.runId,
    modelId: claim.modelId === '' ? null : claim.modelId,
    tree: null,
    storageUri: claim.source,
  }
}
