import type { Readable } from 'node:stream'

export type Bytes = AsyncIterable<Uint8Array>

export interface StoredBlob {
  /** sha256, 64 hexadecimal digits. */
  digest: string
  size: number
}

/** Content-addressed objects: written once, streamed, never changed. */
export interface Blobs {
  /** Nothing is left of what does not have the expected digest, or breaks off. */
  put(source: Bytes, expected?: string): Promise<StoredBlob>
  putBytes(bytes: Uint8Array | string): Promise<StoredBlob>
  /** Throws `platform.object_not_found` when absent. */
  open(digest: string): Promise<Readable>
  read(digest: string): Promise<Buffer>
  has(digest: string): Promise<boolean>
  /** Address that another process of this machine or cluster can read. */
  urlOf(digest: string): string
}
