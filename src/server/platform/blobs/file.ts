import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { MainstayError } from '../../../contract/errors.ts'
import { syncFolderLater } from '../spool/files.ts'
import type { Blobs, Bytes, StoredBlob } from './blobs.ts'

const digestShape = /^[0-9a-f]{64}$/

/** Objects in a folder: write to a temporary name, fsync, rename to the digest. */
export class FileBlobs implements Blobs {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async put(source: Bytes, expected?: string): Promise<StoredBlob> {
    const temporary = join(this.#root, 'incoming', randomUUID())
    await mkdir(dirname(temporary), { recursive: true })
    const hash = createHash('sha256')
    let size = 0
    const file = await open(temporary, 'wx')
    try {
      for await (const chunk of source) {
        hash.update(chunk)
        size += chunk.length
        await file.write(chunk)
      }
      await file.sync()
    } catch (error) {
      await file.close()
      await rm(temporary, { force: true })
      throw error
    }
    await file.close()
    const digest = hash.digest('hex')
    if (expected !== undefined && digest !== expected) {
      await rm(temporary, { force: true })
      throw new MainstayError('request.invalid', `the bytes have the digest ${digest}, not ${expected}`, { digest })
    }
    const target = this.#path(digest)
    const isNew = (await mkdir(dirname(target), { recursive: true })) !== undefined
    await rename(temporary, target)
    // Without these the name may be gone after a power cut, though the bytes are on the disk.
    await syncFolderLater(dirname(target))
    if (isNew) await syncFolderLater(this.#root)
    return { digest, size }
  }

  async putBytes(bytes: Uint8Array | string): Promise<StoredBlob> {
    return await this.put(Readable.from([Buffer.from(bytes)], { objectMode: false }))
  }

  async open(digest: string): Promise<Readable> {
    if (!(await this.has(digest))) throw absent(digest)
    return createReadStream(this.#path(digest))
  }

  async read(digest: string): Promise<Buffer> {
    if (!(await this.has(digest))) throw absent(digest)
    return await readFile(this.#path(digest))
  }

  async has(digest: string): Promise<boolean> {
    return await access(this.#path(digest)).then(
      () => true,
      () => false,
    )
  }

  /** Whether no object was ever stored. */
  async isEmpty(): Promise<boolean> {
    const names = await readdir(this.#root).catch(() => [])
    return !names.some((name) => /^[0-9a-f]{2}$/.test(name))
  }

  urlOf(digest: string): string {
    return pathToFileURL(this.#path(digest)).href
  }

  #path(digest: string): string {
    if (!digestShape.test(digest)) throw absent(digest)
    return join(this.#root, digest.slice(0, 2), digest)
  }
}

function absent(digest: string): MainstayError {
  return new MainstayError('platform.object_not_found', `no object has the digest ${digest.slice(0, 80)}`, { digest })
}
