import type { IncomingMessage, ServerResponse } from 'node:http'
import { MainstayError } from '../../contract/errors.ts'

/** Where the answer of one request goes, whichever way the request was read. The first answer counts. */
export interface Reply {
  /** Nobody is there any more. */
  readonly isGone: boolean
  /** `headers` is a flat list of names and values. */
  send(status: number, body: string, headers: readonly string[]): void
}

/** How long a body that was refused is still read, so that its sender gets to see the refusal. */
const LINGER_MS = 5000

/** The answer to a request that node:http has read. */
export class HttpReply implements Reply {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse

  constructor(req: IncomingMessage, res: ServerResponse) {
    this.#req = req
    this.#res = res
  }

  get isGone(): boolean {
    return this.#res.destroyed
  }

  send(status: number, body: string, headers: readonly string[]): void {
    const res = this.#res
    if (res.headersSent || res.destroyed) return
    const isUnread = status === 413 && !this.#req.complete
    const list = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body)), ...headers]
    if (isUnread) list.push('connection', 'close')
    res.writeHead(status, list)
    if (isUnread) this.#endAfterBody(body)
    // As bytes: with a string Node would write the headers in the body's encoding.
    else res.end(Buffer.from(body))
  }

  /** The rest of such a body would be taken for a request; and closing while the client sends would hide the answer. */
  #endAfterBody(body: string): void {
    const end = (): void => {
      this.#res.end()
    }
    this.#res.write(body)
    this.#req.once('end', end).resume()
    setTimeout(end, LINGER_MS).unref()
  }
}

export function sendText(res: ServerResponse, body: string): void {
  res.writeHead(200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  res.end(body)
}

/** Errors in the form that Open Inference Protocol clients read, with Mainstay's code and next step beside it. */
export function sendError(reply: Reply, error: unknown, extra: readonly string[] = []): void {
  const known =
    error instanceof MainstayError
      ? error
      : new MainstayError('platform.internal', 'an internal error occurred', {}, { cause: error })
  const headers = [...extra]
  if (known.status === 503) headers.push('retry-after', '1')
  if (known.status === 401) headers.push('www-authenticate', 'Bearer')
  reply.send(known.status, errorBody(known), headers)
}

export const errorBody = (error: MainstayError): string =>
  JSON.stringify({ error: error.message, code: error.code, next: error.next })
