import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Replaces a file so that after a crash either the old or the new text is there, whole. */
export function writeFileDurably(path: string, text: string): void {
  const temporary = `${path}.tmp`
  const fd = openSync(temporary, 'w', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path)
  syncFolder(dirname(path))
}

/** The same off the event loop. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncFolderLater(dirname(path))
}

export async function syncFolderLater(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

export const segmentPath = (folder: string, sequence: number): string =>
  join(folder, `${String(sequence).padStart(10, '0')}.rows`)
export const metaPath = (folder: string, sequence: number): string =>
  join(folder, `${String(sequence).padStart(10, '0')}.json`)

export interface SegmentFile {
  sequence: number
  isSealed: boolean
}

export function listSegments(folder: string): SegmentFile[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const names = new Set(readdirSync(folder))
  const rows = [...names].filter((name) => /^\d{10}\.rows$/.test(name)).sort()
  return rows.map((name) => ({ sequence: Number(name.slice(0, 10)), isSealed: names.has(`${name.slice(0, 10)}.json`) }))
}

export function folderBytes(folder: string): number {
  let bytes = 0
  for (const name of readdirSync(folder)) {
    try {
      bytes += statSync(join(folder, name)).size
    } catch (error) {
      // Ingest may delete a segment while we look.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return bytes
}

/** The newest sequence ever given out, also when its files are long ingested and deleted. */
export function lastSequence(folder: string): number {
  const path = join(folder, 'sequence')
  const noted = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
  const listed = listSegments(folder).at(-1)?.sequence ?? 0
  return Math.max(Number.isSafeInteger(noted) ? noted : 0, listed)
}

export function noteSequence(folder: string, sequence: number): void {
  writeFileDurably(join(folder, 'sequence'), String(sequence))
}
