import { readFileSync, truncateSync, unlinkSync } from 'node:fs'
import type { SegmentMeta } from '../../../contract/plane.ts'
import { listSegments, metaPath, segmentPath, writeFileDurably } from './files.ts'
import { readRows, soundLength, type RowWithSchema } from './read.ts'
import { MAGIC } from './schema.ts'

export interface Recovered {
  sequence: number
  rows: number
  /** Bytes after the last whole frame: rows whose answers never left. */
  cutBytes: number
}

type Describe = (sequence: number, bytes: number, rows: Iterable<RowWithSchema>) => Promise<SegmentMeta>

/**
 * Seals what a killed plane left open, up to segment `newest`: cuts each torn tail, lets `describe` compute the segment's
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
  if (end <= MAGIC.length) {
    unlinkSync(path)
    return undefined
  }
  if (end < bytes.length) truncateSync(path, end)
  const meta = await describe(sequence, end, readRows(bytes.subarray(0, end)))
  writeFileDurably(metaPath(folder, sequence), JSON.stringify(meta))
  return { sequence, rows: meta.rows, cutBytes: bytes.length - end }
}
