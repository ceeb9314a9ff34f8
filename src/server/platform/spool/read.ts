import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { CapturedRow } from '../../../contract/plane.ts'
import {
  FLAG_ERROR,
  FLAG_SAME_ID,
  FRAME_HEADER,
  KINDS,
  MAGIC,
  NULL_TEXT,
  ROW_FIXED,
  TYPE_ROWS,
  TYPE_SCHEMA,
  cellSide,
  cellsOf,
  type CellSide,
  type RowSchema,
} from './schema.ts'

interface KnownSchema {
  schema: RowSchema
  inputs: CellSide
  outputs: CellSide
}

export interface RowWithSchema {
  row: CapturedRow
  schema: RowSchema
}

/** Rows of a segment in the order they were answered. Stops at the first frame that is torn or damaged. */
export function* readSegment(path: string): Generator<CapturedRow> {
  for (const { row } of readRows(readFileSync(path))) yield row
}

/** The same with what the segment says about each row's columns and clock. */
export function* readRows(bytes: Buffer): Generator<RowWithSchema> {
  const schemas = new Map<number, KnownSchema>()
  for (const payload of frames(bytes)) {
    const type = payload.readUInt32LE(0)
    if (type === TYPE_SCHEMA) {
      const schema = JSON.parse(payload.toString('utf8', 8)) as RowSchema
      schemas.set(payload.readUInt32LE(4), {
        schema,
        inputs: cellSide(schema.inputs),
        outputs: cellSide(schema.outputs),
      })
    } else if (type === TYPE_ROWS) yield* rowsOf(payload, schemas)
  }
}

function* frames(bytes: Buffer): Generator<Buffer> {
  const end = soundLength(bytes)
  let at = MAGIC.length
  while (at < end) {
    const length = bytes.readUInt32LE(at)
    yield bytes.subarray(at + FRAME_HEADER, at + FRAME_HEADER + length)
    at += FRAME_HEADER + length
  }
}

/** How much of a segment is whole: up to the first torn or damaged frame. */
export function soundLength(bytes: Buffer): number {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return 0
  let at = MAGIC.length
  while (at + FRAME_HEADER <= bytes.length) {
    const length = bytes.readUInt32LE(at)
    const end = at + FRAME_HEADER + length
    if (length < 8 || end > bytes.length) break
    if (crc32(bytes.subarray(at + FRAME_HEADER, end)) !== bytes.readUInt32LE(at + 4)) break
    at = end
  }
  return at
}

/** Whether what follows the last whole frame is the beginning of one, as a killed or full write leaves it, or zeros. */
export function isTorn(bytes: Buffer, end: number): boolean {
  const rest = bytes.subarray(end)
  if (rest.every((byte) => byte === 0)) return true
  if (end < MAGIC.length) return bytes.length < MAGIC.length
  return rest.length < FRAME_HEADER || FRAME_HEADER + rest.readUInt32LE(0) > rest.length
}

function* rowsOf(payload: Buffer, schemas: Map<number, KnownSchema>): Generator<RowWithSchema> {
  // Numbers lie at multiples of 8 in a payload; a copy makes that true in memory as well.
  const bytes = Buffer.from(new Uint8Array(payload).buffer)
  const floats = new Float64Array(bytes.buffer, 0, bytes.length >>> 3)
  const count = bytes.readUInt32LE(4)
  let at = 8
  for (let i = 0; i < count; i++) {
    const known = schemas.get(bytes.readUInt16LE(at + 4))
    if (!known) throw new Error(`a row refers to schema ${bytes.readUInt16LE(at + 4)}, which the segment does not have`)
    yield { row: decodeRow(bytes, floats, at, known), schema: known.schema }
    at += bytes.readUInt32LE(at)
  }
}

function decodeRow(bytes: Buffer, floats: Float64Array, start: number, known: KnownSchema): CapturedRow {
  const { schema, inputs, outputs } = known
  const flags = bytes[start + 7] ?? 0
  const fixed = start >>> 3
  const eventTime = floats[fixed + 3] ?? NaN
  const numbers = (start + ROW_FIXED) >>> 3
  const texts = new TextReader(bytes, start + ROW_FIXED + (inputs.numWidth + outputs.numWidth) * 8)
  const id = texts.next() ?? ''
  const requestId = (flags & FLAG_SAME_ID) !== 0 ? id : texts.next()
  const entity = texts.next()
  const isError = (flags & FLAG_ERROR) !== 0
  const error = isError ? texts.next() : null
  const inputTexts = texts.take(inputs.strWidth)
  const outputTexts = texts.take(outputs.strWidth)
  return {
    endpoint: schema.endpoint,
    id,
    requestId,
    eventTime: Number.isNaN(eventTime) ? null : eventTime,
    arrival: floats[fixed + 2] ?? 0,
    variant: schema.variant,
    model: schema.model,
    version: schema.version,
    propensity: floats[fixed + 4] ?? 0,
    entity,
    kind: KINDS[bytes[start + 6] ?? 0] ?? 'live',
    status: isError ? 'error' : 'ok',
    error,
    latencyUs: bytes.readUInt32LE(start + 8),
    inputs: cellsOf(inputs, floats, numbers, inputTexts, 0),
    outputs: cellsOf(outputs, floats, numbers + inputs.numWidth, outputTexts, 0),
  }
}

class TextReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  next(): string | null {
    const length = this.#bytes.readUInt32LE(this.#at)
    this.#at += 4
    if (length === NULL_TEXT) return null
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  take(count: number): (string | null)[] {
    return Array.from({ length: count }, () => this.next())
  }
}
