import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, type Stack } from '../../testkit/stack.ts'
import { newestEventId } from '../platform/events/outbox.ts'

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

test('a page that was away for long gets every fact that it missed, in order', async () => {
  const before = await newestEventId(stack.ctx.db)
  const tell = (n: number): Promise<void> =>
    stack.ctx.tx((ctx) => Promise.resolve(ctx.emit({ type: 'pipelines.saved', pipeline: 'p', version: `${n}` })))
  for (let i = 0; i < 1_500; i += 1) await tell(i)
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/events`, { headers: { 'last-event-id': `${before}` } })
  let text = ''
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  const versions = (): string[] => [...text.matchAll(/"version":"(\d+)"/g)].map(([, version]) => version ?? '')
  // A new fact comes while the past is still being read.
  await tell(1_500)
  while (versions().length < 1_501) text += (await reader?.read())?.value ?? ''
  await reader?.cancel()
  expect(versions()).toEqual(Array.from({ length: 1_501 }, (_, i) => `${i}`))
})

test('a body that does not say that it is JSON is refused with what to send', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
    const headers = { 'content-type': type }
    const { statusCode, body } = await stack.control.app.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers,
      payload: '{}',
    })
    expect([statusCode, JSON.parse(body)]).toMatchObject([415, { error: { code: 'request.wrong_content_type' } }])
  }
})
