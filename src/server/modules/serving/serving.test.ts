import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { getTraffic, getEndpoint, putLabels } from '../../../contract/serving.ts'
import type { Signature } from '../../../contract/signature.ts'
import { Feed, aVersion, anEndpoint, dayMs, hourMs, quiet, until, type FeedRow } from '../../../testkit/loop.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { floatSignature } from '../../../testkit/plane-process.ts'
import { linearModel } from '../../../testkit/onnx-models.ts'
import { Analytics } from '../../platform/analytics/analytics.ts'
import { exportParquet, findLogUnit, readLog } from './module.ts'

const start = Date.UTC(2026, 0, 5)
let stack: Stack
beforeAll(async () => {
  stack = await startStack({ env: { MAINSTAY_PYTHON: '/there/is/no/python' } })
})
afterAll(() => stack[Symbol.asyncDispose]())

let made = 0

/** An endpoint with one or two versions of a one-column model, and what feeds it. */
async function aFeed(
  options: { clock?: 'event' | 'arrival'; versions?: number; signature?: Signature } = {},
): Promise<Feed> {
  const name = `e${(made += 1)}`
  const clock = options.clock ?? 'event'
  await anEndpoint(stack, name, { clock }, { performance: { metric: 'mae', limit: 1, unit: 'day' } })
  for (let i = 0; i < (options.versions ?? 1); i += 1) {
    await aVersion(stack, { model: name, signature: options.signature ?? floatSignature(1), onnx: linearModel([1], i) })
  }
  return new Feed(stack, { endpoint: name, model: name, clock })
}

const rowsAt = (from: number, count: number, answers: (i: number) => FeedRow['answers'], step = hourMs): FeedRow[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `r${(from - start) / hourMs + i}`,
    at: from + i * step,
    inputs: { x0: i },
    answers: answers(i),
  }))

const outcomes = (endpoint: string) =>
  stack.ctx.db
    .selectFrom('outcome_block')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .orderBy('hour')
    .orderBy('version')
    .execute()

