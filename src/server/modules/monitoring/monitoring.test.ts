import { afterAll, beforeAll, expect, test } from 'vitest'
import * as api from '../../../contract/monitoring.ts'
import { deploy } from '../../../contract/rollouts.ts'
import { putLabels } from '../../../contract/serving.ts'
import {
  Feed,
  aVersion,
  anEndpoint,
  dayMs,
  hourlyReference,
  hourlyRows,
  hourlySignature,
  quiet,
} from '../../../testkit/loop.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { findMonitor, isFrozen, loopTimes, pendingWindows, quarantinedRanges } from './module.ts'

const start = Date.UTC(2026, 0, 5)
const week = 7 * dayMs
const performance = { metric: 'wape', limit: 0.3, unit: 'day', window: '7d', label_delay: '1d' } as const
let stack: Stack
beforeAll(async () => {
  stack = await startStack({ env: { MAINSTAY_PYTHON: '/there/is/no/python' } })
})
afterAll(() => stack[Symbol.asyncDispose]())

let made = 0
type Spec = Parameters<typeof anEndpoint>[3]

/** An endpoint with version 1 live and a monitor. */
async function aWatched(
  monitor: Spec = { performance, inputs: { window: '1d' } },
  version: { metrics?: Record<string, number>; reference?: string } = {},
): Promise<Feed> {
  const name = `m${(made += 1)}`
  await anEndpoint(stack, name, { clock: 'event' }, monitor)
  await aVersion(stack, {
    model: name,
    signature: hourlySignature,
    onnx: Buffer.from(name),
    reference: hourlyReference(),
    ...version,
  })
  await stack.call(deploy, { name, model: name })
  return new Feed(stack, { endpoint: name, model: name })
}

const windows = async (endpoint: string, subject: 'inputs' | 'performance' | 'drift') =>
  await stack.ctx.db
    .selectFrom('monitor_window')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('subject', '=', subject)
    .orderBy('start')
    .execute()
const states = async (endpoint: string, subject: 'inputs' | 'performance' | 'drift') =>
  (await windows(endpoint, subject)).map(({ state }) => state)
const incidents = async (endpoint: string, signal: api.Incident['signal']) =>
  (await stack.call(api.listIncidents, { endpoint })).items.filter((incident) => incident.signal === signal)
const facts = async (endpoint: string, type: string) =>
  (await stack.events()).filter((event) => event.type === type && 'endpoint' in event && event.endpoint === endpoint)

test('performance leaves its limit, an incident tells it once, and closes when it has held twice', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  const errors = [0.1, 0.12, 0.5, 0.5, 0.5, 0.1, 0.1]
  for (const [i, error] of errors.entries()) await feed.days(start + i * week, 7, { error })
  await feed.days(start + errors.length * week, 2, {}, 'none')
  expect(await states(endpoint, 'performance')).toEqual([
    'healthy',
    'healthy',
    'warning',
    'degraded',
    'degraded',
    'healthy',
    'healthy',
  ])
  expect(await facts(endpoint, 'monitoring.performance_degraded')).toHaveLength(2)

  const [incident, ...others] = await incidents(endpoint, 'performance')
  expect(others).toEqual([])
  expect(incident).toMatchObject({
    state: 'closed',
    severity: 'critical',
    closed_reason: 'Two windows in a row were inside the limit.',
  })
  const told = await stack.call(api.getIncident, { id: incident?.id ?? '' })
  expect(told.entries.map(({ title }) => title)).toEqual(
    expect.arrayContaining([
      'Performance left its limit',
      'Incident opened',
      'Still degraded',
      'Inside the limit',
      'Closed',
    ]),
  )
  expect(new Set(told.entries.map(({ title, event_time }) => `${title} ${event_time}`)).size).toBe(told.entries.length)

  const before = await windows(endpoint, 'performance')
  await stack.ctx.tx((ctx) => ctx.enqueue({ kind: 'monitoring.evaluate', payload: { endpoint } }))
  await quiet(stack)
  expect(await windows(endpoint, 'performance')).toEqual(before)
  const judged = await windows(endpoint, 'drift')
  expect(judged.at(-1)).toMatchObject({ state: 'healthy', sentence: '0 of 2 columns drifted' })
})

