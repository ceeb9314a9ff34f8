import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { gzipSync } from 'node:zlib'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { CapturedRow, SegmentMeta } from '../../contract/plane.ts'
import type { Signature } from '../../contract/signature.ts'
import { readSegment } from '../platform/spool/read.ts'
import { linearModel, logModel, lookupModel, mixedModel, slowModel } from '../../testkit/onnx-models.ts'
import { PlaneProcess, floatSignature, tensorBody, type Reply } from '../../testkit/plane-process.ts'

const planes: PlaneProcess[] = []
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.stop('SIGKILL')))
})

async function aPlane(extra: string[] = [], home?: string): Promise<PlaneProcess> {
  const plane = new PlaneProcess(extra, home)
  planes.push(plane)
  return plane.start()
}

async function aServingPlane(extra: string[] = []): Promise<PlaneProcess> {
  const plane = await aPlane(extra)
  await plane.push(1, plane.endpoint([plane.variant(3, linearModel([1, 2], 0.5), floatSignature(2))]))
  return plane
}

function logged(plane: PlaneProcess): { rows: CapturedRow[]; metas: SegmentMeta[] } {
  const folder = join(plane.home, 'spool', 'r1')
  const names = readdirSync(folder).sort()
  const rows = names.filter((name) => name.endsWith('.rows')).flatMap((name) => [...readSegment(join(folder, name))])
  const metas = names
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as SegmentMeta)
  return { rows, metas }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('a prediction is answered in OIP form and stands in the log with its columns', async () => {
  const plane = await aServingPlane()
  const reply = await plane.infer(
    [[1, 2]],
    { 'mainstay-entity': 'u1', 'mainstay-event-time': '2026-01-02T03:04:05Z' },
    { id: 'a' },
  )
  expect(reply.body).toEqual({
    model_name: 'bikes',
    model_version: '3',
    id: 'a',
    parameters: { variant: 'v3' },
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [5.5] }],
  })
  expect(reply.headers['mainstay-variant']).toBe('v3')
  expect(reply.headers['mainstay-prediction-id']).toBe('a')
  await plane.control('POST', '/flush')
  const [row] = logged(plane).rows
  expect(row).toMatchObject({
    id: 'a',
    requestId: 'a',
    entity: 'u1',
    eventTime: Date.UTC(2026, 0, 2, 3, 4, 5),
    kind: 'live',
    status: 'ok',
    propensity: 1,
  })
  expect(row?.inputs).toEqual({ x0: 1, x1: 2 })
  expect(row?.outputs).toEqual({ y: 5.5 })
})

test('no acknowledged row is lost to kill -9, and the next start seals them with their profile', async () => {
  const plane = await aServingPlane()
  const acknowledged: string[] = []
  let isOver = false
  const client = async (name: number): Promise<void> => {
    for (let i = 0; !isOver; i++) {
      const id = `c${name}-${i}`
      const reply = await plane.infer([[name, i]], { 'mainstay-prediction-id': id }).catch(() => undefined)
      if (reply?.status === 200) acknowledged.push(id)
    }
  }
  const clients = [0, 1, 2, 3].map(client)
  await sleep(700)
  await plane.stop('SIGKILL')
  isOver = true
  await Promise.all(clients)
  await plane.start()
  const { rows, metas } = logged(plane)
  const ids = new Set(rows.map((row) => row.id))
  expect(acknowledged.length).toBeGreaterThan(50)
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
  expect(metas[0]?.rows).toBe(rows.length)
  expect(metas[0]?.endpoints[0]?.profiles[0]?.rows).toBe(rows.length)
})

test('the plane starts and serves from its own snapshot when nobody controls it', async () => {
  const plane = await aServingPlane()
  await plane.stop('SIGKILL')
  await plane.start()
  expect((await plane.infer([[1, 1]])).body.outputs[0].data).toEqual([3.5])
  expect((await plane.status()).generation).toBe(1)
})

