import type { Readable } from 'node:stream'

export interface StoredBlob {
  /** sha256, 64 hexadecimal digits. */
  digest: string
  size: number
}

/** Content-addressed objects: written once, streamed, never changed. */
export interface Blobs {
  put(source: Readable): Promise<StoredBlob>
  putBytes(bytes: Uint8Array | string): Promise<StoredBlob>
  /** Throws `platform.object_not_found` when absent. */
  open(digest: string): Promise<Readable>
  read(digest: string): Promise<Buffer>
  has(digest: string): Promise<boolean>
  /** Address that another process of this machine or cluster can read. */
  urlOf(digest: string): string
}
