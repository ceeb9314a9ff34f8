import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from './db/db.ts'

const longestMs = 3_000

/**
 * What keeps this process from doing its work, as sentences; nothing if it is ready. A server answers only after its
 * migrations, so a database that can be read is a migrated one.
 */
export async function missingOf(database: Database, folders: readonly string[]): Promise<string[]> {
  const checks = [
    within(() => database.ping(), 'the database does not answer'),
    ...folders.map((folder) => within(() => probe(folder), `${folder} cannot be written`)),
  ]
  return (await Promise.all(checks)).filter((lack) => lack !== undefined)
}

async function within(check: () => Promise<void>, complaint: string): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`${complaint} within ${longestMs / 1_000} s`), longestMs)
  })
  const checked = check().then(
    () => undefined,
    (error: unknown) => `${complaint}: ${error instanceof Error ? error.message : String(error)}`,
  )
  return await Promise.race([checked, late]).finally(() => clearTimeout(timer))
}

/** A full disk or one that was mounted anew read-only shows only when something is written. */
async function probe(folder: string): Promise<void> {
  const path = join(folder, `.ready-${process.pid}`)
  const file = await open(path, 'w')
  try {
    await file.write('ready')
  } finally {
    await file.close()
    await rm(path, { force: true })
  }
}
