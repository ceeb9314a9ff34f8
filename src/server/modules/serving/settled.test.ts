import { expect, onTestFinished, test } from 'vitest'
import { getSettled } from '../../../contract/serving.ts'
import { Feed, PlaneStub, aVersion, anEndpoint, hourMs, until } from '../../../testkit/loop.ts'
import { startStack } from '../../../testkit/stack.ts'
import { linearModel } from '../../../testkit/onnx-models.ts'
import { floatSignature } from '../../../testkit/plane-process.ts'
import { setRouting } from './module.ts'

const start = Date.UTC(2026, 0, 5)

test('an endpoint is settled when its planes have sealed, the rows are ingested and nothing waits', async () => {
  const own = await startStack({ env: { MAINSTAY_PYTHON: '/there/is/no/python' } })
  onTestFinished(() => own[Symbol.asyncDispose]())
  await anEndpoint(own, 'e', { clock: 'event' })
  await aVersion(own, { model: 'e', signature: floatSignature(1), onnx: linearModel([1], 0) })
  expect(await own.call(getSettled, { name: 'e', through: start })).toMatchObject({
    settled: false,
    pending: ['no data plane answers'],
  })
  const plane = await PlaneStub.start(own.home)
  onTestFinished(() => plane[Symbol.asyncDispose]())
  const feed = new Feed(own, { endpoint: 'e', model: 'e' })
  await until(
    () => own.call(getSettled, { name: 'e', through: start }),
    (answer) => answer.pending[0] === 'captured rows are not ingested yet',
  )
  expect(plane.flushes).toBeGreaterThan(0)
  const rows = [0, 1].map((i) => ({ id: `r${i}`, at: start + i * hourMs, inputs: { x0: i }, answers: { 1: 0 } }))
  await feed.write(rows, { keep: true })
  await until(
    () => own.call(getSettled, { name: 'e', through: start + hourMs }),
    (answer) => answer.settled,
  )
  expect((await own.ctx.db.selectFrom('capture_segment').selectAll().execute()).length).toBe(1)
  await own.ctx.tx((ctx) => ctx.enqueue({ kind: 'nobody.runs_this', lane: 'endpoint:e:' }))
  expect(await own.call(getSettled, { name: 'e', through: start })).toMatchObject({
    settled: false,
    pending: ['1 evaluations or joins are due'],
  })
  await own.ctx.tx((ctx) =>
    setRouting(ctx, 'e', {
      variants: [{ model: 'e', version: 1, weight: 1, role: 'live' }],
      errorTest: null,
      why: 'test',
    }),
  )
  await until(
    () => Promise.resolve(plane.snapshots.at(-1)),
    (snapshot) => snapshot?.endpoints[0]?.variants[0]?.version === 1,
  )
})
