import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { linearModel } from '../../testkit/onnx-models.ts'
import { PlaneProcess, floatSignature } from '../../testkit/plane-process.ts'

const planes: PlaneProcess[] = []
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.stop('SIGKILL')))
})

test('a plane whose files are damaged starts, is not ready, and serves what control sends next', async () => {
  const plane = new PlaneProcess()
  planes.push(plane)
  await plane.start()
  const endpoint = plane.endpoint([plane.variant(3, linearModel([1, 2], 0.5), floatSignature(2))])
  await plane.push(1, endpoint)
  await plane.stop('SIGKILL')
  const files = ['snapshot', 'state', 'trips'].map((name) => join(plane.home, 'plane/r1', `${name}.json`))
  for (const file of files) writeFileSync(file, '{"half of')
  await plane.start()
  expect((await plane.get('/v2/health/ready')).status).toBe(503)
  expect(await plane.infer([[1, 2]])).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
  expect(files.every((file) => existsSync(`${file}.damaged`))).toBe(true)
  expect(plane.log).toContain('was set aside')
  await plane.push(1, endpoint)
  expect((await plane.get('/v2/health/ready')).status).toBe(200)
  expect((await plane.infer([[1, 2]])).status).toBe(200)
})

test('a home that was moved while nothing ran serves what it served', async () => {
  const before = new PlaneProcess()
  planes.push(before)
  await before.start()
  const variant = before.variant(3, linearModel([1, 2], 0.5), floatSignature(2))
  await before.push(1, before.endpoint([{ ...variant, model_url: `models/${variant.model_digest}` }]))
  await before.stop()
  renameSync(before.home, `${before.home}-moved`)
  const after = new PlaneProcess([], `${before.home}-moved`)
  planes.push(after)
  await after.start()
  expect((await after.infer([[1, 2]])).body.outputs[0].data).toEqual([5.5])
})