test('the plane lives on when the process that started it closes its pipes', async () => {
  const plane = await aServingPlane()
  plane.child?.stderr?.destroy()
  plane.child?.kill('SIGHUP')
  await plane.push(2, plane.endpoint([plane.variant(4, linearModel([1, 1], 0), floatSignature(2))]))
  expect((await plane.infer([[1, 1]])).body.model_version).toBe('4')
})

test('SIGTERM seals the open segment and exits with 0', async () => {
  const plane = await aServingPlane()
  await plane.infer([[1, 2]])
  expect(await plane.stop()).toBe(0)
  expect(logged(plane).metas.map((meta) => meta.rows)).toEqual([1])
})

test('a swap between inline and worker models under load fails no request', async () => {
  const plane = await aServingPlane()
  const versions = new Set<string>()
  const failures: Reply[] = []
  let isOver = false
  const client = async (): Promise<void> => {
    while (!isOver) {
      const reply = await plane.infer([[1, 2]])
      if (reply.status === 200) versions.add(reply.body.model_version)
      else failures.push(reply)
    }
  }
  const clients = [0, 1, 2, 3].map(client)
  for (let generation = 2; generation <= 6; generation++) {
    const model = generation % 2 === 0 ? slowModel(300, generation) : linearModel([1, 2], generation)
    await plane.push(generation, plane.endpoint([plane.variant(generation, model, floatSignature(2))]))
    await sleep(50)
  }
  isOver = true
  await Promise.all(clients)
  expect(failures).toEqual([])
  expect([...versions].sort()).toEqual(['2', '3', '4', '5', '6'])
})

test('an older generation changes nothing', async () => {
  const plane = await aServingPlane()
  await plane.push(5, plane.endpoint([plane.variant(5, linearModel([1, 2], 0), floatSignature(2))]))
  const answer = await plane.push(4, plane.endpoint([plane.variant(4, linearModel([1, 2], 0), floatSignature(2))]))
  expect(answer.generation).toBe(5)
  expect((await plane.infer([[1, 2]])).body.model_version).toBe('5')
})

test('a model whose bytes do not match its digest is refused and the endpoint says so', async () => {
  const plane = await aPlane()
  const variant = plane.variant(1, linearModel([1, 2], 0), floatSignature(2), { model_digest: 'f'.repeat(64) })
  const answer = await plane.push(1, plane.endpoint([variant]))
  expect(answer.variants[0]).toMatchObject({ loaded: 'failed', error: expect.stringContaining('digest') })
  expect((await plane.infer([[1, 2]])).status).toBe(503)
  expect((await plane.get('/v2/models/bikes/ready')).status).toBe(400)
})

test('a bad row fails alone: its neighbours in the batch are answered', async () => {
  const plane = await aPlane()
  await plane.push(1, plane.endpoint([plane.variant(1, lookupModel(5), floatSignature(1))]))
  const replies = await Promise.all([1, 2, 99, 3].map((x) => plane.infer([[x]])))
  expect(replies.map((reply) => reply.status)).toEqual([200, 200, 500, 200])
  expect(replies[2]?.body.code).toBe('serving.model_failed')
  const mixed = await plane.infer([[1], [99], [2]])
  expect(mixed.body.outputs[0].data).toEqual([10, null, 20])
  expect(mixed.body.parameters.failed_rows).toBe('1')
})

test('a non-finite output is null and counts as a model error', async () => {
  const plane = await aPlane()
  await plane.push(1, plane.endpoint([plane.variant(1, logModel(), floatSignature(1))]))
  const reply = await plane.infer([[-1], [1]])
  expect(reply.status).toBe(200)
  expect(reply.body.outputs[0].data).toEqual([null, 0])
  const status = await plane.status()
  expect(status.endpoints[0]?.variants[0]?.errors).toBe(1)
})

