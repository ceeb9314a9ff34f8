import { rename } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, type Stack } from '../../testkit/stack.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack[Symbol.asyncDispose]())

const get = (url: string) => stack.control.app.inject({ url, headers: { host: 'localhost' } })

test('a server whose home cannot be written says so and is not ready, but lives', async () => {
  expect((await get('/readyz')).json()).toEqual({ ready: true, missing: [] })
  await rename(stack.home, `${stack.home}-away`)
  const answer = await get('/readyz')
  await rename(`${stack.home}-away`, stack.home)
  expect(answer.statusCode).toBe(503)
  expect(answer.json().missing[0]).toContain(`${stack.home} cannot be written: ENOENT`)
  expect((await get('/healthz')).statusCode).toBe(200)
  expect((await get('/readyz')).statusCode).toBe(200)
})

test('the metrics count requests by route, and tell what the product has to do', async () => {
  await stack.ctx.tx((ctx) => ctx.enqueue({ kind: 'nobody.does', key: 'this' }))
  await get('/api/v1/pipeline-runs/pr_1')
  await get('/there/is/nothing')
  const { body, headers } = await get('/metrics')
  expect(headers['content-type']).toContain('text/plain')
  expect(body).toContain('mainstay_jobs{kind="nobody.does",state="ready"} 1')
  expect(body).toContain('mainstay_spool_segments 0')
  expect(body).toContain(
    'mainstay_http_request_seconds_count{method="GET",route="/api/v1/pipeline-runs/:run",status="404"} 1',
  )
  expect(body).toContain('mainstay_http_request_seconds_count{method="GET",route="unknown",status="404"} 1')
  expect(body).toContain('mainstay_control_process_cpu_seconds_total')
})
