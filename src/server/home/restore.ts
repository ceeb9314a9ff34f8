import { mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MainstayError } from '../../contract/errors.ts'
import { checkSqlite } from '../platform/db/sqlite.ts'
import { readManifest, type Manifest } from './backup.ts'
import { copyObject, copyWhole, filesBelow, isEmpty, objectsOf } from './copying.ts'

/** Makes a home of a backup; the home is there only once everything in it has been checked. */
export async function restore(source: string, target: string, say: (line: string) => void): Promise<Manifest> {
  const [from, home] = [resolve(source), resolve(target)]
  const manifest = await readManifest(from)
  if (!(await isEmpty(home)))
    throw new MainstayError('home.target_in_use', `${home} exists and holds files; a backup becomes a home of its own`)
  const partial = `${home}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { recursive: true, mode: 0o700 })

  for (const path of await filesBelow(from)) {
    if (path !== 'backup.json' && !path.startsWith('objects/')) await copyWhole(join(from, path), join(partial, path))
  }
  say('checking the database…')
  const complaint = await checkSqlite(join(partial, 'mainstay.db'))
  if (complaint !== undefined)
    throw new MainstayError('home.damaged', `the database of the backup is damaged: ${complaint}`)
  const objects = await objectsOf(join(from, 'objects'))
  if (objects.length < manifest.objects)
    throw new MainstayError('home.damaged', `${objects.length} of ${manifest.objects} objects are in the backup`)
  for (const [i, { path, digest }] of objects.entries()) {
    if (i % 1_000 === 0) say(`copying and checking objects, ${i} of ${objects.length}…`)
    if (!(await copyObject(join(from, 'objects', path), join(partial, 'objects', path), digest)))
      throw new MainstayError('home.damaged', `the object ${digest} of the backup is not what its name says`)
  }
  await rm(home, { recursive: true, force: true })
  await rename(partial, home)
  return manifest
}