const mixedSignature: Signature = {
  inputs: [
    { name: 'city', kind: 'string', missing: true },
    { name: 'size', kind: 'float', missing: false },
  ],
  outputs: [
    { name: 'y', kind: 'float', missing: false },
    { name: 'echo', kind: 'string', missing: false },
  ],
  onnx: {
    inputs: [
      { name: 'city', dtype: 'BYTES', columns: ['city'] },
      { name: 'size', dtype: 'FP32', columns: ['size'] },
    ],
    outputs: [
      { name: 'y', dtype: 'FP32', columns: ['y'] },
      { name: 'echo', dtype: 'BYTES', columns: ['echo'] },
    ],
  },
}

test('models with string columns take a tensor per column, and every scoring form', async () => {
  const plane = await aPlane()
  await plane.push(1, plane.endpoint([plane.variant(1, mixedModel(), mixedSignature)]))
  const body = JSON.stringify({
    inputs: [
      { name: 'size', datatype: 'FP32', shape: [2, 1], data: [1, 2] },
      { name: 'city', datatype: 'BYTES', shape: [2, 1], data: ['bern', 'ulm'] },
    ],
  })
  const reply = await plane.post('/v2/models/bikes/infer', body)
  expect(reply.body.outputs.map((output: { data: unknown }) => output.data)).toEqual([
    [11, 22],
    ['bern', 'ulm'],
  ])
  const expected = { predictions: [{ y: 11, echo: 'bern' }] }
  for (const form of [
    { dataframe_split: { columns: ['size', 'other', 'city'], data: [[1, 9, 'bern']] } },
    { dataframe_records: [{ city: 'bern', size: 1 }] },
    { instances: [{ city: 'bern', size: 1 }] },
    { inputs: { city: ['bern'], size: [1] } },
  ]) {
    for (const path of ['/invocations', '/endpoints/bikes/invocations', '/v2/models/bikes/invocations']) {
      expect((await plane.post(path, JSON.stringify(form))).body).toEqual(expected)
    }
  }
})

test('a repeat gets the same answer and is logged once; the same id with other inputs is 409', async () => {
  const plane = await aServingPlane()
  const first = await plane.infer([[1, 2]], { 'mainstay-prediction-id': 'k' })
  const again = await plane.infer([[1, 2]], { 'mainstay-prediction-id': 'k' })
  const other = await plane.infer([[1, 3]], { 'mainstay-prediction-id': 'k' })
  expect(again.body).toEqual(first.body)
  expect([other.status, other.body.code]).toEqual([409, 'serving.id_reused'])
  const together = await Promise.all(
    [1, 2, 3].map(() => plane.infer([[7, 7]], { 'mainstay-prediction-id': 'together' })),
  )
  expect(together.map((reply) => reply.status)).toEqual([200, 200, 200])
  await plane.control('POST', '/flush')
  expect(logged(plane).rows.map((row) => row.id)).toEqual(['k', 'together'])
})

test('a request of several rows numbers its ids and takes an event time for each', async () => {
  const plane = await aServingPlane()
  await plane.infer(
    [
      [1, 2],
      [3, 4],
    ],
    { 'mainstay-event-time': '1000,2000' },
    { id: 'r' },
  )
  await plane.infer([[1, 2]], {}, { id: 'r' })
  await plane.control('POST', '/flush')
  const { rows } = logged(plane)
  expect(rows.slice(0, 2).map((row) => [row.id, row.requestId, row.eventTime])).toEqual([
    ['r:0', 'r', 1000],
    ['r:1', 'r', 2000],
  ])
  expect(rows[2]?.requestId).toBe('r')
  expect(rows[2]?.id).not.toBe('r')
})

