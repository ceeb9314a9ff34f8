import { afterAll, beforeAll, expect, test } from 'vitest'
import { getEndpoint } from '../../../contract/serving.ts'
import { Feed, aVersion, anEndpoint, hourMs, quiet, until } from '../../../testkit/loop.ts'
import { linearModel } from '../../../testkit/onnx-models.ts'
import { floatSignature } from '../../../testkit/plane-process.ts'
import { startStack, TestClock, type Stack } from '../../../testkit/stack.ts'

const start = Date.UTC(2026, 0, 5)
const name = 'twice'
const clock = new TestClock()
let stack: Stack
beforeAll(async () => {
  stack = await startStack({ clock, env: { MAINSTAY_PYTHON: '/there/is/no/python' } })
  await anEndpoint(stack, name, { clock: 'event' })
  await aVersion(stack, { model: name, signature: floatSignature(1), onnx: linearModel([1], 0) })
})
afterAll(() => stack[Symbol.asyncDispose]())

const watermark = async () => (await stack.call(getEndpoint, { name })).watermark
const at = (hours: number): number => start + hours * hourMs

test('the watermark is that of the slowest replica, and a dead one stops to hold it after a minute', async () => {
  const fed = (replica: string) => {
    const feed = new Feed(stack, { endpoint: name, model: name, replica })
    return (hours: number) =>
      feed.write([{ id: `${replica}${hours}`, at: at(hours), inputs: { x0: 1 }, answers: { 1: 1 } }])
  }
  const [first, second] = [fed('r1'), fed('r2')]
  await first(10)
  await second(3)
  // Who joins takes nobody back.
  expect(await watermark()).toBe(at(10))
  await second(11)
  expect(await watermark()).toBe(at(10))

  // The second one is killed. A supervised restart takes less than a minute.
  clock.advance(50_000)
  await first(20)
  expect(await watermark()).toBe(at(11))
  clock.advance(30_000)
  await first(21)
  await until(watermark, (time) => time === at(21), 'the dead replica to be passed over')
  await quiet(stack)
  expect(await stack.events()).toContainEqual({ type: 'serving.captured', endpoint: name, watermark: at(21), rows: 0 })

  // It comes back with a row of long ago: late, and the watermark stays; from then on it counts again.
  await second(12)
  expect(await watermark()).toBe(at(21))
  await first(30)
  expect(await watermark()).toBe(at(21))
  await second(29)
  expect(await watermark()).toBe(at(29))
})
