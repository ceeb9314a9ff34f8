import { existsSync, readFileSync, renameSync } from 'node:fs'
import type { Logger } from '../platform/log.ts'

/**
 * What this plane has written for its next start. Undefined if there is nothing, or nothing that can be read: such a
 * file is set aside, because a plane that does not start helps nobody and control can tell it all but the trips again.
 */
export function readKept<T>(path: string, read: (json: unknown) => T, log: Logger): T | undefined {
  if (!existsSync(path)) return undefined
  try {
    return read(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    const kept = `${path}.damaged`
    renameSync(path, kept)
    log.error({ err: error, kept }, 'a file of the plane cannot be read and was set aside')
    return undefined
  }
}