test('labels that are missing leave a window insufficient, and late ones correct the sums only', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  const rows = hourlyRows(start, 7, { error: 0.5 })
  await feed.write(rows)
  await stack.call(putLabels, { name: endpoint, labels: rows.slice(0, 100).map(({ id }) => ({ id, value: 100 })) })
  await quiet(stack)
  await feed.days(start + week, 7, { error: 0.1 })
  expect(await windows(endpoint, 'performance')).toMatchObject([
    { state: 'insufficient', sentence: expect.stringContaining('labels 100 of 168') as string },
  ])
  await stack.call(putLabels, { name: endpoint, labels: rows.map(({ id }) => ({ id, value: 100 })) })
  await feed.days(start + 2 * week, 7, {}, 'none')
  expect(await states(endpoint, 'performance')).toEqual(['insufficient', 'healthy'])
  const detail = await stack.call(api.getMonitor, { endpoint })
  expect(detail.series[0]).toMatchObject({ n: 24, labelled: 24 })
})

test('a null storm is quarantined, freezes what learns, and lifts after two clean windows and the label delay', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  await feed.days(start, 14)
  const storm = {
    inputs: (hour: number, usual: { x: number; site: string }) =>
      hour % 5 < 3 ? { x: null, site: usual.site } : usual,
    error: 0.6,
  }
  await feed.days(start + 14 * dayMs, 2, storm)
  await feed.days(start + 16 * dayMs, 1)
  expect((await states(endpoint, 'inputs')).slice(-2)).toEqual(['quarantined', 'quarantined'])
  expect(await isFrozen(stack.ctx.db, endpoint)).toBe(true)
  expect((await stack.call(api.getMonitor, { endpoint })).state).toBe('quarantined')
  expect(await facts(endpoint, 'monitoring.inputs_broken')).toHaveLength(1)
  const [incident] = await incidents(endpoint, 'inputs')
  expect(incident).toMatchObject({
    state: 'open',
    cause: expect.stringContaining('x is 58 % null (usual 0.0 %)') as string,
  })

  await feed.days(start + 17 * dayMs, 2)
  expect(await facts(endpoint, 'monitoring.quarantine_lifted')).toMatchObject([
    { from: start + 14 * dayMs, to: start + 16 * dayMs, at: start + 18 * dayMs },
  ])
  expect(await isFrozen(stack.ctx.db, endpoint)).toBe(false)
  expect(await quarantinedRanges(stack.ctx.db, endpoint)).toEqual([
    { from: start + 14 * dayMs, to: start + 16 * dayMs },
  ])
  expect((await incidents(endpoint, 'inputs'))[0]?.state).toBe('closed')

  await feed.days(start + 19 * dayMs, 2)
  await feed.days(start + 21 * dayMs, 2)
  const [, , third] = await windows(endpoint, 'performance')
  expect(third).toMatchObject({ state: 'healthy' })
  expect(JSON.parse(third?.numbers ?? '{}')).toMatchObject({ units: 5 })
})

const breaks = [
  [
    'a renamed coding',
    { inputs: (hour: number, { x }: { x: number }) => ({ x, site: `S-${hour % 3}` }) },
    'none of the values of site is known',
  ],
  [
    'another unit of measure',
    { inputs: (_: number, { x, site }: { x: number; site: string }) => ({ x: x * 9 + 300, site }) },
    'far outside',
  ],
  [
    'a frozen feed',
    { inputs: (_: number, { site }: { site: string }) => ({ x: 7, site }) },
    'x has not changed for two windows',
  ],
] as const

test.each(breaks)('%s is a break of the inputs, not drift', async (_, plan, words) => {
  const feed = await aWatched()
  await feed.days(start, 10)
  await feed.days(start + 10 * dayMs, 2, plan)
  await feed.days(start + 12 * dayMs, 1)
  const [, broken] = (await windows(feed.endpoint, 'inputs')).slice(10)
  expect(broken).toMatchObject({ state: 'quarantined', sentence: expect.stringContaining(words) as string })
})

test('rows that are refused for their shape break the feed too', async () => {
  const feed = await aWatched()
  await feed.days(start, 3)
  await feed.write(hourlyRows(start + 3 * dayMs, 1), { refused: 20 })
  await feed.days(start + 4 * dayMs, 1)
  const [, , , broken] = await windows(feed.endpoint, 'inputs')
  expect(broken).toMatchObject({
    state: 'quarantined',
    sentence: expect.stringContaining('refused for their shape') as string,
  })
})

test('a segment that spans days counts its rows in each of them', async () => {
  const feed = await aWatched()
  await feed.days(start, 5)
  const rows = (await windows(feed.endpoint, 'inputs')).map(
    ({ numbers }) => (JSON.parse(numbers) as { rows: number }).rows,
  )
  expect(rows).toEqual([24, 24, 24, 24])
  expect(await pendingWindows(stack.ctx, feed.endpoint, start + 4 * dayMs)).toEqual([])
  expect(await pendingWindows(stack.ctx, feed.endpoint, start + 5 * dayMs)).toHaveLength(1)
})

