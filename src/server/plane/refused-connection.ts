import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { MainstayError } from '../../contract/errors.ts'
import { errorBody } from './answers.ts'

/** The last answer of a connection whose bytes are no request; Node has no response object for such. */
export function refuseConnection(error: Error, socket: Duplex): void {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const refusal = error instanceof MainstayError ? error : refusalOf(code)
  const body = errorBody(refusal)
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function refusalOf(code: string | undefined): MainstayError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new MainstayError('request.headers_too_large', 'the headers are larger than 16 KB')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new MainstayError('request.timeout', 'the request did not arrive whole in time')
  return new MainstayError('request.malformed_http', 'the request is not well-formed HTTP')
}
