import type { IncomingMessage } from 'node:http'
import { brotliDecompress, gunzip, inflate, type CompressCallback, type ZlibOptions } from 'node:zlib'
import { MainstayError } from '../../contract/errors.ts'

const tooLarge = (limit: number): MainstayError =>
  new MainstayError('request.too_large', `the body is larger than ${Math.round(limit / 1024 / 1024)} MB`)

/** Collects a body up to the limit; calls back once, with what was refused or with the plain bytes. */
export function readBody(
  req: IncomingMessage,
  limit: number,
  done: (error: MainstayError | null, body: Buffer) => void,
): void {
  const empty = Buffer.alloc(0)
  if (Number(req.headers['content-length'] ?? 0) > limit) {
    done(tooLarge(limit), empty)
    return
  }
  let first: Buffer | undefined
  let chunks: Buffer[] | undefined
  let size = 0
  let isOver = false
  req.on('data', (chunk: Buffer) => {
    if (isOver) return
    size += chunk.length
    if (size > limit) {
      isOver = true
      done(tooLarge(limit), empty)
    } else if (!first) first = chunk
    else (chunks ??= [first]).push(chunk)
  })
  req.on('end', () => {
    if (isOver) return
    const body = chunks ? Buffer.concat(chunks) : (first ?? empty)
    const encoding = req.headers['content-encoding']
    if (encoding === undefined || encoding === 'identity') done(null, body)
    else unpack(body, encoding, limit, done)
  })
}

type Unpack = (body: Buffer, options: ZlibOptions, done: CompressCallback) => void

const UNPACK: Record<string, Unpack> = { gzip: gunzip, deflate: inflate, br: brotliDecompress }

/** The limit holds for what comes out: a small bomb must not be inflated whole. */
function unpack(
  body: Buffer,
  encoding: string,
  limit: number,
  done: (error: MainstayError | null, body: Buffer) => void,
): void {
  const run = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding] : undefined
  if (!run) {
    done(
      new MainstayError(
        'request.wrong_content_type',
        `the content encoding '${encoding.slice(0, 40)}' is not served; send gzip, deflate or plain`,
      ),
      body,
    )
    return
  }
  run(body, { maxOutputLength: limit }, (error, plain) => {
    if (!error) return done(null, plain)
    const isBomb = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    done(
      isBomb
        ? tooLarge(limit)
        : new MainstayError('request.malformed_json', `the body is not ${encoding}: ${error.message}`),
      body,
    )
  })
}
