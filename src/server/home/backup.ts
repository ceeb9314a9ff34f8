import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { MainstayError } from '../../contract/errors.ts'
import { objectsFolder, type Config } from '../config/config.ts'
import { snapshotSqlite } from '../platform/db/sqlite.ts'
import { replaceFile } from '../platform/spool/files.ts'
import { version } from '../platform/version.ts'
import { copyObject, copyWhole, filesBelow, isEmpty, objectsOf } from './copying.ts'

/** What `backup.json` says of a whole backup. */
export const Manifest = z.object({
  version: z.string(),
  /** When the snapshot of the database was taken, RFC 3339. */
  at: z.string(),
  objects: z.number().int(),
})
export type Manifest = z.infer<typeof Manifest>

/** State of the data planes and logs of steps; pids, sockets and work folders belong to the processes of this home. */
const isKept = (path: string): boolean =>
  path.startsWith('plane/') || path.startsWith('spool/') || /^pipelines\/.*\/(log|exit)$/.test(path)

/** Copies the home while it is in use. The folder is empty, new, or an earlier backup that is brought up to date. */
export async function backup(config: Config, target: string, say: (line: string) => void): Promise<Manifest> {
  const home = resolve(config.home)
  const to = resolve(target)
  await assertBackupPossible(config, home, to)
  await mkdir(to, { recursive: true })
  await rm(join(to, 'backup.json'), { force: true })

  await copyKept(home, to)

  const at = new Date().toISOString()
  say('copying the database…')
  await rm(join(to, 'mainstay.db.partial'), { force: true })
  await snapshotSqlite(join(home, 'mainstay.db'), join(to, 'mainstay.db.partial'))
  await rename(join(to, 'mainstay.db.partial'), join(to, 'mainstay.db'))

  const source = objectsFolder(config)
  const objects = await objectsOf(source)
  const missing = objects.filter(({ path }) => !existsSync(join(to, 'objects', path)))
  for (const [i, { path, digest }] of missing.entries()) {
    if (i % 1_000 === 0) say(`copying objects, ${i} of ${missing.length}…`)
    if (!(await copyObject(join(source, path), join(to, 'objects', path), digest)))
      throw new MainstayError('home.damaged', `the object ${digest} in ${source} is not what its name says`)
  }
  const manifest = { version, at, objects: objects.length }
  await replaceFile(join(to, 'backup.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  return manifest
}

/**
 * A segment that is sealed while the others are copied gets another name, so the folder is read until nothing new is in
 * it. What an earlier backup has and the home has no more is in the log by now.
 */
async function copyKept(home: string, to: string): Promise<void> {
  const list = async (): Promise<string[]> => (await filesBelow(home)).filter(isKept)
  const copied = new Set<string>()
  for (let found = await list(); found.some((path) => !copied.has(path)); found = await list()) {
    for (const path of found) {
      if (!copied.has(path)) await copyWhole(join(home, path), join(to, path))
      copied.add(path)
    }
  }
  for (const path of await filesBelow(to)) {
    if (isKept(path) && !copied.has(path)) await rm(join(to, path))
  }
}

async function assertBackupPossible(config: Config, home: string, to: string): Promise<void> {
  if (config.database?.startsWith('sqlite:') === false)
    throw new MainstayError(
      'home.records_elsewhere',
      'the records of this home are in PostgreSQL, which this command does not copy',
    )
  if (!existsSync(join(home, 'mainstay.db')))
    throw new MainstayError('home.not_found', `${home} is no home of Mainstay: it has no mainstay.db`)
  if (`${to}/`.startsWith(`${home}/`))
    throw new MainstayError('home.target_in_use', `${to} lies inside the home that it is to be a copy of`)
  if (!(await isEmpty(to)) && !(await isBackup(to)))
    throw new MainstayError('home.target_in_use', `${to} holds other files`)
}

/** A backup that was cut off has a database or objects and nothing else; it is finished by the next. */
async function isBackup(folder: string): Promise<boolean> {
  if (!(await stat(folder)).isDirectory()) return false
  const known = /^(backup\.json|mainstay\.db(\.partial)?|(objects|plane|spool|pipelines)\/.*)$/
  return (await filesBelow(folder)).every((path) => known.test(path))
}

/** Reads what a backup says of itself; refuses a folder that is none, or not a whole one. */
export async function readManifest(from: string): Promise<Manifest> {
  const text = await readFile(join(from, 'backup.json'), 'utf8').catch((error: unknown) => {
    const what = existsSync(join(from, 'mainstay.db')) ? 'not a whole backup' : 'no backup'
    throw new MainstayError(
      'home.not_a_backup',
      `${basename(from)} is ${what}: it has no backup.json`,
      {},
      { cause: error },
    )
  })
  return Manifest.parse(JSON.parse(text))
}
