import { afterAll, beforeAll, expect, test } from 'vitest'
import * as api from '../../../contract/monitoring.ts'
import { deploy } from '../../../contract/rollouts.ts'
import { putLabels } from '../../../contract/serving.ts'
import type { Signature } from '../../../contract/signature.ts'
import { seededRandom } from '../../../stats/seeded-random.ts'
import {
  Feed,
  aVersion,
  anEndpoint,
  dayMs,
  hourMs,
  hourlyReference,
  hourlyRows,
  hourlySignature,
  quiet,
  type FeedRow,
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
  version: { metrics?: Record<string, number>; reference?: string; signature?: Signature } = {},
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
  expect(await stack.call(api.getIncident, { id: `#${incident?.number}` })).toEqual(told)
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

const labelled = async ({ endpoint }: Feed, rows: readonly FeedRow[], value = 100): Promise<void> => {
  await stack.call(putLabels, { name: endpoint, labels: rows.map(({ id }) => ({ id, value })) })
  await quiet(stack)
}

test('labels that never come leave windows insufficient, and late ones judge them again', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  const rows = hourlyRows(start, 7, { error: 0.2 })
  await feed.write(rows)
  await labelled(feed, rows.slice(0, 100))
  await feed.days(start + week, 7, { error: 0.1 })
  expect(await windows(endpoint, 'performance')).toMatchObject([
    { state: 'insufficient', sentence: expect.stringContaining('labels 100 of 168') as string },
  ])
  await labelled(feed, rows)
  await feed.days(start + 2 * week, 7, {}, 'none')
  const [late] = await windows(endpoint, 'performance')
  expect(late).toMatchObject({
    state: 'healthy',
    sentence: expect.stringContaining('judged again when more was known, at first not enough data') as string,
  })
  const before = await windows(endpoint, 'performance')
  await labelled(feed, rows)
  expect(await windows(endpoint, 'performance')).toEqual(before)
})

test('late labels open the incident that their windows would have opened, once, and say that they are late', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  const rows = hourlyRows(start, 28, { error: 0.5 })
  await feed.write(rows)
  await feed.days(start + 4 * week, 2, { error: 0.5 }, 'none')
  expect(await states(endpoint, 'performance')).toEqual(Array(4).fill('insufficient'))
  await labelled(feed, rows)
  expect(await states(endpoint, 'performance')).toEqual(['warning', 'degraded', 'degraded', 'degraded'])
  expect(await incidents(endpoint, 'performance')).toMatchObject([{ state: 'open' }])
  const [incident] = await incidents(endpoint, 'performance')
  const { entries } = await stack.call(api.getIncident, { id: incident?.id ?? '' })
  expect(entries.find(({ kind }) => kind === 'opened')?.text).toContain('The labels came late')
  expect((await stack.call(api.getMonitor, { endpoint })).state).toBe('degraded')
})

test('labels that are corrected judge their windows again, and persistence follows', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  const first = hourlyRows(start, 7, { error: 0.1 })
  await feed.write(first)
  await labelled(feed, first)
  await feed.days(start + week, 7, { error: 0.5 })
  await feed.days(start + 2 * week, 2, { error: 0.5 }, 'none')
  expect(await states(endpoint, 'performance')).toEqual(['healthy', 'warning'])
  await labelled(feed, first, 60)
  expect(await states(endpoint, 'performance')).toEqual(['warning', 'degraded'])
  expect(await facts(endpoint, 'monitoring.performance_degraded')).toHaveLength(1)
  await labelled(feed, first, 100)
  expect(await states(endpoint, 'performance')).toEqual(['healthy', 'warning'])
  const [incident] = await incidents(endpoint, 'performance')
  expect(incident?.state).toBe('open')
  const { entries } = await stack.call(api.getIncident, { id: incident?.id ?? '' })
  expect(entries.map(({ title }) => title)).toContain('Still outside the limit')
})

