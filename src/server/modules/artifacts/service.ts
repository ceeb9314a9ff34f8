import type { Readable } from 'node:stream'
import { z } from 'zod'
import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import * as q from './queries.ts'
import { assertPath } from './rules.ts'

export interface FileEntry {
  path: string
  digest: string
  size: number
}

export interface FolderEntry {
  path: string
  isFolder: boolean
  size: number
}

/**
 * Streams bytes into the store and names them under an owner. A run's file may be replaced;
 * a frozen owner's may not.
 */
export async function putArtifact(ctx: Ctx, owner: string, path: string, source: Readable): Promise<FileEntry> {
  assertPath(path)
  await assertThawed(ctx.db, owner)
  await assertFits(ctx.db, owner, path)
  const { digest, size } = await ctx.blobs.put(source)
  await ctx.tx(async (ctx) => {
    await assertThawed(ctx.db, owner)
    await q.upsertArtifact(ctx.db, {
      owner,
      project_id: ctx.project,
      path,
      digest,
      size,
      updated_at: ctx.clock.now(),
    })
  })
  return { path, digest, size }
}

async function assertThawed(db: Db, owner: string): Promise<void> {
  if ((await q.findFreeze(db, owner)) !== undefined) {
    throw new MainstayError('artifacts.frozen', `the files of ${owner} are frozen`)
  }
}

/** One name cannot be a file and a folder at once. */
async function assertFits(db: Db, owner: string, path: string): Promise<void> {
  const names = path.split('/')
  for (let i = 1; i < names.length; i += 1) {
    const above = names.slice(0, i).join('/')
    if (await q.findArtifact(db, owner, above)) {
      throw new MainstayError('request.invalid', `Invalid path: ${above} is a file, not a folder`)
    }
  }
  if ((await q.listBelow(db, owner, path)).length > 0) {
    throw new MainstayError('request.invalid', `Invalid path: ${path} is a folder`)
  }
}

export async function findFile(db: Db, owner: string, path: string): Promise<FileEntry | undefined> {
  const row = await q.findArtifact(db, owner, path)
  return row && { path: row.path, digest: row.digest, size: row.size }
}

export async function getFile(db: Db, owner: string, path: string): Promise<FileEntry> {
  const file = await findFile(db, owner, assertPath(path))
  if (!file) throw new MainstayError('artifacts.not_found', `${path.slice(0, 200)} does not exist`)
  return file
}

/** What a folder holds, one level deep, by name. A file or an unknown path holds nothing. */
export async function listFolder(db: Db, owner: string, folder: string): Promise<FolderEntry[]> {
  return levelOf(await q.listBelow(db, owner, folder === '' ? '' : assertPath(folder)), folder)
}

/** Cuts sorted files below a folder down to one level. */
export function levelOf(files: readonly { path: string; size: number }[], folder: string): FolderEntry[] {
  const from = folder === '' ? 0 : folder.length + 1
  const level = new Map<string, FolderEntry>()
  for (const file of files) {
    const slash = file.path.indexOf('/', from)
    const path = slash === -1 ? file.path : file.path.slice(0, slash)
    if (!level.has(path)) level.set(path, { path, isFolder: slash !== -1, size: slash === -1 ? file.size : 0 })
  }
  return [...level.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** Every file of an owner below a folder, with paths relative to that folder. */
export async function listFiles(db: Db, owner: string, folder = ''): Promise<FileEntry[]> {
  const rows = await q.listBelow(db, owner, folder)
  const from = folder === '' ? 0 : folder.length + 1
  return rows.map((row) => ({ path: row.path.slice(from), digest: row.digest, size: row.size }))
}

export async function deleteArtifact(ctx: Ctx, owner: string, path: string): Promise<void> {
  assertPath(path)
  await ctx.tx(async (ctx) => {
    await assertThawed(ctx.db, owner)
    if ((await q.deleteBelow(ctx.db, owner, path)) === 0) {
      throw new MainstayError('artifacts.not_found', `${path.slice(0, 200)} does not exist`)
    }
  })
}

const Manifest = z.object({ files: z.array(z.object({ path: z.string(), digest: z.string(), size: z.number() })) })
export type Manifest = z.infer<typeof Manifest>

/**
 * Stores a tree: its manifest is an object whose digest names the tree, so equal trees are one tree.
 * The manifest is written before the transaction, since only database calls belong inside.
 */
export async function putTree(ctx: Ctx, entries: readonly FileEntry[]): Promise<string> {
  const files = entries
    .map(({ path, digest, size }) => ({ path: assertPath(path), digest, size }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const { digest } = await ctx.blobs.putBytes(JSON.stringify({ files }))
  const size = files.reduce((sum, file) => sum + file.size, 0)
  await q.insertTree(ctx.db, {
    digest,
    project_id: ctx.project,
    files: files.length,
    size,
    created_at: ctx.clock.now(),
  })
  return digest
}

/** Freezes what an owner holds now and returns its tree; the same tree again if it was frozen before. */
export async function freezeTree(ctx: Ctx, owner: string): Promise<string> {
  const before = await q.findFreeze(ctx.db, owner)
  if (before !== undefined) return before
  const tree = await putTree(ctx, await listFiles(ctx.db, owner))
  await q.insertFreeze(ctx.db, ctx.project, owner, tree, ctx.clock.now())
  return (await q.findFreeze(ctx.db, owner)) ?? tree
}

/** Forgets the names that an owner gave; the objects stay for whoever else names them. */
export async function forgetOwner(db: Db, owner: string): Promise<void> {
  await q.deleteOwner(db, owner)
}

export async function readManifest(ctx: Ctx, digest: string): Promise<Manifest> {
  if (!(await q.findTree(ctx.db, digest))) {
    throw new MainstayError('artifacts.not_found', `no tree has the digest ${digest.slice(0, 80)}`)
  }
  return Manifest.parse(JSON.parse((await ctx.blobs.read(digest)).toString()))
}
