import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SegmentMeta } from '../../../contract/plane.ts'

export interface Sealed {
  meta: SegmentMeta
  rowsFile: string
  metaFile: string
}

async function sealNames(home: string): Promise<string[]> {
  const spool = join(home, 'spool')
  const found: string[] = []
  for (const replica of await readdir(spool).catch(() => [])) {
    const names = await readdir(join(spool, replica)).catch(() => [])
    found.push(...names.filter((name) => /^\d+\.json$/.test(name)).map((name) => join(spool, replica, name)))
  }
  return found
}

/** How many segments planes have sealed that are not in the prediction log yet. */
export async function countSealed(home: string): Promise<number> {
  return (await sealNames(home)).length
}

export async function hasSealed(home: string): Promise<boolean> {
  return (await countSealed(home)) > 0
}

/** Sealed segments that wait in the spool, in the order they were written. */
export async function listSealed(home: string): Promise<Sealed[]> {
  const sealed: Sealed[] = []
  for (const metaFile of await sealNames(home)) {
    const meta = JSON.parse(await readFile(metaFile, 'utf8')) as SegmentMeta
    sealed.push({ meta, metaFile, rowsFile: metaFile.replace(/json$/, 'rows') })
  }
  return sealed.sort((a, b) => a.meta.replica.localeCompare(b.meta.replica) || a.meta.sequence - b.meta.sequence)
}
