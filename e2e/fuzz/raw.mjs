import { connect } from 'node:net'

/**
 * Sends bytes as they are, which no client library would, and returns the status of each answer that comes until the
 * server closes or is silent.
 */
export function sendRaw(port, bytes, silentMs = 1_500) {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const end = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve([...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status)))
    }
    let timer = setTimeout(end, silentMs)
    socket.on('data', (chunk) => {
      text += chunk
      clearTimeout(timer)
      timer = setTimeout(end, 150)
    })
    socket.on('close', end)
    socket.on('error', end)
  })
}

const request = (line, ...headers) => `${[line, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`
const json = 'Content-Type: application/json'

/** Each with the statuses that are right; none may be a success, and none may break the server. */
export const rawRequests = (artifact) => [
  ['dots in the address', request('GET /api/2.0/mlflow-artifacts/artifacts/../../../../etc/passwd HTTP/1.1')],
  ['dots below a run', request(`GET /api/2.0/mlflow-artifacts/artifacts/${artifact}/../../../etc/passwd HTTP/1.1`)],
  ['encoded dots', request(`GET /api/2.0/mlflow-artifacts/artifacts/${artifact}/%2e%2e/%2e%2e/etc/passwd HTTP/1.1`)],
  ['a backslash', request(`GET /api/2.0/mlflow-artifacts/artifacts/${artifact}\\..\\..\\etc\\passwd HTTP/1.1`)],
  ['dots in the pages', request('GET /assets/../../../../package.json HTTP/1.1')],
  ['encoded dots in the pages', request('GET /assets/%2e%2e/%2e%2e/package.json HTTP/1.1')],
  ['a foreign absolute address', request('GET http://evil.example/api/v1/models/x HTTP/1.1')],
  ['an address that is none', request('GET /%E0%A4%A HTTP/1.1')],
  ['no host', 'GET /api/v1/models HTTP/1.1\r\n\r\n'],
  ['two hosts', request('GET /api/v1/models HTTP/1.1', 'Host: evil.example')],
  ['an unknown method', request('BREW /api/v1/models HTTP/1.1')],
  ['two lengths', `${request('POST /api/v1/apply HTTP/1.1', json, 'Content-Length: 2', 'Content-Length: 3')}{}}`],
  [
    'a length and chunks',
    `${request('POST /api/v1/apply HTTP/1.1', json, 'Content-Length: 2', 'Transfer-Encoding: chunked')}{}`,
  ],
  ['a negative length', request('POST /api/v1/apply HTTP/1.1', json, 'Content-Length: -1')],
  ['a wrong chunk', `${request('POST /api/v1/apply HTTP/1.1', json, 'Transfer-Encoding: chunked')}zz\r\n{}\r\n`],
  ['long headers', request('GET /api/v1/models/x HTTP/1.1', `X-Long: ${'x'.repeat(100_000)}`)],
  ['many headers', request('GET /api/v1/none HTTP/1.1', ...Array.from({ length: 3_000 }, (_, i) => `X-${i}: 1`))],
  ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
]
