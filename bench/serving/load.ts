/**
 * A load generator in its own process: closed loop over c keep-alive connections, raw sockets and a prepared request, so
 * that the client is never the slower side. argv: port path connections seconds bodyFile. Prints one line of JSON.
 */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'

const [port = '8000', path = '/', connections = '8', seconds = '5', bodyFile = ''] = process.argv.slice(2)
const bodies = readFileSync(bodyFile, 'utf8').trim().split('\n')
const requests = bodies.map((body) =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  ),
)
const latencies: number[] = []
let done = 0
let sent = 0
let failed = 0
let next = 0
let isMeasuring = false
let isOver = false

function run(socket: Socket): void {
  let sentAt = 0
  let expected = -1
  let got = 0
  let head = ''
  const send = (): void => {
    expected = -1
    got = 0
    head = ''
    sentAt = performance.now()
    sent++
    socket.write(requests[next++ % requests.length] as Buffer)
  }
  socket.on('data', (chunk: Buffer) => {
    if (expected < 0) {
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      expected = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      got = head.length - end - 4
    } else got += chunk.length
    if (got < expected) return
    if (isMeasuring) {
      if (head.startsWith('HTTP/1.1 200')) done++
      else failed++
      latencies.push(performance.now() - sentAt)
    }
    if (!isOver) send()
  })
  socket.on('connect', send)
  socket.on('error', () => failed++)
}

for (let i = 0; i < Number(connections); i++) run(connect({ port: Number(port), host: '127.0.0.1', noDelay: true }))

setTimeout(() => {
  isMeasuring = true
  const start = performance.now()
  setTimeout(
    () => {
      isOver = true
      const elapsed = (performance.now() - start) / 1000
      latencies.sort((a, b) => a - b)
      const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? NaN
      process.stdout.write(
        `${JSON.stringify({ perSecond: done / elapsed, failed, sent, p50: at(0.5), p99: at(0.99) })}\n`,
      )
      process.exit(0)
    },
    Number(seconds) * 1000,
  )
}, 2000)
