import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CommandStep } from '../../../contract/pipeline-definition.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { AttemptOutputs, PipelineHooks } from './hooks.ts'

/** What a node's outputs hold, by name. */
export type StoredOutput =
  | { kind: string; path: string; digest: string; size: number }
  | { kind: string; path: string; digest: string; size: number; tree: number }
  | { kind: 'model'; id: string; digest: string | null; run: string | null }
  | { kind: 'metrics'; values: Record<string, number>; run: string | null }

/** The stored list of a folder's files. */
export interface StoredTree {
  files: { path: string; digest: string; size: number; mode: number }[]
}

/** The step said it was done, but did not leave what it declared. */
export class OutputError extends Error {}

/** Stores what a step left behind; doing it again gives the same. */
export async function collectOutputs(
  ctx: Ctx,
  hooks: PipelineHooks,
  attempt: string,
  step: CommandStep,
  work: string,
): Promise<Record<string, StoredOutput>> {
  const outputs: Record<string, StoredOutput> = {}
  let logged: AttemptOutputs | undefined
  for (const [name, declared] of Object.entries(step.out)) {
    if ('path' in declared) {
      const stored = await storePath(ctx, work, declared.path, declared.kind).catch((error: unknown) => {
        throw error instanceof OutputError ? new OutputError(`out.${name}: ${error.message}`, { cause: error }) : error
      })
      if (stored) outputs[name] = stored
      else if (!declared.optional) throw new OutputError(`out.${name}: the step did not write ${declared.path}`)
      continue
    }
    logged ??= await hooks.attemptOutputs(ctx, attempt)
    const { model, metrics, run } = logged
    if (declared.kind === 'metrics') outputs[name] = { kind: 'metrics', values: metrics, run }
    else if (model) outputs[name] = { kind: 'model', ...model }
    else throw new OutputError(`out.${name}: the step logged no model through MLflow`)
  }
  return outputs
}

async function storePath(ctx: Ctx, work: string, path: string, kind: string): Promise<StoredOutput | undefined> {
  const full = join(work, path)
  const found = await stat(full).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (!found) return undefined
  if (found.isFile()) return { kind, path, ...(await ctx.blobs.put(createReadStream(full))) }
  // Reading a pipe or a device would never end.
  if (!found.isDirectory()) throw new OutputError(`${path} is neither a file nor a folder`)
  const tree: StoredTree = { files: [] }
  for (const file of (await readdir(full, { recursive: true })).toSorted()) {
    const { mode, isFile } = await describe(join(full, file))
    if (!isFile) continue
    tree.files.push({ path: file, mode: mode & 0o777, ...(await ctx.blobs.put(createReadStream(join(full, file)))) })
  }
  const { digest } = await ctx.blobs.putBytes(JSON.stringify(tree))
  const size = tree.files.reduce((sum, file) => sum + file.size, 0)
  return { kind, path, digest, size, tree: tree.files.length }
}

async function describe(path: string): Promise<{ mode: number; isFile: boolean }> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ELOOP') throw error
    throw new OutputError(`${basename(path)} is a link to what is not there, or its name is no UTF-8`, { cause: error })
  })
  return { mode: found.mode, isFile: found.isFile() }
}

/** True if every object that the outputs name is still stored. */
export async function areStored(ctx: Ctx, outputs: Readonly<Record<string, unknown>>): Promise<boolean> {
  for (const value of Object.values(outputs) as StoredOutput[]) {
    if ('path' in value && !(await ctx.blobs.has(value.digest))) return false
  }
  return true
}
