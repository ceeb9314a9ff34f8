import type { Readable } from 'node:stream'
import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { newId } from '../../platform/ids.ts'
import { forgetOwner, listFiles, putArtifact, putTree, treeUri, type FileEntry } from '../artifacts/module.ts'
import { getLoggedModelRow } from '../experiments/module.ts'
import type { Tag } from './models.ts'
import * as q from './queries/exports.ts'
import { assertModelName } from './rules.ts'
import { createVersion, registerTree, type Version } from './versions.ts'

export async function createUpload(ctx: Ctx, name: string): Promise<string> {
  assertModelName(name)
  const now = ctx.clock.now()
  const id = newId('up', now)
  await q.insertUpload(ctx.db, { id, project_id: ctx.project, model: name, created_at: now })
  return id
}

async function getUpload(ctx: Ctx, id: string): Promise<{ id: string; model: string }> {
  const upload = await q.findUpload(ctx.db, id)
  if (!upload) throw new MainstayError('artifacts.not_found', `there is no open upload ${id.slice(0, 80)}`)
  return upload
}

export async function uploadFile(ctx: Ctx, id: string, path: string, body: Readable): Promise<FileEntry> {
  const upload = await getUpload(ctx, id)
  return await putArtifact(ctx, `upload:${upload.id}`, path, body)
}

export interface Registration {
  name: string
  upload?: string | undefined
  logged_model?: string | undefined
  description: string
  tags: readonly Tag[]
}

/** Registers what was uploaded, or a logged model; an upload is used up by it. */
export async function registerVersion(ctx: Ctx, input: Registration): Promise<Version> {
  const { name, description, tags } = input
  if (input.logged_model !== undefined) {
    const model = await getLoggedModelRow(ctx.db, input.logged_model)
    return await createVersion(ctx, {
      name,
      description,
      tags,
      source: `models:/${model.model_id}`,
      modelId: model.model_id,
      makeModel: true,
    })
  }
  if (input.upload === undefined) throw new MainstayError('request.invalid', 'name an upload or a logged_model')
  const upload = await getUpload(ctx, input.upload)
  if (upload.model !== name) throw new MainstayError('request.invalid', `the upload was opened for ${upload.model}`)
  const files = await listFiles(ctx.db, `upload:${upload.id}`)
  if (files.length === 0) throw new MainstayError('request.invalid', 'the upload holds no file')
  const tree = await putTree(ctx, files)
  const version = await registerTree(ctx, { name, description, tags, makeModel: true }, tree, treeUri(tree))
  await q.deleteUpload(ctx.db, upload.id)
  await forgetOwner(ctx.db, `upload:${upload.id}`)
  return version
}
