/**
 * A load generator in its own process, light enough never to be the slower side: raw sockets, prepared bytes, one
 * request under way per connection. argv: port path connections seconds bodyFile [perSecond]. Without `perSecond` each
 * connection sends again as soon as it is answered; with it requests leave at that rate whatever the server does, and
 * their latency counts from the moment at which they should have left. Prints one line of JSON.
 */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'

const [port = '8000', path = '/', connections = '8', seconds = '5', bodyFile = '', rate = '0'] = process.argv.slice(2)
const perSecond = Number(rate)
const requests = readFileSync(bodyFile, 'utf8')
  .trim()
  .split('\n')
  .map((body) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  )
const WARM_MS = 2000
/** Nanosecond clocks cost more than a float; a million latencies are enough for any quantile. */
const latencies = new Float64Array(1_000_000)
const end = Buffer.from('\r\n\r\n')
const ok = 'HTTP/1.1 200'
let done = 0
let sent = 0
let failed = 0
let next = 0
let isMeasuring = false
let isOver = false

class Client {
  readonly #socket: Socket
  #sentAt = 0
  /** Bytes that are missing of the answer under way; -1 while its head is not whole. */
  #missing = -1
  #head: Buffer | undefined

  constructor() {
    this.#socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#socket.on('connect', () => idle(this))
    this.#socket.on('error', () => failed++)
  }

  send(at: number): void {
    this.#sentAt = at
    sent++
    this.#socket.write(requests[next++ % requests.length] as Buffer)
  }

  #read(chunk: Buffer): void {
    if (this.#missing >= 0) this.#missing -= chunk.length
    else {
      const bytes = this.#head ? Buffer.concat([this.#head, chunk]) : chunk
      const headEnd = bytes.indexOf(end)
      if (headEnd < 0) {
        this.#head = bytes
        return
      }
      const head = bytes.toString('latin1', 0, headEnd)
      const at = head.search(/content-length: /i)
      if (!head.startsWith(ok)) failed++
      this.#missing = Number.parseInt(head.slice(at + 16), 10) - (bytes.length - headEnd - 4)
      this.#head = undefined
    }
    if (this.#missing > 0) return
    this.#missing = -1
    if (isMeasuring) latencies[done++ % latencies.length] = performance.now() - this.#sentAt
    idle(this)
  }
}

/** Of the open loop: when each request that found no idle connection should have left. */
const late: number[] = []
const waiting: Client[] = []

function idle(client: Client): void {
  if (isOver) return
  if (perSecond === 0) client.send(performance.now())
  else {
    const at = late.shift()
    if (at === undefined) waiting.push(client)
    else client.send(at)
  }
}

function startOpenLoop(): void {
  const began = performance.now()
  let due = 0
  const tick = (): void => {
    const now = performance.now()
    for (; began + (due * 1000) / perSecond <= now; due++) {
      const at = began + (due * 1000) / perSecond
      const client = waiting.pop()
      if (client) client.send(at)
      else late.push(at)
    }
    if (!isOver) setTimeout(tick, 1)
  }
  tick()
}

for (let i = 0; i < Number(connections); i++) new Client()
if (perSecond > 0) setTimeout(startOpenLoop, 200)

setTimeout(() => {
  isMeasuring = true
  const start = performance.now()
  const cpu = process.cpuUsage()
  setTimeout(
    () => {
      isOver = true
      const elapsed = (performance.now() - start) / 1000
      const { user, system } = process.cpuUsage(cpu)
      const sorted = latencies.subarray(0, Math.min(done, latencies.length)).sort()
      const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN
      const busy = (user + system) / 1e6 / elapsed
      const result = { perSecond: done / elapsed, failed, sent, p50: at(0.5), p99: at(0.99), busy }
      process.stdout.write(`${JSON.stringify(result)}\n`)
      process.exit(0)
    },
    Number(seconds) * 1000,
  )
}, WARM_MS)
