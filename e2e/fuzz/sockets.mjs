import { connect } from 'node:net'

/** How long a server may say nothing before the client ends its half, and how long it may take to end the other. */
const silenceMs = 150
const longestMs = 10_000

/**
 * Writes pieces of bytes to a port, one after the other, and reads whatever comes until a whole response is there or
 * the connection ends. `isHung` when neither happened although the client has ended its half.
 */
export function exchange(port, pieces) {
  return new Promise((resolve) => {
    const chunks = []
    let quiet
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const done = (isHung) => {
      clearTimeout(quiet)
      clearTimeout(limit)
      socket.destroy()
      resolve({ isHung, ...parseResponse(Buffer.concat(chunks)) })
    }
    const limit = setTimeout(() => done(true), longestMs)
    const waitOn = () => {
      clearTimeout(quiet)
      quiet = setTimeout(() => socket.end(), silenceMs)
    }
    const write = ([piece, ...others]) => {
      if (socket.destroyed) return
      socket.write(piece)
      if (others.length > 0) setTimeout(() => write(others), 5)
      else waitOn()
    }
    socket.on('connect', () => write(pieces))
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      waitOn()
      if (parseResponse(Buffer.concat(chunks)).status !== undefined) done(false)
    })
    socket.on('error', () => done(false))
    socket.on('close', () => done(false))
  })
}

/** The first final response among the bytes, if all of it is there. */
function parseResponse(bytes) {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return { bytes: bytes.length }
  const [line, ...lines] = text.slice(0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1])
  if (status === 100) return parseResponse(bytes.subarray(end + 4))
  const headers = Object.fromEntries(
    lines.map((item) => [item.slice(0, item.indexOf(':')).toLowerCase(), item.slice(item.indexOf(':') + 2)]),
  )
  const body = bytes.subarray(end + 4, end + 4 + Number(headers['content-length'] ?? 0))
  if (body.length < Number(headers['content-length'] ?? 0)) return { bytes: bytes.length }
  return { status, headers, body: body.toString('utf8') }
}
