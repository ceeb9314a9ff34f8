import { open, rename, stat } from 'node:fs/promises'

const capBytes = 20 * 1024 * 1024

/** Keeps one older file beside a log that has grown past the cap. */
export async function rotate(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size > capBytes) await rename(path, `${path}.1`)
}

/** The newest lines of a log, for the terminal when a start has failed. */
export async function tail(path: string, lines: number): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, 8_192))
    await file.read(buffer, 0, buffer.length, size - buffer.length)
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } finally {
    await file.close()
  }
}