test('playground rows and rows without event time are logged and move no watermark', async () => {
  const plane = await aPlane()
  await plane.push(1, plane.endpoint([plane.variant(3, linearModel([1, 2], 0), floatSignature(2))], { clock: 'event' }))
  await plane.infer([[1, 2]])
  await plane.infer([[1, 2]], { 'mainstay-event-time': '5000', 'mainstay-playground': '1' })
  expect((await plane.status()).endpoints[0]?.watermark).toBe(null)
  await plane.infer([[1, 2]], { 'mainstay-event-time': '9000' })
  expect((await plane.status()).endpoints[0]?.watermark).toBe(8000)
  await plane.control('POST', '/flush')
  const { rows, metas } = logged(plane)
  expect(rows.map((row) => row.kind)).toEqual(['live', 'playground', 'live'])
  expect(metas[0]?.endpoints[0]?.profiles.map((profile) => profile.rows)).toEqual([1])
})

test('time goes on while every row is refused, but not before the first answer nor by a wrong stamp', async () => {
  const plane = await aPlane()
  await plane.push(1, plane.endpoint([plane.variant(3, linearModel([1, 2], 0), floatSignature(2))], { clock: 'event' }))
  const watermark = async () => (await plane.status()).endpoints[0]?.watermark
  expect((await plane.infer([['one', 2]], { 'mainstay-event-time': '7000' })).status).toBe(400)
  expect(await watermark()).toBeNull()
  await plane.infer([[1, 2]], { 'mainstay-event-time': '5000' })
  expect((await plane.infer([['one', 2]], { 'mainstay-event-time': '9000' })).status).toBe(400)
  expect(await watermark()).toBe(8000)
  await plane.infer([['one', 2]], { 'mainstay-event-time': String(Date.now() + 400_000) })
  await plane.infer([['one', 2]], { 'mainstay-event-time': '20000', 'mainstay-playground': '1' })
  await plane.infer([['one', 2]])
  expect(await watermark()).toBe(8000)
})

test('refused requests are counted by hour and reason in the segment, as far as they would be monitored', async () => {
  const plane = await aPlane()
  const signature = floatSignature(2)
  signature.inputs[0] = { name: 'x0', kind: 'float', missing: false }
  await plane.push(1, plane.endpoint([plane.variant(3, linearModel([1, 2], 0), signature)], { clock: 'event' }))
  const refuse = async (headers: Record<string, string>) =>
    expect((await plane.infer([[null, 2]], headers)).body.code).toBe('serving.missing_value')
  await refuse({ 'mainstay-event-time': '3600001' })
  await refuse({ 'mainstay-event-time': '7199999' })
  await refuse({ 'mainstay-event-time': '7200000' })
  await refuse({ 'mainstay-event-time': '7200000', 'mainstay-playground': '1' })
  await refuse({})
  const late = await plane.infer([[1, 2]], { 'mainstay-event-time': String(Date.now() + 400_000) })
  expect([late.status, late.body.code]).toEqual([400, 'serving.future_event_time'])
  await plane.control('POST', '/flush')
  expect(logged(plane).metas[0]?.endpoints[0]?.refused).toEqual([
    { hour: 3_600_000, reason: 'serving.missing_value', requests: 2 },
    { hour: 7_200_000, reason: 'serving.missing_value', requests: 1 },
    { hour: null, reason: 'serving.future_event_time', requests: 1 },
  ])
})

