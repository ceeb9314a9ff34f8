import { watch } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface LogPiece {
  text: string
  next: number
  size: number
}

/** Bytes of an unfinished UTF-8 sequence at the end. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return needed > back ? back : 0
  }
  return 0
}

/** A piece of a growing text file; a character that is not whole yet is left for the next piece. */
export async function readLogPiece(path: string, offset: number, limit: number): Promise<LogPiece> {
  const size = await sizeOf(path)
  if (size <= offset) return { text: '', next: offset, size }
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(limit, size - offset)), 0, null, offset)
    const bytes = buffer.subarray(0, bytesRead)
    const whole = bytesRead > 4 ? bytes.subarray(0, bytesRead - unfinished(bytes)) : bytes
    return { text: whole.toString('utf8'), next: offset + whole.length, size }
  } finally {
    await file.close()
  }
}

/** 0 if there is no such file. */
export async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0
      throw error
    },
  )
}

const pieceBytes = 65_536
const lookMs = 300

export interface LogReader {
  write(piece: LogPiece): Promise<void>
  /** No more will be written to the file. */
  hasEnded(): Promise<boolean>
  readonly closed: AbortSignal
}

/** Follows a file until its writer has ended and all of it was read; a slow reader holds us back, not the writer. */
export async function followLog(path: string, offset: number, reader: LogReader): Promise<void> {
  let position = offset
  while (!reader.closed.aborted) {
    const ended = await reader.hasEnded()
    const piece = await readLogPiece(path, position, pieceBytes)
    if (piece.next > position) {
      position = piece.next
      await reader.write(piece)
    } else if (ended) return
    else await nextChange(path, reader.closed)
  }
}

function nextChange(path: string, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      watcher?.close()
      closed.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, lookMs)
    closed.addEventListener('abort', done)
    const watcher = watchable(dirname(path), done)
  })
}

/** The folder of a step that has not started is not there yet; then the timer alone wakes us. */
function watchable(folder: string, changed: () => void): ReturnType<typeof watch> | undefined {
  try {
    return watch(folder, { persistent: false }, changed)
  } catch {
    return undefined
  }
}
