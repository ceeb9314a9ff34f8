import { appendFile, truncate } from 'node:fs/promises'
import { sizeOf } from './log-file.ts'

const lookMs = 1_000

/**
 * Keeps the log of a running command near a size: its beginning stays, the rest is dropped, and its last line says so.
 * The command writes to the file itself, always at the end, so shortening the file under it is safe. Returns what
 * ends the watch with a last look.
 */
export function limitLog(path: string, mostBytes: number): () => Promise<void> {
  const note = `\n… the log grew beyond ${shown(mostBytes)}; the rest was dropped\n`
  const withNote = mostBytes + Buffer.byteLength(note)
  const look = async (): Promise<void> => {
    if ((await sizeOf(path)) <= withNote) return
    await truncate(path, mostBytes)
    await appendFile(path, note)
  }
  let last = Promise.resolve()
  // What hinders a look hinders the last one too, and is told there.
  const timer = setInterval(() => void (last = last.then(look).catch(() => undefined)), lookMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await last.then(look)
  }
}

const shown = (bytes: number): string => (bytes < 1_048_576 ? `${bytes} bytes` : `${Math.round(bytes / 1_048_576)} MB`)
