import { createHash } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { References } from './profiles.ts'

const bare = (digest: string): string => digest.replace(/^sha256:/, '')

/** Where a place without a scheme is looked up, and where what comes over the network is kept. */
export interface Places {
  home: string
  cache: string
}

/**
 * Reads an object and refuses bytes that are not what the digest says. What comes over the network is kept in `cache`,
 * because the plane must start again when nobody answers there.
 */
export async function readObject(url: string, digest: string, { home, cache }: Places): Promise<Uint8Array> {
  const kept = join(cache, bare(digest))
  const isRemote = /^https?:/.test(url)
  const bytes =
    isRemote && !existsSync(kept) ? await download(url) : await readFile(isRemote ? kept : pathOf(url, home))
  const actual = createHash('sha256').update(bytes).digest('hex')
  if (actual !== bare(digest)) throw new Error(`the bytes at ${url} have digest ${actual}, not ${bare(digest)}`)
  if (isRemote && !existsSync(kept)) await keep(kept, cache, bytes)
  return bytes
}

const pathOf = (url: string, home: string): string =>
  url.startsWith('file:') ? fileURLToPath(url) : resolve(home, url)

async function download(url: string): Promise<Uint8Array> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return new Uint8Array(await answer.arrayBuffer())
}

async function keep(path: string, folder: string, bytes: Uint8Array): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  await writeFile(`${path}.tmp`, bytes)
  await rename(`${path}.tmp`, path)
}

export async function readReferences(
  url: string | null,
  digest: string | null,
  places: Places,
): Promise<References | null> {
  if (url === null || digest === null) return null
  const bytes = await readObject(url, digest, places)
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as References
}
