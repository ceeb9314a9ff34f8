import type { ServerResponse } from 'node:http'
import { MainstayError } from '../../contract/errors.ts'

/** Headers as a flat list: node:http takes it as it is. */
export function sendJson(res: ServerResponse, status: number, body: string, headers: readonly string[] = []): void {
  if (res.headersSent || res.destroyed) return
  const list = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))]
  for (const part of headers) list.push(part)
  res.writeHead(status, list)
  res.end(body)
}

export function sendText(res: ServerResponse, body: string): void {
  res.writeHead(200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  res.end(body)
}

/** Errors in the form that Open Inference Protocol clients read, with Mainstay's code and next step beside it. */
export function sendError(res: ServerResponse, error: unknown, extra: readonly string[] = []): void {
  const known =
    error instanceof MainstayError
      ? error
      : new MainstayError('platform.internal', 'an internal error occurred', {}, { cause: error })
  const headers = [...extra]
  if (known.status === 503) headers.push('retry-after', '1')
  if (known.status === 401) headers.push('www-authenticate', 'Bearer')
  // The rest of a body that was refused unread would be taken for the next request.
  if (known.status === 413) headers.push('connection', 'close')
  sendJson(res, known.status, JSON.stringify({ error: known.message, code: known.code, next: known.next }), headers)
}
