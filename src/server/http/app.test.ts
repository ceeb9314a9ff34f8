import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, type Stack } from '../../testkit/stack.ts'

let stack: Stack
let port: number
beforeAll(async () => {
  stack = await startStack()
  await stack.control.app.listen({ host: '127.0.0.1', port: 0 })
  port = (stack.control.app.server.address() as AddressInfo).port
})
afterAll(() => stack[Symbol.asyncDispose]())

async function exchange(bytes: string): Promise<[status: number, body: unknown]> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
  socket.write(bytes)
  await once(socket, 'close')
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  return [Number(head.split(' ')[1]), JSON.parse(body)]
}

test('what is no HTTP is refused with a code and the next step', async () => {
  const post = 'POST /api/2.0/mlflow/runs/search HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
  const broken = [
    'nonsense\r\n\r\n',
    `${post}content-length: -1\r\n\r\n`,
    `${post}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${post}transfer-encoding: chunked\r\n\r\nzz\r\n`,
  ]
  for (const bytes of broken) {
    const [status, body] = await exchange(bytes)
    expect([bytes, status]).toEqual([bytes, 400])
    expect(body).toMatchObject({
      error: { code: 'request.malformed_http', next: expect.stringContaining('HTTP/1.1') as string },
    })
  }
  const [status, body] = await exchange(`GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`)
  expect([status, body]).toMatchObject([431, { error: { code: 'request.headers_too_large' } }])
})
