import { copyFileSync, readFileSync, truncateSync, unlinkSync } from 'node:fs'
import type { SegmentMeta } from '../../../contract/plane.ts'
import { listSegments, metaPath, segmentPath, writeFileDurably } from './files.ts'
import { isTorn, readRows, soundLength, type RowWithSchema } from './read.ts'
import { MAGIC } from './schema.ts'

export interface Recovered {
  sequence: number
  rows: number
  /** Bytes after the last whole frame: of a torn one rows whose answers never left. */
  cutBytes: number
  /** Where the whole file was kept because its end is damaged, not torn: rows that were answered may lie there. */
  kept: string | null
}

type Describe = (sequence: number, bytes: number, rows: Iterable<RowWithSchema>) => Promise<SegmentMeta>

/**
 * Seals what a killed plane left open, up to segment `newest`: cuts each torn tail (a damaged one is kept beside), lets `describe` compute the segment's
 * profiles from its rows and writes the seal. Segments without a row are removed. One that cannot be sealed (a full
 * disk) does not keep the others from it; then this throws in the end, and may be called again.
 */
export async function recover(folder: string, newest: number, describe: Describe): Promise<Recovered[]> {
  const recovered: Recovered[] = []
  let failure: Error | undefined
  for (const { sequence, isSealed } of listSegments(folder)) {
    if (isSealed || sequence > newest) continue
    try {
      const sealed = await recoverSegment(folder, sequence, describe)
      if (sealed) recovered.push(sealed)
    } catch (error) {
      failure ??= error as Error
    }
  }
  if (failure !== undefined) throw failure
  return recovered
}

async function recoverSegment(folder: string, sequence: number, describe: Describe): Promise<Recovered | undefined> {
  const path = segmentPath(folder, sequence)
  const bytes = readFileSync(path)
  const end = soundLength(bytes)
  const kept = end === bytes.length || isTorn(bytes, end) ? null : `${path}.damaged`
  if (kept !== null) copyFileSync(path, kept)
  if (end <= MAGIC.length) {
    unlinkSync(path)
    return kept === null ? undefined : { sequence, rows: 0, cutBytes: bytes.length, kept }
  }
  if (end < bytes.length) truncateSync(path, end)
  const meta = await describe(sequence, end, readRows(bytes.subarray(0, end)))
  writeFileDurably(metaPath(folder, sequence), JSON.stringify(meta))
  return { sequence, rows: meta.rows, cutBytes: bytes.length - end, kept }
}
