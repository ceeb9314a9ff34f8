import { createHash } from 'node:crypto'
import { constants, createReadStream, createWriteStream, existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Files below a folder, as paths relative to it; links and sockets are no files. None if there is no such folder. */
export async function filesBelow(root: string, below = ''): Promise<string[]> {
  if (!existsSync(join(root, below))) return []
  const paths: string[] = []
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = join(below, entry.name)
    if (entry.isDirectory()) paths.push(...(await filesBelow(root, path)))
    else if (entry.isFile()) paths.push(path)
  }
  return paths
}

/** Under a temporary name first; false where the file went away meanwhile, as sealed and ingested segments do. */
export async function copyWhole(from: string, to: string): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true })
  const partial = `${to}.partial`
  try {
    await copyFile(from, partial, constants.COPYFILE_FICLONE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  await rename(partial, to)
  return true
}

/** Copies an object and answers whether its bytes have the digest that is its name. */
export async function copyObject(from: string, to: string, digest: string): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true })
  const hash = createHash('sha256')
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  await pipeline(createReadStream(from), meter, createWriteStream(`${to}.partial`, { mode: 0o600 }))
  if (hash.digest('hex') !== digest) {
    await rm(`${to}.partial`)
    return false
  }
  await rename(`${to}.partial`, to)
  return true
}

const objectPath = /^[0-9a-f]{2}\/([0-9a-f]{64})$/

/** Objects of a store, by path and digest. */
export async function objectsOf(root: string): Promise<{ path: string; digest: string }[]> {
  return (await filesBelow(root)).flatMap((path) => {
    const digest = objectPath.exec(path)?.[1]
    return digest === undefined ? [] : [{ path, digest }]
  })
}

export const isEmpty = async (folder: string): Promise<boolean> =>
  !existsSync(folder) || ((await stat(folder)).isDirectory() && (await readdir(folder)).length === 0)