test('bodies are capped before and after unpacking, and pages of other sites are refused', async () => {
  const plane = await aServingPlane(['--max-body-mb', '1'])
  const bomb = gzipSync(Buffer.alloc(5_000_000, 0x20))
  const path = '/v2/models/bikes/infer'
  expect((await plane.post(path, bomb, { 'content-encoding': 'gzip' })).status).toBe(413)
  expect((await plane.post(path, gzipSync(tensorBody([[1, 2]])), { 'content-encoding': 'gzip' })).status).toBe(200)
  expect((await plane.post(path, 'x', { 'content-encoding': 'zstd' })).status).toBe(415)
  expect((await plane.post(path, '{}', { origin: 'http://evil.example' })).body.code).toBe('access.foreign_origin')
  expect((await plane.get('/v2', { host: 'evil.example' })).body.code).toBe('access.foreign_host')
  expect((await plane.post(path, '{}', { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await plane.post(path, Buffer.alloc(2_000_000, 0x20)).catch(() => ({ status: 413 }))).status).toBe(413)
  expect((await plane.infer([[1, 2]])).status).toBe(200)
})

test('a full log stops an endpoint that requires it and is counted by one that does not', async () => {
  const plane = await aPlane(['--spool-cap-mb', '0.001'])
  const serve = (generation: number, capture: 'required' | 'durable' | 'best_effort') =>
    plane.push(generation, plane.endpoint([plane.variant(3, linearModel([1, 2], 0), floatSignature(2))], { capture }))
  await serve(1, 'durable')
  const first = await plane.infer([[1, 2]])
  expect(first.status).toBe(200)
  while ((await plane.infer([[1, 2]])).status === 200);
  const refused = await plane.infer([[1, 2]], { 'mainstay-prediction-id': 'again' })
  expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([
    503,
    'serving.capture_required',
    '1',
  ])
  expect((await plane.infer([[1, 3]], { 'mainstay-prediction-id': 'again' })).status).toBe(503)
  await serve(2, 'best_effort')
  const before = (await plane.status()).notCaptured
  expect((await plane.infer([[1, 2]])).status).toBe(200)
  const status = await plane.status()
  expect([status.notCaptured - before, status.spool.state]).toEqual([1, 'full'])
})

test('a row that comes again in other company is computed again and not logged twice', async () => {
  const plane = await aServingPlane()
  await plane.infer([[1, 2]], { 'mainstay-prediction-id': 'a' })
  await plane.infer([[3, 4]], { 'mainstay-prediction-id': 'b' })
  const both = await plane.infer(
    [
      [1, 2],
      [3, 4],
    ],
    { 'mainstay-prediction-id': 'a,b' },
  )
  expect(both.body.outputs[0].data).toEqual([5.5, 11.5])
  await plane.infer(
    [
      [3, 4],
      [5, 6],
    ],
    { 'mainstay-prediction-id': '["b","c"]' },
  )
  await plane.control('POST', '/flush')
  expect(logged(plane).rows.map((row) => row.id)).toEqual(['a', 'b', 'c'])
})

test('with a token file every request needs one of its tokens', async () => {
  const home = mkdtempSync(join(tmpdir(), 'plane-'))
  const file = join(home, 'tokens.json')
  writeFileSync(file, JSON.stringify([createHash('sha256').update('secret').digest('hex')]))
  const plane = await aPlane(['--tokens', file], home)
  expect((await plane.get('/v2')).body.code).toBe('access.unauthenticated')
  expect((await plane.get('/v2', { authorization: 'Bearer wrong' })).status).toBe(401)
  expect((await plane.get('/v2', { authorization: 'Bearer secret' })).status).toBe(200)
})

test('unknown routes, models and methods answer JSON with a next step', async () => {
  const plane = await aServingPlane()
  const unknown = await plane.post('/v2/models/x/infer', '{}')
  expect([unknown.status, unknown.body.error]).toEqual([404, "Request for unknown model: 'x' is not found"])
  expect((await plane.get('/nowhere')).body).toMatchObject({
    error: expect.any(String),
    code: 'request.unknown_route',
    next: expect.any(String),
  })
  expect((await plane.get('/v2/models/bikes/infer')).status).toBe(405)
  expect((await plane.get('/v2/models/bikes/versions/9')).status).toBe(404)
  expect((await plane.get('/v2/models/bikes/versions/3')).body.inputs[0].shape).toEqual([-1, 2])
  expect((await plane.get('/v2/health/ready')).body).toEqual({ live: true, ready: true })
  expect((await plane.get('/metrics')).body).toContain(
    'mainstay_predictions_total{endpoint="bikes",variant="v3",version="3"} 0',
  )
})
