import { close, closeSync, constants, fdatasync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import type { SegmentMeta } from '../../../contract/plane.ts'
import { FrameEncoder, encodeSchema, type RowFields } from './encode.ts'
import {
  folderBytes,
  lastSequence,
  listSegments,
  metaPath,
  noteSequence,
  replaceFile,
  segmentPath,
  syncFolderLater,
} from './files.ts'
import { MAGIC, cellSide, type CellSide, type RowSchema } from './schema.ts'

const syncData = promisify(fdatasync)
const closeFile = promisify(close)

/** Sequences are given out in blocks, so that opening a segment costs no wait for the disk; a restart skips the rest. */
const RESERVE = 64

/** A file of this number can only be left from an attempt that failed. Appending, so that a cut leaves no hole. */
const APPEND_NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND

export interface SpoolOptions {
  folder: string
  capBytes: number
  segmentBytes: number
}

export type SpoolState = 'ok' | 'full' | 'failing'

/** A schema with its place in rows worked out; made once per variant. */
export interface PreparedSchema {
  schema: RowSchema
  inputs: CellSide
  outputs: CellSide
}

export const prepareSchema = (schema: RowSchema): PreparedSchema => ({
  schema,
  inputs: cellSide(schema.inputs),
  outputs: cellSide(schema.outputs),
})

/** A segment that takes no more rows and waits for its seal. */
export interface ClosedSegment {
  sequence: number
  bytes: number
  fd: number
}

/**
 * Appends a turn's rows with one write. Rows are `add`ed, then `commit` answers whether they are in the file; a failed
 * write leaves the segment as it was before.
 */
export class SpoolWriter {
  readonly folder: string
  state: SpoolState = 'ok'
  /** The newest sealed sequence. */
  sealed: number
  sequence: number
  /** Bytes of the open segment; 0 when none is open. */
  bytes = 0
  openedAt = 0
  readonly #options: SpoolOptions
  readonly #encoder = new FrameEncoder()
  readonly #schemaIds = new Map<PreparedSchema, number>()
  #pendingSchemas: PreparedSchema[] = []
  #fd = -1
  #usedBytes: number
  #isDirty = false
  /** The open file's name may not be on the disk yet. */
  #isNew = false
  #isBroken = false
  #reserved: number
  #syncing: Promise<void> = Promise.resolve()

  constructor(options: SpoolOptions) {
    this.#options = options
    this.folder = options.folder
    mkdirSync(options.folder, { recursive: true, mode: 0o700 })
    this.sequence = lastSequence(options.folder)
    this.#reserved = this.sequence
    this.sealed = listSegments(options.folder).findLast((segment) => segment.isSealed)?.sequence ?? 0
    this.#usedBytes = folderBytes(options.folder)
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Ingest deletes segments; called now and then so that a full spool opens again. */
  measure(): void {
    this.#usedBytes = folderBytes(this.folder)
    if (this.state === 'full' && this.#usedBytes < this.#options.capBytes) this.state = 'ok'
  }

  add(prepared: PreparedSchema, row: RowFields): void {
    let id = this.#schemaIds.get(prepared)
    if (id === undefined) {
      id = this.#schemaIds.size
      this.#schemaIds.set(prepared, id)
      this.#pendingSchemas.push(prepared)
    }
    this.#encoder.add(id, prepared.inputs, prepared.outputs, row)
  }

  get pendingRows(): number {
    return this.#encoder.rows
  }

  commit(): boolean {
    if (this.#encoder.rows === 0) return true
    if (this.#usedBytes >= this.#options.capBytes) return this.#fail('full')
    if (this.#isBroken) return this.#fail('failing')
    try {
      if (this.#fd < 0) this.open()
      this.#append()
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error
      return this.#fail('failing')
    }
    this.state = 'ok'
    this.#pendingSchemas.length = 0
    this.#encoder.reset()
    return true
  }

  #append(): void {
    const frame = this.#encoder.finish()
    const head = this.#pendingSchemas.map((prepared) =>
      encodeSchema(this.#schemaIds.get(prepared) ?? 0, prepared.schema),
    )
    const bytes = head.length === 0 ? frame : Buffer.concat([...head, frame])
    let written = 0
    try {
      written = writeSync(this.#fd, bytes, 0, bytes.length)
    } finally {
      if (written !== bytes.length) this.#takeBack()
    }
    if (written !== bytes.length)
      throw Object.assign(new Error('the disk took only a part of the rows'), { code: 'ENOSPC' })
    this.bytes += written
    this.#usedBytes += written
    this.#isDirty = true
  }

  /** Half a frame would hide all rows after it from readers; if it cannot be cut off, the segment takes no more rows. */
  #takeBack(): void {
    this.#isBroken = true
    ftruncateSync(this.#fd, this.bytes)
    this.#isBroken = false
  }

  #fail(state: SpoolState): boolean {
    this.state = state
    for (const prepared of this.#pendingSchemas) this.#schemaIds.delete(prepared)
    this.#pendingSchemas.length = 0
    this.#encoder.reset()
    return false
  }

  /** Opens the next segment if none is open. */
  open(): void {
    if (this.#fd >= 0) return
    const sequence = this.sequence + 1
    if (sequence > this.#reserved) {
      // Noted first: a number that a full disk kept from being noted would be given out again after a restart.
      noteSequence(this.folder, sequence + RESERVE)
      this.#reserved = sequence + RESERVE
    }
    const fd = openSync(segmentPath(this.folder, sequence), APPEND_NEW, 0o600)
    try {
      if (writeSync(fd, MAGIC) !== MAGIC.length) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' })
    } catch (error) {
      closeSync(fd)
      throw error
    }
    this.#isNew = true
    this.sequence = sequence
    this.#fd = fd
    this.bytes = MAGIC.length
    this.openedAt = performance.now()
  }

  get isFull(): boolean {
    return this.#isBroken || this.bytes >= this.#options.segmentBytes
  }

  /** Makes what was written safe against power loss, off the event loop. Calls overlap into one after the other. */
  sync(): Promise<void> {
    if (!this.#isDirty || this.#fd < 0) return this.#syncing
    this.#isDirty = false
    const fd = this.#fd
    const isNew = this.#isNew
    this.#isNew = false
    this.#syncing = this.#syncing
      .catch(() => {})
      .then(() => syncData(fd))
      .then(() => (isNew ? syncFolderLater(this.folder) : undefined))
    return this.#syncing
  }

  /** Ends the open segment; the next row opens another. */
  closeSegment(): ClosedSegment | undefined {
    if (this.#fd < 0) return undefined
    const segment = { sequence: this.sequence, bytes: this.bytes, fd: this.#fd }
    this.#fd = -1
    this.bytes = 0
    this.#isDirty = false
    this.#isBroken = false
    this.#schemaIds.clear()
    return segment
  }

  /** Rows first, then the seal: a seal never speaks of rows that are not on the disk. */
  async seal(segment: ClosedSegment, meta: SegmentMeta): Promise<void> {
    await this.#syncing.catch(() => {})
    await syncData(segment.fd)
    const text = JSON.stringify(meta)
    await replaceFile(metaPath(this.folder, segment.sequence), text)
    await closeFile(segment.fd)
    this.#usedBytes += text.length
    this.sealed = Math.max(this.sealed, segment.sequence)
  }
}
