import { copyFile, open, rename, rm, stat, truncate } from 'node:fs/promises'

const capBytes = 20 * 1024 * 1024

/** Bytes of a file; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    (found) => found.size,
    () => 0,
  )
}

/**
 * Keeps one older file beside a log that has grown past the cap. The file itself is emptied, for its process goes on
 * appending to it; what it writes between the copy and that is lost.
 */
export async function rotate(path: string, cap = capBytes): Promise<void> {
  if ((await sizeOf(path)) <= cap) return
  const copy = `${path}.partial`
  try {
    await copyFile(path, copy)
    await rename(copy, `${path}.1`)
  } finally {
    await rm(copy, { force: true })
  }
  await truncate(path)
}

const mostBytes = 65_536
const mostLines = 12
const errorLevel = 50

/** What a process complained of since its log had so many bytes, as people read it. */
export async function complaints(path: string, from: number): Promise<string[]> {
  const size = await sizeOf(path)
  const start = Math.max(from, size - mostBytes)
  if (size <= start) return []
  const file = await open(path, 'r')
  try {
    const { buffer } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
    return buffer.toString('utf8').trimEnd().split('\n').flatMap(complaint).slice(-mostLines)
  } finally {
    await file.close()
  }
}

/** Lines that are not JSON were written by the runtime, about its own end. */
function complaint(line: string): string[] {
  if (!line.startsWith('{')) return [line]
  const { level, msg, err, next } = JSON.parse(line) as {
    level: number
    msg: string
    err?: { message: string }
    next?: string
  }
  if (level < errorLevel) return []
  return [err === undefined ? msg : `${msg}: ${err.message}`, ...(next === undefined ? [] : [next])]
}
