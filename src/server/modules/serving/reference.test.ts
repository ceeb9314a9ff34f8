import { afterAll, beforeAll, expect, test } from 'vitest'
import { aVersion } from '../../../testkit/loop.ts'
import { linearModel } from '../../../testkit/onnx-models.ts'
import { floatSignature } from '../../../testkit/plane-process.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { findServable, type FrozenColumn } from './module.ts'

let stack: Stack
beforeAll(async () => (stack = await startStack({ env: { MAINSTAY_PYTHON: '/there/is/no/python' } })))
afterAll(async () => await stack[Symbol.asyncDispose]())

async function frozen(model: string, onnx: Buffer): Promise<Record<string, FrozenColumn>> {
  const rows = Array.from({ length: 400 }, (_, i) => `${(i * 37) % 101},${(i * 53) % 97},${i % 7}`)
  const reference = ['x0,x1,note', ...rows].join('\n')
  const version = await aVersion(stack, { model, signature: floatSignature(2), onnx, reference })
  const digest = (await findServable(stack.ctx, model, version))?.referenceDigest ?? ''
  return JSON.parse((await stack.ctx.blobs.read(digest)).toString()) as Record<string, FrozenColumn>
}

test('the reference says how much each input moves the answers; what the model does not read moves nothing', async () => {
  const columns = await frozen('reads-one', linearModel([2, 0], 1))
  expect(columns['x0']?.importance).toBeCloseTo(1, 0)
  expect(columns['x1']?.importance).toBe(0)
  expect(columns['note']).not.toHaveProperty('importance')
})

test('the reference of a model that cannot be asked is frozen without importance', async () => {
  const columns = await frozen('broken', Buffer.from('no graph'))
  expect(Object.keys(columns)).toEqual(['x0', 'x1', 'note'])
  expect(columns['x0']).not.toHaveProperty('importance')
})
