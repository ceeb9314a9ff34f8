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

/**
 * Seals what a killed plane left open: cuts each torn tail, lets `describe` compute the segment's profiles from its rows
 * and writes the seal. Segments without a row are removed.
 */
export async function recover(
  folder: string,
  describe: (sequence: number, bytes: number, rows: Iterable<RowWithSchema>) => Promise<SegmentMeta>,
): Promise<Recovered[]> {
  const recovered: Recovered[] = []
  for (const { sequence, isSealed } of listSegments(folder)) {
    if (isSealed) continue
    const path = segmentPath(folder, sequence)
    const bytes = readFileSync(path)
    const end = soundLength(bytes)
    if (end <= MAGIC.length) {
      unlinkSync(path)
      continue
    }
    if (end < bytes.length) truncateSync(path, end)
    const meta = await describe(sequence, end, readRows(bytes.subarray(0, end)))
    writeFileDurably(metaPath(folder, sequence), JSON.stringify(meta))
    recovered.push({ sequence, rows: meta.rows, cutBytes: bytes.length - end })
  }
  return recovered
}
