import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { SnapshotEndpoint } from '../../contract/plane.ts'
import { readSegment } from '../platform/spool/read.ts'
import { linearModel, lookupModel } from '../../testkit/onnx-models.ts'
import { PlaneProcess, floatSignature } from '../../testkit/plane-process.ts'

const planes: PlaneProcess[] = []
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.stop('SIGKILL')))
})

async function aPlane(): Promise<PlaneProcess> {
  const plane = new PlaneProcess()
  planes.push(plane)
  return plane.start()
}

const test1 = { rollout: 'ro_1', candidate: 'v2', alpha: 0.02 }

/** v1 always answers; v2 fails for every row at or above 1. */
function canary(plane: PlaneProcess, weight: number, extra: Partial<SnapshotEndpoint> = {}): SnapshotEndpoint {
  return plane.endpoint(
    [
      plane.variant(1, linearModel([1], 0), floatSignature(1), { weight: 1 - weight }),
      plane.variant(2, lookupModel(1), floatSignature(1), { weight, role: weight === 0 ? 'shadow' : 'canary' }),
    ],
    { error_test: test1, ...extra },
  )
}

async function settledShadows(plane: PlaneProcess): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100))
  await plane.control('POST', '/flush')
}

const rowsOf = (plane: PlaneProcess) => {
  const folder = join(plane.home, 'spool', 'r1')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.rows'))
    .sort()
    .flatMap((name) => [...readSegment(join(folder, name))])
}

test('an unpaired canary that always fails is out after a few hurt rows, and stays out over restarts and snapshots', async () => {
  const plane = await aPlane()
  await plane.push(1, canary(plane, 0.1, { pair_below: 0 }))
  let hurt = 0
  for (let i = 0; i < 400 && (await plane.status()).trips.length === 0; i++)
    if ((await plane.infer([[5]])).status !== 200) hurt++
  const [trip] = (await plane.status()).trips
  expect(hurt).toBeLessThanOrEqual(4)
  expect(trip).toMatchObject({
    endpoint: 'bikes',
    rollout: 'ro_1',
    variant: 'v2',
    version: 2,
    generation: 1,
    hurtRows: hurt,
  })
  expect(trip?.lastError).not.toBe('')
  const all = async (): Promise<number[]> =>
    (await Promise.all(Array.from({ length: 60 }, () => plane.infer([[5]])))).map((reply) => reply.status)
  expect(new Set(await all())).toEqual(new Set([200]))

  await plane.stop('SIGKILL')
  await plane.start()
  expect((await plane.status()).endpoints[0]?.variants.map((variant) => variant.weight)).toEqual([1, 0])
  await plane.push(2, canary(plane, 0.5, { pair_below: 0 }))
  expect(new Set(await all())).toEqual(new Set([200]))

  const named = { trips: [{ endpoint: 'bikes', rollout: 'ro_1', variant: 'v2' }] }
  expect((await plane.control('POST', '/trips/ack', named)).body).toEqual({ acknowledged: 1 })
  const status = await plane.status()
  expect(status.trips).toEqual([])
  expect(status.endpoints[0]?.variants.map((variant) => variant.weight)).toEqual([1, 0])
})

test('a shadow that fails is found by pairs alone, without a hurt row', async () => {
  const plane = await aPlane()
  await plane.push(1, canary(plane, 0, { pair_below: 1000 }))
  for (let i = 0; i < 30; i++) expect((await plane.infer([[5]])).status).toBe(200)
  await settledShadows(plane)
  const status = await plane.status()
  expect(status.trips[0]).toMatchObject({ variant: 'v2', hurtRows: 0 })
  expect(status.endpoints[0]?.errorTest).toMatchObject({ tripped: true, championErrors: 0 })
})

test('while traffic is slow every variant scores every request, logged under the same id as shadow', async () => {
  const plane = await aPlane()
  await plane.push(1, canary(plane, 0.5, { pair_below: 1000, error_test: null }))
  for (let i = 0; i < 10; i++) await plane.infer([[0]], { 'mainstay-prediction-id': `k${i}` })
  await settledShadows(plane)
  const rows = rowsOf(plane)
  for (let i = 0; i < 10; i++) {
    const same = rows.filter((row) => row.id === `k${i}`)
    expect(same.map((row) => row.kind).sort()).toEqual(['live', 'shadow'])
    expect(new Set(same.map((row) => row.variant)).size).toBe(2)
    expect(same.find((row) => row.kind === 'live')?.propensity).toBe(0.5)
    expect(same.find((row) => row.kind === 'shadow')?.propensity).toBe(1)
  }
})

test('equal variants that fail alike do not trip', async () => {
  const plane = await aPlane()
  const both = plane.endpoint(
    [1, 2].map((version) =>
      plane.variant(version, lookupModel(1), floatSignature(1), {
        weight: 0.5,
        role: version === 1 ? 'live' : 'canary',
      }),
    ),
    { error_test: test1, pair_below: 1000 },
  )
  await plane.push(1, both)
  for (let i = 0; i < 50; i++) await plane.infer([[5]])
  await settledShadows(plane)
  const status = await plane.status()
  expect(status.trips).toEqual([])
  expect(status.endpoints[0]?.errorTest).toMatchObject({ candidateErrors: 50, championErrors: 50 })
})

test('an entity stays with its variant, and one entity is one event', async () => {
  const plane = await aPlane()
  await plane.push(1, canary(plane, 0.5, { pair_below: 0 }))
  const variants = new Map<string, Set<string>>()
  for (let i = 0; i < 60; i++) {
    const entity = `u${i % 6}`
    const reply = await plane.infer([[0]], { 'mainstay-entity': entity })
    const seen = variants.get(entity) ?? new Set()
    variants.set(entity, seen.add(reply.headers['mainstay-variant'] ?? ''))
  }
  expect([...variants.values()].every((seen) => seen.size === 1)).toBe(true)
  const unlucky = [...variants].find(([, seen]) => seen.has('v2'))?.[0] ?? ''
  for (let i = 0; i < 20; i++) await plane.infer([[5]], { 'mainstay-entity': unlucky })
  expect((await plane.status()).endpoints[0]?.errorTest?.candidateErrors).toBe(1)
})

test('a version named in the address is logged as playground and is no evidence', async () => {
  const plane = await aPlane()
  await plane.push(1, canary(plane, 0.1, { pair_below: 0 }))
  const reply = await plane.post(
    '/v2/models/bikes/versions/2/infer',
    JSON.stringify({ inputs: [{ name: 'X', datatype: 'FP32', shape: [1, 1], data: [5] }] }),
  )
  expect(reply.status).toBe(500)
  await plane.control('POST', '/flush')
  expect(rowsOf(plane)[0]).toMatchObject({ kind: 'playground', variant: 'v2', status: 'error' })
  expect((await plane.status()).endpoints[0]?.errorTest?.candidateRows).toBe(0)
})