async function exported(endpoint: string, query = ''): Promise<Record<string, unknown>[]> {
  const response = await stack.control.app.inject({
    method: 'GET',
    url: `/api/v1/endpoints/${endpoint}/predictions?${query}`,
    headers: { host: 'localhost' },
  })
  expect(response.statusCode).toBe(200)
  return response.body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('the same label again changes nothing, another value corrects it, and outcomes are computed anew', async () => {
  const feed = await aFeed()
  const { endpoint: name } = feed
  await feed.write(rowsAt(start, 3, () => ({ 1: 10 })))
  expect(
    await stack.call(putLabels, {
      name,
      labels: [
        { id: 'r0', value: 12 },
        { id: 'r1', value: 9 },
      ],
    }),
  ).toEqual({ accepted: 2, unchanged: 0 })
  await quiet(stack)
  expect(await outcomes(name)).toMatchObject([
    { hour: start, version: 1, kind: 'live', n: 1, error: -2, abs_error: 2, squared_error: 4, actual: 12 },
    { hour: start + hourMs, n: 1, error: 1, abs_error: 1 },
  ])
  expect(await stack.call(putLabels, { name, labels: [{ id: 'r0', value: 12 }] })).toEqual({
    accepted: 0,
    unchanged: 1,
  })
  expect(await stack.call(putLabels, { name, labels: [{ id: 'r0', value: 10.5 }] })).toEqual({
    accepted: 1,
    unchanged: 0,
  })
  await quiet(stack)
  expect((await outcomes(name))[0]).toMatchObject({ n: 1, error: -0.5, abs_error: 0.5 })
  await expect(
    stack.call(putLabels, { name, labels: [{ id: 'r0', value: 1, at: -6.9e182 }] }),
    'a time beyond every date',
  ).rejects.toMatchObject({ status: 400 })
})

test('a label waits for its row, and finds it by prediction id or by the id of a request of one row', async () => {
  const feed = await aFeed()
  const { endpoint: name } = feed
  await stack.call(putLabels, {
    name,
    labels: [
      { id: 'r0', value: 1 },
      { id: 'ask-1', value: 2 },
      { id: 'nobody', value: 3 },
      { id: 'ask-2', value: 4 },
    ],
  })
  await quiet(stack)
  expect((await stack.call(getEndpoint, { name })).captured).toMatchObject({ labels: 4, pending_labels: 4 })
  const [a, b, c, d] = rowsAt(start, 4, () => ({ 1: 0 })) as [FeedRow, FeedRow, FeedRow, FeedRow]
  await feed.write([a, { ...b, requestId: 'ask-1' }, { ...c, requestId: 'ask-2' }, { ...d, requestId: 'ask-2' }])
  expect((await outcomes(name)).map(({ hour, abs_error }) => [hour, abs_error])).toEqual([
    [start, 1],
    [start + hourMs, 2],
  ])
  expect((await stack.call(getEndpoint, { name })).captured).toMatchObject({ rows: 4, pending_labels: 2 })
})

test('ten thousand labels fit into one request', async () => {
  const feed = await aFeed()
  const labels = Array.from({ length: 10_000 }, (_, i) => ({ id: `n${i}`, value: i }))
  expect(await stack.call(putLabels, { name: feed.endpoint, labels })).toEqual({ accepted: 10_000, unchanged: 0 })
  await quiet(stack)
})

test('a segment is ingested once, whoever brings it again', async () => {
  const feed = await aFeed()
  const { endpoint: name } = feed
  const meta = await feed.write(rowsAt(start, 5, (i) => ({ 1: i === 4 ? new Error('broke') : 1 })))
  const again = new Feed(stack, { endpoint: name, model: name, replica: name })
  const copy = await again.write(
    rowsAt(start + 5 * hourMs, 2, () => ({ 1: 1 })),
    { keep: true },
  )
  expect(copy.sequence).toBeGreaterThan(meta.sequence)
  await stack.ctx.db
    .insertInto('segment_ingested')
    .values({ replica: name, sequence: copy.sequence, ingested_at: 0 })
    .execute()
  await again.ingest()
  const traffic = await stack.call(getTraffic, { name })
  // The feed says 0.1 ms of each row; it is kept in steps of 9 %.
  const latency = expect.closeTo(0.1, 1)
  expect(traffic.items).toEqual([{ start, variant: 'v1', version: 1, rows: 5, errors: 1, p50: latency, p99: latency }])
  expect(
    (await stack.events()).filter((event) => event.type === 'serving.captured' && event.endpoint === name),
  ).toHaveLength(1)
})

test('both versions of a request make a pair, and a row without event time counts for nothing on an event clock', async () => {
  const feed = await aFeed({ versions: 2 })
  const { endpoint: name } = feed
  await feed.write([
    ...rowsAt(start, 2, () => ({ 1: 10, 2: 12 })),
    { id: 'timeless', at: null, arrival: start, inputs: { x0: 1 }, answers: { 1: 99 } },
  ])
  await stack.call(putLabels, {
    name,
    labels: [
      { id: 'r0', value: 10 },
      { id: 'r1', value: 13 },
      { id: 'timeless', value: 0 },
    ],
  })
  await quiet(stack)
  expect(
    await stack.ctx.db.selectFrom('pair_slice').selectAll().where('endpoint', '=', name).orderBy('hour').execute(),
  ).toMatchObject([
    {
      hour: start,
      version_a: 1,
      version_b: 2,
      n: 1,
      abs_error_a: 0,
      abs_error_b: 2,
      wrong_a: 0,
      wrong_b: 1,
      log_loss_a: null,
    },
    { hour: start + hourMs, n: 1, abs_error_a: 3, abs_error_b: 1 },
  ])
  expect((await outcomes(name)).reduce((sum, row) => sum + row.n, 0)).toBe(4)
})

test('on an arrival clock rows count in the hour in which they arrived, whatever they say themselves', async () => {
  const feed = await aFeed({ clock: 'arrival' })
  const { endpoint: name } = feed
  await feed.write([
    { id: 'a', at: start - 40 * dayMs, arrival: start, inputs: { x0: 1 }, answers: { 1: 1 } },
    { id: 'b', at: null, arrival: start + hourMs, inputs: { x0: 1 }, answers: { 1: 1 } },
  ])
  await stack.call(putLabels, {
    name,
    labels: [
      { id: 'a', value: 1 },
      { id: 'b', value: 2 },
    ],
  })
  await quiet(stack)
  expect((await outcomes(name)).map((row) => row.hour)).toEqual([start, start + hourMs])
  expect((await exported(name, `from=${start}`)).map((row) => row['event_time'])).toEqual([start, start + hourMs])
})

test('labels that are words or truths are right or wrong, and a metric that needs numbers stays unknown', async () => {
  const signature: Signature = { ...floatSignature(1), outputs: [{ name: 'class', kind: 'string', missing: false }] }
  const feed = await aFeed({ signature })
  await feed.write(rowsAt(start, 3, (i) => ({ 1: i === 1 ? 'cat' : 'dog' }), 0))
  await stack.call(putLabels, {
    name: feed.endpoint,
    labels: [
      { id: 'r0', value: 'dog' },
      { id: 'r1', value: 'dog' },
      { id: 'r2', value: 'dog' },
    ],
  })
  await quiet(stack)
  expect(await outcomes(feed.endpoint)).toMatchObject([{ n: 3, correct: 2, abs_error: null, log_loss: null }])

  const binary: Signature = {
    ...floatSignature(1),
    outputs: [
      { name: 'label', kind: 'int', missing: false },
      { name: 'probability_1', kind: 'float', missing: false },
    ],
  }
  const scores = await aFeed({ signature: binary })
  await scores.write(rowsAt(start, 2, (i) => ({ 1: { label: i, probability_1: 0.8 } }), 0))
  await stack.call(putLabels, {
    name: scores.endpoint,
    labels: [
      { id: 'r0', value: true },
      { id: 'r1', value: false },
    ],
  })
  await quiet(stack)
  const [row] = await outcomes(scores.endpoint)
  expect(row).toMatchObject({ n: 2, correct: 0 })
  expect(row?.log_loss).toBeCloseTo(-Math.log(0.8) - Math.log(0.2), 9)
})

test('the log is exported as jsonl, csv and parquet, with the labels beside the answers and odd names kept apart', async () => {
  const inputs = [`it's "x"`, 'label', 'prediction', 'A', 'a'].map((name) => ({
    name,
    kind: 'float' as const,
    missing: true,
  }))
  const feed = await aFeed({ signature: { ...floatSignature(1), inputs } })
  const cells = { [`it's "x"`]: 1, label: 2, prediction: 3, A: 4, a: 5 }
  await feed.write([
    { id: `o'r1`, at: start, inputs: cells, answers: { 1: 7 } },
    { id: 'r2', at: start + hourMs, inputs: cells, answers: { 1: 8 } },
  ])
  await stack.call(putLabels, { name: feed.endpoint, labels: [{ id: `o'r1`, value: 6 }] })
  await quiet(stack)
  const shown = {
    event_time: start,
    version: 1,
    variant: 'v1',
    [`it's "x"`]: 1,
    input_label: 2,
    input_prediction: 3,
    A: 4,
    a_: 5,
    prediction: 7,
    label: 6,
  }
  expect(await exported(feed.endpoint)).toMatchObject([
    { id: `o'r1`, ...shown },
    { id: 'r2', label: null },
  ])
  expect(await exported(feed.endpoint, 'labelled=true')).toHaveLength(1)
  const csv = await stack.control.app.inject({
    method: 'GET',
    url: `/api/v1/endpoints/${feed.endpoint}/predictions?format=csv&limit=1`,
    headers: { host: 'localhost' },
  })
  expect(csv.body.split('\n')[1]).toContain(`o'r1`)

  const analytics = new Analytics(stack.ctx.log, stack.home)
  onTestFinished(() => analytics[Symbol.asyncDispose]())
  const file = join(stack.home, 'out.parquet')
  expect(await exportParquet(stack.ctx, analytics, { endpoint: feed.endpoint, labelled: false }, file)).toBe(2)
  expect(readFileSync(file).subarray(0, 4).toString()).toBe('PAR1')
  const without = [{ from: start, to: start + 1 }]
  expect(await readLog(stack.ctx, analytics, { endpoint: feed.endpoint, labelled: false, without })).toMatchObject([
    { id: 'r2' },
  ])
  expect(await readLog(stack.ctx, analytics, { endpoint: feed.endpoint, labelled: false, newest: 1 })).toMatchObject([
    { id: 'r2' },
  ])
})

test('days that are over become one object each, and say the same', async () => {
  const feed = await aFeed()
  for (let i = 0; i < 9; i += 1)
    await feed.write(
      rowsAt(start + i * hourMs, 1, () => ({ 1: i })),
      { keep: true },
    )
  await feed.ingest()
  const before = await exported(feed.endpoint)
  expect(await exported(feed.endpoint, 'order=newest&limit=2')).toEqual(before.toReversed().slice(0, 2))
  expect((await stack.call(getEndpoint, { name: feed.endpoint })).captured).toMatchObject({ rows: 9, segments: 9 })
  await feed.write([{ id: 'later', at: start + 3 * dayMs, inputs: { x0: 0 }, answers: { 1: 0 } }])
  await until(
    async () => (await stack.call(getEndpoint, { name: feed.endpoint })).captured,
    ({ rows, segments }) => rows === 10 && segments === 2,
  )
  expect((await exported(feed.endpoint)).slice(0, 9)).toEqual(before)
})

test('the unit of evidence is chosen from the first two weeks of rows', async () => {
  const feed = await aFeed()
  const moods = [3, -2, 5, 0, -4, 1, 4, -1, 2, -3, 6, -5, 0, 3, 1, -2]
  const rows = moods.flatMap((mood, day) =>
    Array.from({ length: 24 }, (_, hour) => ({
      id: `u${day}-${hour}`,
      at: start + day * dayMs + hour * hourMs,
      inputs: { x0: mood * 10 + ((hour * 7) % 5) },
      answers: { 1: mood },
    })),
  )
  await feed.write(rows)
  await quiet(stack)
  expect(await findLogUnit(stack.ctx.db, feed.endpoint)).toBe('day')
})