test('drift is a state with causes; a column that stays at one value says which', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  await feed.days(start, 15, { inputs: (_, { x }) => ({ x: x / 4 + 37, site: 'north' }) })
  const detail = await stack.call(api.getMonitor, { endpoint })
  expect(detail.columns.map(({ column, state, what }) => [column, state, what])).toEqual([
    ['x', 'drifted', expect.stringContaining('mean +')],
    ['site', 'constant', 'always “north”'],
  ])
  expect(await incidents(endpoint, 'drift')).toEqual([])
})

test('a promoted version is compared from what it saw in shadow, not only since it answers', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  await aVersion(stack, {
    model: endpoint,
    signature: hourlySignature,
    onnx: Buffer.from('v2'),
    reference: hourlyReference(),
  })
  await feed.days(start, 20, { shadows: { 2: 0.1 } })
  await stack.call(deploy, { name: endpoint, model: endpoint, version: 2, strategy: 'direct' })
  await feed.days(start + 20 * dayMs, 2, { version: 2 })
  expect((await stack.call(api.getMonitor, { endpoint })).columns.map(({ state }) => state)).toEqual(['ok', 'ok'])
})

test('without a declared limit it is the backtest × 1.25, and a worse version does not loosen it', async () => {
  const feed = await aWatched(
    { performance: { ...performance, limit: undefined } },
    { metrics: { backtest_wape: 0.2 } },
  )
  const { endpoint } = feed
  expect((await stack.call(api.getMonitor, { endpoint })).limit).toBeCloseTo(0.25)
  await feed.days(start, 7)
  await feed.days(start + week, 2)
  await aVersion(stack, {
    model: endpoint,
    signature: hourlySignature,
    onnx: Buffer.from('v2'),
    metrics: { backtest_wape: 0.4 },
  })
  await stack.call(deploy, { name: endpoint, model: endpoint, version: 2, strategy: 'direct' })
  expect((await stack.call(api.getMonitor, { endpoint })).limit).toBeCloseTo(0.25)
})

test('a live version that begins to fail opens an incident, which closes when it works again', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  await feed.days(start, 7)
  await feed.days(start + week, 1, { fails: (hour) => hour % 4 === 0 })
  await feed.days(start + week + dayMs, 1)
  expect(await facts(endpoint, 'monitoring.errors_high')).toMatchObject([
    { at: start + week + dayMs, share: 0.25, usual: 0 },
  ])
  expect(await incidents(endpoint, 'errors')).toMatchObject([
    { state: 'open', title: `${endpoint}: v1 fails on 25.0 % of the rows` },
  ])
  await feed.days(start + week + 2 * dayMs, 1)
  expect(await incidents(endpoint, 'errors')).toMatchObject([{ state: 'closed' }])
})

test('answers that the log does not hold open an incident until windows are whole again', async () => {
  const feed = await aWatched()
  await feed.write(hourlyRows(start, 1), { notCaptured: 3 })
  expect(await incidents(feed.endpoint, 'capture')).toMatchObject([{ state: 'open', severity: 'critical' }])
  await feed.days(start + dayMs, 1)
  expect(await incidents(feed.endpoint, 'capture')).toMatchObject([{ state: 'open' }])
  await feed.days(start + 2 * dayMs, 1)
  expect(await incidents(feed.endpoint, 'capture')).toMatchObject([{ state: 'closed' }])
})

test('the unit that the reference asks for is kept on the monitor', async () => {
  const times = Array.from(
    { length: 40 * 24 },
    (_, hour) => `${((hour * 37) % 101) / 2},north,${new Date(start - dayMs * 60 + hour * 3_600_000).toISOString()}`,
  )
  const feed = await aWatched(
    { performance: { metric: 'wape', limit: 0.3 } },
    { reference: ['x,site,event_time', ...times].join('\n') },
  )
  await feed.days(start, 2)
  expect((await findMonitor(stack.ctx.db, feed.endpoint))?.unit).toBe('row')
  expect(await loopTimes(stack.ctx.db, feed.endpoint)).toMatchObject({ unit: 3_600_000, window: dayMs })
})

test('metrics that are no sums over rows are refused with a way on', () => {
  const refused = api.MonitorSpec.safeParse({ performance: { metric: 'auc' } })
  expect(refused.error?.issues[0]?.message).toContain('use log_loss')
})
