import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Reply } from './answers.ts'

/** What a head says, when it is one of the plain form. */
export interface PlainHead {
  url: string
  headers: Readonly<Record<string, string | undefined>>
  bodyBytes: number
}

const HEAD_END = Buffer.from('\r\n\r\n')
const MAX_HEAD = 8192
const REQUEST_LINE = /^POST (\/[\x21-\x7e]*) HTTP\/1\.1$/
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/
/** Whoever sends one of these wants more of HTTP than the plain form has. */
const NOT_PLAIN = new Set(['transfer-encoding', 'expect', 'upgrade', 'content-encoding', 'trailer', 'te'])

/** Undefined for anything out of the ordinary: it is then read by node:http, which knows all of it. */
export function parsePlainHead(text: string): PlainHead | undefined {
  const [first = '', ...lines] = text.split('\r\n')
  const url = REQUEST_LINE.exec(first)?.[1]
  if (url === undefined) return undefined
  const headers = Object.create(null) as Record<string, string | undefined>
  for (const line of lines) {
    const parts = HEADER.exec(line)
    if (!parts) return undefined
    const name = (parts[1] ?? '').toLowerCase()
    if (NOT_PLAIN.has(name) || headers[name] !== undefined) return undefined
    headers[name] = parts[2] ?? ''
  }
  const { host, connection, 'content-length': length } = headers
  if (host === undefined || length === undefined || !/^\d{1,9}$/.test(length)) return undefined
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return undefined
  return { url, headers, bodyBytes: Number(length) }
}

/** Heads repeat: clients send the same one with each request, but for the length. */
class HeadCache {
  #known = new Map<string, PlainHead>()

  parse(text: string): PlainHead | undefined {
    const known = this.#known.get(text)
    if (known) return known
    const head = parsePlainHead(text)
    if (!head) return undefined
    if (this.#known.size >= 256) this.#known.clear()
    this.#known.set(text, head)
    return head
  }
}

export interface PlainService {
  /** Takes a whole request; answers it now or later through `reply`. */
  handle(head: PlainHead, body: Buffer, reply: Reply): void
  /** Takes a connection over for good, with the bytes that were read from it and not handled. */
  handOver(socket: Socket): void
}

const IDLE_MS = 70_000

/**
 * The short way for predictions. A POST that arrives whole, in one piece, and without any of HTTP's rarer features is
 * read here at a fraction of what node:http takes for it; with the first thing that is not so, the connection is
 * handed to node:http and stays there. So nothing here has to be lenient, and no rule of HTTP is written twice.
 */
export class PlainConnections {
  readonly #service: PlainService
  readonly #open = new Set<PlainConnection>()
  readonly #heads = new HeadCache()
  isClosing = false

  constructor(service: PlainService) {
    this.#service = service
  }

  readonly accept = (socket: Socket): void => {
    const connection = new PlainConnection(socket, this)
    this.#open.add(connection)
    connection.start()
  }

  parse(text: string): PlainHead | undefined {
    return this.#heads.parse(text)
  }

  handle(head: PlainHead, body: Buffer, reply: Reply): void {
    this.#service.handle(head, body, reply)
  }

  handOver(connection: PlainConnection, socket: Socket): void {
    this.#open.delete(connection)
    this.#service.handOver(socket)
  }

  forget(connection: PlainConnection): void {
    this.#open.delete(connection)
  }

  /** From now on each answer ends its connection; those without a request end at once. */
  close(): void {
    this.isClosing = true
    for (const connection of this.#open) connection.closeWhenIdle()
  }
}

class PlainConnection {
  readonly #socket: Socket
  readonly #owner: PlainConnections
  #isBusy = false
  #hasEnded = false

  constructor(socket: Socket, owner: PlainConnections) {
    this.#socket = socket
    this.#owner = owner
  }

  get isGone(): boolean {
    return this.#socket.destroyed
  }

  start(): void {
    this.#socket
      .setTimeout(IDLE_MS)
      .on('data', this.#onData)
      .on('end', this.#onEnd)
      .on('error', this.#onError)
      .on('timeout', this.#onTimeout)
      .on('drain', this.#onDrain)
      .on('close', this.#onClose)
  }

  /** Bytes of a later request go back into the stream, whose end is then not seen before they are read again. */
  #putBack(bytes: Buffer): void {
    this.#socket.pause()
    this.#socket.unshift(bytes)
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isBusy) {
      this.#putBack(chunk)
      return
    }
    const headEnd = chunk.indexOf(HEAD_END)
    const head =
      headEnd > 0 && headEnd <= MAX_HEAD ? this.#owner.parse(chunk.toString('latin1', 0, headEnd)) : undefined
    const bodyStart = headEnd + HEAD_END.length
    if (!head || chunk.length < bodyStart + head.bodyBytes) {
      this.#handOver(chunk)
      return
    }
    const bodyEnd = bodyStart + head.bodyBytes
    if (chunk.length > bodyEnd) this.#putBack(chunk.subarray(bodyEnd))
    this.#isBusy = true
    this.#owner.handle(head, chunk.subarray(bodyStart, bodyEnd), new PlainReply(this))
  }

  readonly #onEnd = (): void => {
    this.#hasEnded = true
    if (!this.#isBusy) this.#socket.end()
  }

  readonly #onError = (): void => {
    this.#socket.destroy()
  }

  readonly #onTimeout = (): void => {
    if (!this.#isBusy) this.#socket.destroy()
  }

  readonly #onDrain = (): void => {
    if (!this.#isBusy) this.#socket.resume()
  }

  readonly #onClose = (): void => {
    this.#owner.forget(this)
  }

  answer(head: string, body: string): void {
    const socket = this.#socket
    const bytes = Buffer.byteLength(body)
    const end = `content-length: ${bytes}\r\nconnection: ${this.#owner.isClosing ? 'close' : 'keep-alive'}\r\n\r\n`
    if (bytes === body.length) socket.write(head + end + body, 'latin1')
    else {
      socket.cork()
      socket.write(head + end, 'latin1')
      socket.write(body, 'utf8')
      socket.uncork()
    }
    this.#isBusy = false
    if (this.#hasEnded || this.#owner.isClosing) socket.end()
    // A client that does not read its answers gets no more of them.
    else if (socket.writableNeedDrain) socket.pause()
    else if (socket.isPaused()) socket.resume()
  }

  closeWhenIdle(): void {
    if (!this.#isBusy) this.#socket.end()
  }

  #handOver(unread: Buffer): void {
    const socket = this.#socket
    socket
      .setTimeout(0)
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('error', this.#onError)
      .off('timeout', this.#onTimeout)
      .off('drain', this.#onDrain)
      .off('close', this.#onClose)
    this.#putBack(unread)
    this.#owner.handOver(this, socket)
    socket.resume()
  }
}

class PlainReply implements Reply {
  readonly #connection: PlainConnection
  #isSent = false

  constructor(connection: PlainConnection) {
    this.#connection = connection
  }

  get isGone(): boolean {
    return this.#connection.isGone
  }

  send(status: number, body: string, headers: readonly string[]): void {
    if (this.#isSent || this.#connection.isGone) return
    this.#isSent = true
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\ndate: ${httpDate()}\r\n`
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
    this.#connection.answer(head, body)
  }
}

let dateSecond = 0
let dateText = ''

function httpDate(): string {
  const second = Math.floor(Date.now() / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = new Date(second * 1000).toUTCString()
  }
  return dateText
}
