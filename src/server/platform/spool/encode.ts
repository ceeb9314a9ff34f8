import { crc32 } from 'node:zlib'
import {
  FLAG_ERROR,
  FLAG_SAME_ID,
  FRAME_HEADER,
  NULL_TEXT,
  ROW_FIXED,
  TYPE_ROWS,
  TYPE_SCHEMA,
  type CellSide,
  type RowSchema,
} from './schema.ts'

/** A row as the plane holds it; one object is reused for all rows. */
export interface RowFields {
  id: string
  requestId: string | null
  /** NaN when there is none. */
  eventTime: number
  arrival: number
  propensity: number
  entity: string | null
  /** Index into `KINDS`. */
  kind: number
  isError: boolean
  error: string | null
  latencyUs: number
  inputs: { num: number[]; str: (string | null)[] }
  inputRow: number
  outputs: { num: number[]; str: (string | null)[] }
  outputRow: number
}

/**
 * Encodes rows into one reused buffer. Rows start at multiples of 8 bytes there, so that numbers are stored through a
 * Float64Array instead of byte by byte.
 */
export class FrameEncoder {
  #bytes = Buffer.from(new ArrayBuffer(256 * 1024))
  #floats = new Float64Array(this.#bytes.buffer)
  #words = new Uint32Array(this.#bytes.buffer)
  #end = FRAME_HEADER + 8
  rows = 0

  reset(): void {
    this.#end = FRAME_HEADER + 8
    this.rows = 0
  }

  add(schema: number, inputs: CellSide, outputs: CellSide, row: RowFields): void {
    const start = this.#end
    this.#reserve(start + ROW_FIXED + (inputs.numWidth + outputs.numWidth) * 8)
    const isSame = row.requestId === row.id
    const word = start >>> 2
    this.#words[word + 1] =
      schema | (row.kind << 16) | (((row.isError ? FLAG_ERROR : 0) | (isSame ? FLAG_SAME_ID : 0)) << 24)
    this.#words[word + 2] = row.latencyUs
    this.#words[word + 3] = 0
    let at = (start >>> 3) + 2
    const floats = this.#floats
    floats[at++] = row.arrival
    floats[at++] = row.eventTime
    floats[at++] = row.propensity
    at = copyNumbers(floats, at, row.inputs.num, row.inputRow * inputs.numWidth, inputs.numWidth)
    at = copyNumbers(floats, at, row.outputs.num, row.outputRow * outputs.numWidth, outputs.numWidth)
    this.#end = at * 8
    this.#text(row.id)
    if (!isSame) this.#text(row.requestId)
    this.#text(row.entity)
    if (row.isError) this.#text(row.error)
    for (let i = 0; i < inputs.strWidth; i++) this.#text(row.inputs.str[row.inputRow * inputs.strWidth + i] ?? null)
    for (let i = 0; i < outputs.strWidth; i++) this.#text(row.outputs.str[row.outputRow * outputs.strWidth + i] ?? null)
    this.#end = (this.#end + 7) & ~7
    this.#reserve(this.#end)
    this.#words[word] = this.#end - start
    this.rows++
  }

  #text(text: string | null): void {
    if (text === null) {
      this.#reserve(this.#end + 4)
      this.#end = this.#bytes.writeUInt32LE(NULL_TEXT, this.#end)
      return
    }
    this.#reserve(this.#end + 4 + text.length * 3)
    const start = this.#end + 4
    const length = writeShort(this.#bytes, text, start)
    this.#bytes.writeUInt32LE(length, this.#end)
    this.#end = start + length
  }

  #reserve(size: number): void {
    if (size + 8 <= this.#bytes.length) return
    const bigger = Buffer.from(new ArrayBuffer((Math.max(size + 8, this.#bytes.length * 2) + 7) & ~7))
    this.#bytes.copy(bigger, 0, 0, this.#end)
    this.#bytes = bigger
    this.#floats = new Float64Array(bigger.buffer)
    this.#words = new Uint32Array(bigger.buffer)
  }

  /** The finished frame; valid until the next `reset`. */
  finish(): Buffer {
    this.#bytes.writeUInt32LE(TYPE_ROWS, FRAME_HEADER)
    this.#bytes.writeUInt32LE(this.rows, FRAME_HEADER + 4)
    return seal(this.#bytes.subarray(0, this.#end))
  }
}

function copyNumbers(target: Float64Array, at: number, source: number[], from: number, count: number): number {
  for (let i = 0; i < count; i++) target[at + i] = source[from + i] as number
  return at + count
}

/** Ids are short and plain: writing them here is faster than a call into the runtime. */
function writeShort(bytes: Buffer, text: string, at: number): number {
  const length = text.length
  if (length > 48) return bytes.write(text, at, 'utf8')
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return bytes.write(text, at, 'utf8')
    bytes[at + i] = code
  }
  return length
}

function seal(frame: Buffer): Buffer {
  const payload = frame.subarray(FRAME_HEADER)
  frame.writeUInt32LE(payload.length, 0)
  frame.writeUInt32LE(crc32(payload), 4)
  return frame
}

export function encodeSchema(id: number, schema: RowSchema): Buffer {
  const json = Buffer.from(JSON.stringify(schema))
  const frame = Buffer.alloc(FRAME_HEADER + 8 + json.length)
  frame.writeUInt32LE(TYPE_SCHEMA, FRAME_HEADER)
  frame.writeUInt32LE(id, FRAME_HEADER + 4)
  json.copy(frame, FRAME_HEADER + 8)
  return seal(frame)
}
