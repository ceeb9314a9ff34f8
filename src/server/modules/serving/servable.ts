import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MainstayError } from '../../../contract/errors.ts'
import type { Signature } from '../../../contract/signature.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { findExport, getVersion } from '../registry/module.ts'
import * as q from './queries/endpoints.ts'

/** What a data plane needs of a version. */
export interface Servable {
  onnxDigest: string
  signature: Signature
  /** Frozen reference columns of its training data; null when the training run logged none. */
  referenceDigest: string | null
}

/** Undefined while the version cannot be served. */
export async function findServable(ctx: Ctx, model: string, version: number): Promise<Servable | undefined> {
  const row = await getVersion(ctx, model, version)
  const exported = row.tree === null ? undefined : await findExport(ctx.db, row.tree)
  if (row.status !== 'READY' || exported?.state !== 'ready' || exported.onnx === null || exported.signature === null)
    return undefined
  return {
    onnxDigest: exported.onnx,
    signature: exported.signature,
    referenceDigest: (await q.findReference(ctx.db, model, version)) ?? null,
  }
}

/** The same, or the reason why not. */
export async function getServable(ctx: Ctx, model: string, version: number): Promise<Servable> {
  const found = await findServable(ctx, model, version)
  if (found) return found
  const row = await getVersion(ctx, model, version)
  if (row.status !== 'READY') {
    throw new MainstayError(
      'registry.version_not_ready',
      `${model} version ${version} is ${row.status}${row.status_message === '' ? '' : `: ${row.status_message}`}`,
    )
  }
  const exported = row.tree === null ? undefined : await findExport(ctx.db, row.tree)
  throw new MainstayError(
    'serving.no_onnx',
    `${model} version ${version} cannot be served: ${exported?.reason ?? 'its files are not on this server'}`,
  )
}

export const temporaryFolder = async (
  home: string,
  prefix: string,
): Promise<{ path: string; remove(): Promise<void> }> => {
  await mkdir(join(home, 'tmp'), { recursive: true })
  const path = await mkdtemp(join(home, 'tmp', prefix))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
