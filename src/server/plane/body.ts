import type { IncomingMessage } from 'node:http'
import { brotliDecompress, gunzip, inflate, type CompressCallback, type ZlibOptions } from 'node:zlib'
import { MainstayError } from '../../contract/errors.ts'

export const tooLarge = (limit: number): MainstayError =>
  new MainstayError('request.too_large', `the body is larger than ${Math.round(limit / 1024 / 1024)} MB`)

/** What all bodies under way may hold together: many clients that send slowly must not fill the memory. */
export class BodyBudget {
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#left += bytes
  }
}

/** Collects a body up to the limit; calls back once, with what was refused or with the plain bytes. */
export function readBody(
  req: IncomingMessage,
  limit: number,
  budget: BodyBudget,
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
  let held = 0
  let isOver = false
  const refuse = (error: MainstayError): void => {
    isOver = true
    first = chunks = undefined
    done(error, empty)
  }
  req.on('close', () => budget.giveBack(held))
  req.on('data', (chunk: Buffer) => {
    if (isOver) return
    size += chunk.length
    if (size > limit) return refuse(tooLarge(limit))
    if (!budget.take(chunk.length))
      return refuse(new MainstayError('serving.overloaded', 'too many large requests are under way'))
    held += chunk.length
    if (!first) first = chunk
    else (chunks ??= [first]).push(chunk)
  })
  req.on('end', () => {
    if (isOver) return
    const body = chunks ? Buffer.concat(chunks) : (first ?? empty)
    const encoding = req.headers['content-encoding']?.trim().toLowerCase()
    if (encoding === undefined || encoding === 'identity') done(null, body)
    else unpack(body, encoding, limit, done)
  })
}

type Unpack = (body: Buffer, options: ZlibOptions, done: CompressCallback) => void

const UNPACK: Record<string, Unpack> = { gzip: gunzip, 'x-gzip': gunzip, deflate: inflate, br: brotliDecompress }

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