test('what was over before its labels came is told and starts nothing', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  const bad = hourlyRows(start, 14, { error: 0.5 })
  await feed.write(bad)
  await feed.days(start + 2 * week, 14, { error: 0.1 })
  await feed.days(start + 4 * week, 2, {}, 'none')
  expect(await states(endpoint, 'performance')).toEqual(['insufficient', 'insufficient', 'healthy', 'healthy'])
  await labelled(feed, bad)
  expect(await states(endpoint, 'performance')).toEqual(['warning', 'degraded', 'healthy', 'healthy'])
  expect(await incidents(endpoint, 'performance')).toMatchObject([
    { state: 'closed', closed_reason: expect.stringContaining('It was over before its labels came') as string },
  ])
  expect(await facts(endpoint, 'monitoring.performance_degraded')).toEqual([])
  expect((await stack.call(api.getMonitor, { endpoint })).state).toBe('healthy')
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
    cause: expect.stringContaining('x is 58 % null (usual 0 %)') as string,
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

test('a feed of which every row is refused is broken, and sound again when rows come', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  await feed.days(start, 3)
  // A segment ends with the next day’s first rows; what was refused is counted in its own day.
  const refusals = [3, 4].map((day) => {
    const refusedAt = start + day * dayMs + 12 * hourMs
    return { refused: 24, refusedAt, watermark: refusedAt + 13 * hourMs }
  })
  for (const day of refusals) await feed.write([], day)
  await feed.days(start + 5 * dayMs, 4)
  expect((await states(endpoint, 'inputs')).slice(0, 7)).toEqual([
    'healthy',
    'healthy',
    'healthy',
    'quarantined',
    'quarantined',
    'healthy',
    'healthy',
  ])
  expect(await incidents(endpoint, 'inputs')).toMatchObject([
    { state: 'closed', cause: '100 % of the rows were refused for their shape.', opened_event_time: start + 4 * dayMs },
  ])
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
    { state: 'open', title: `${endpoint}: v1 fails on 25 % of the rows` },
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

const classifier: Signature = {
  inputs: hourlySignature.inputs,
  outputs: [
    { name: 'label', kind: 'int', missing: false },
    { name: 'probability_0', kind: 'float', missing: false },
    { name: 'probability_1', kind: 'float', missing: false },
  ],
  onnx: { inputs: [], outputs: [] },
}

/** Rows of whole days whose score is the higher the likelier the label is 1. */
function scoredRows(days: number, perHour: number): { rows: FeedRow[]; labels: { id: string; value: number }[] } {
  const random = seededRandom(3)
  const rows: FeedRow[] = []
  const labels: { id: string; value: number }[] = []
  for (let i = 0; i < days * 24 * perHour; i += 1) {
    const at = start + Math.floor(i / perHour) * hourMs
    const p = random.uniform()
    const answer = { label: p > 0.5 ? 1 : 0, probability_0: 1 - p, probability_1: p }
    rows.push({ id: `c${i}`, at, inputs: { x: 1, site: 'north' }, answers: { 1: answer } })
    labels.push({ id: `c${i}`, value: random.uniform() < p ? 1 : 0 })
  }
  return { rows, labels }
}

test.each([
  ['auc', 0.83],
  ['f1', 0.75],
  ['precision', 0.75],
  ['recall', 0.75],
] as const)('%s of a classifier is judged with an interval', async (metric, expected) => {
  const feed = await aWatched(
    { performance: { metric, limit: 0.6, unit: 'day', window: '7d' } },
    { signature: classifier },
  )
  const { rows, labels } = scoredRows(7, 10)
  await feed.write(rows)
  await stack.call(putLabels, { name: feed.endpoint, labels })
  await quiet(stack)
  await feed.days(start + week, 1, {}, 'none')
  const [judged] = (await stack.call(api.getMonitor, { endpoint: feed.endpoint })).windows
  expect(judged).toMatchObject({ state: 'healthy', units: 7 })
  expect(Math.abs((judged?.value ?? 0) - expected)).toBeLessThan(0.03)
  expect(judged?.lower).toBeLessThan(judged?.value ?? 0)
  expect(judged?.upper).toBeGreaterThan(judged?.value ?? 1)
})

test('a batch of independent rows at one moment is judged, and the year until the next is one window', async () => {
  const feed = await aWatched(
    { performance: { metric: 'accuracy', limit: 0.6, unit: 'row' } },
    { signature: classifier },
  )
  const { rows, labels } = scoredRows(1, 50)
  const year = 365 * dayMs
  const at = (time: number, name: string): FeedRow[] =>
    rows.map((row) => ({ ...row, at: time, id: `${name}${row.id}` }))
  for (const [name, time] of [
    ['a', start],
    ['b', start + year],
    ['d', start + 2 * year],
  ] as const) {
    await feed.write(at(time, name))
    await stack.call(putLabels, {
      name: feed.endpoint,
      labels: labels.map(({ id, value }) => ({ id: `${name}${id}`, value })),
    })
    await quiet(stack)
  }
  expect((await windows(feed.endpoint, 'performance')).map(({ start, stop, state }) => [stop - start, state])).toEqual([
    [dayMs, 'healthy'],
    [year - dayMs, 'insufficient'],
    [dayMs, 'healthy'],
    [year - dayMs, 'insufficient'],
  ])
  expect((await stack.call(api.getMonitor, { endpoint: feed.endpoint })).value).toBeCloseTo(0.75, 1)
})

test('a drop of the rows is a warning, and an incident when it lasts; nothing is frozen', async () => {
  const feed = await aWatched()
  const { endpoint } = feed
  await feed.days(start, 42, {}, 'none')
  const few = hourlyRows(start + 42 * dayMs, 4).filter((_, i) => i % 8 === 0)
  await feed.write(few)
  await feed.days(start + 46 * dayMs, 1, {}, 'none')
  const found = await windows(endpoint, 'inputs')
  expect(found.slice(42).map(({ state }) => state)).toEqual(['warning', 'warning', 'warning', 'warning'])
  expect(found[42]?.sentence).toContain('3 rows came where 24 are usual')
  expect(await incidents(endpoint, 'volume')).toMatchObject([{ state: 'open', severity: 'warning' }])
  expect(await isFrozen(stack.ctx.db, endpoint)).toBe(false)
  await feed.days(start + 47 * dayMs, 1, {}, 'none')
  expect(await incidents(endpoint, 'volume')).toMatchObject([{ state: 'closed' }])
})

test('no input is called sound before the first verdict on drift', async () => {
  const feed = await aWatched({ performance })
  const drift = async () => {
    const { tiles, drifted } = await stack.call(api.getMonitor, { endpoint: feed.endpoint })
    return { drifted, tile: tiles.find(({ name }) => name === 'drift') }
  }
  await feed.days(start, 2)
  expect(await drift()).toMatchObject({ drifted: null, tile: { state: 'unknown', value: '—' } })
  await feed.days(start + 2 * dayMs, 14)
  expect(await drift()).toMatchObject({ drifted: { columns: 0 }, tile: { state: 'ok' } })
})

test('codes that look like numbers stay texts in the reference, and truth values are counted as requests bring them', async () => {
  const signature: Signature = {
    ...hourlySignature,
    inputs: [...hourlySignature.inputs, { name: 'flag', kind: 'bool', missing: false }],
  }
  const codes = ['007', '012', '100']
  const reference = Array.from({ length: 300 }, (_, i) => `${i % 40},${codes[i % 3]},${i % 2 === 0 ? 'true' : 'false'}`)
  const feed = await aWatched({ performance }, { signature, reference: ['x,site,flag', ...reference].join('\n') })
  await feed.days(start, 15, {
    inputs: (hour) => ({ x: hour % 40, site: codes[hour % 3] ?? '', flag: hour % 2 }),
  })
  const { columns } = await stack.call(api.getMonitor, { endpoint: feed.endpoint })
  const byName = columns.toSorted((a, b) => a.column.localeCompare(b.column))
  expect(byName.map(({ column, kind, state }) => [column, kind, state])).toEqual([
    ['flag', 'numeric', 'ok'],
    ['site', 'category', 'ok'],
    ['x', 'numeric', 'ok'],
  ])
  expect(new Set(await states(feed.endpoint, 'inputs'))).toEqual(new Set(['healthy']))
})

test('what the model answers is compared with what it answered in training', async () => {
  const reference = Array.from({ length: 56 * 24 }, (_, i) => `${((i * 37) % 101) / 2},${i % 20}`)
  const feed = await aWatched({ performance }, { reference: ['x,prediction', ...reference].join('\n') })
  await feed.days(start, 15)
  const { columns } = await stack.call(api.getMonitor, { endpoint: feed.endpoint })
  expect(columns.find(({ role }) => role === 'output')).toMatchObject({ column: 'y', state: 'drifted' })
  expect(columns.find(({ column }) => column === 'site')).toMatchObject({ state: 'no_reference' })
})

test('what cannot be watched is refused with a way on', () => {
  const refused = (spec: unknown): string => api.MonitorSpec.safeParse(spec).error?.issues[0]?.message ?? ''
  expect(refused({ performance: { metric: 'mape' } })).toContain('is wape, mae or rmse for numbers')
  expect(refused({ performance: { unit: 'customer' } })).toBe('is row, entity, hour, day or auto')
  expect(refused({ columns: { x: { kind: 'numeric' } } })).toContain('can only be category')
})
