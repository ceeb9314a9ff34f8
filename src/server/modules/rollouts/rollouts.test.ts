import { afterAll, beforeAll, expect, test } from 'vitest'
import { getVersion } from '../../../contract/registry.ts'
import * as api from '../../../contract/rollouts.ts'
import { getEndpoint, putLabels } from '../../../contract/serving.ts'
import {
  Feed,
  PlaneStub,
  aVersion,
  anEndpoint,
  dayMs,
  hourMs,
  hourlyRows,
  quiet,
  until,
} from '../../../testkit/loop.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { linearModel, lookupModel } from '../../../testkit/onnx-models.ts'
import { floatSignature } from '../../../testkit/plane-process.ts'
import { deleteModel, deleteVersion, renameModel } from '../registry/module.ts'
import { activeRollout, liveSince, rolloutInTime } from './module.ts'

const start = Date.UTC(2026, 0, 5)
let stack: Stack
let plane: PlaneStub
beforeAll(async () => {
  stack = await startStack({ env: { MAINSTAY_PYTHON: '/there/is/no/python' } })
  plane = await PlaneStub.start(stack.home)
})
afterAll(async () => {
  await stack[Symbol.asyncDispose]()
  await plane[Symbol.asyncDispose]()
})

let made = 0
const reason = 'a test'

interface Served {
  name: string
  feed: Feed
  /** Days fed so far. */
  days(count: number, errors: { live: number; candidate: number }, candidate?: number): Promise<void>
}

const monitor = {
  performance: { metric: 'wape', limit: 0.3, unit: 'day', window: '7d' },
  inputs: { window: '1d' },
} as const

/** An endpoint whose version 1 is live and has answered for three days; further versions are registered. */
async function served(
  options: {
    models?: Buffer[]
    spec?: object
    split?: false
    /** So many are asked about, and are the unit. */ entities?: number
  } = {},
): Promise<Served> {
  const { entities } = options
  const name = `r${(made += 1)}`
  const performance = { ...monitor.performance, unit: entities === undefined ? ('day' as const) : ('entity' as const) }
  await anEndpoint(stack, name, { clock: 'event', ...options.spec }, { ...monitor, performance })
  for (const onnx of [linearModel([2], 1), ...(options.models ?? [linearModel([2], 1.5)])])
    await aVersion(stack, { model: name, signature: floatSignature(1), onnx })
  await stack.call(api.deploy, { name, model: name, version: 1 })
  const feed = new Feed(stack, { endpoint: name, model: name })
  let day = 0
  const one: Served = {
    name,
    feed,
    async days(count, errors, candidate) {
      for (let i = 0; i < count; i += 1, day += 1) {
        const { weight } = candidate === undefined ? { weight: 0 } : await rollout(name)
        const live = (hour: number): number =>
          candidate !== undefined && options.split !== false && (hour % 10) / 10 < weight ? candidate : 1
        const shadows = candidate === undefined ? {} : { [candidate]: errors.candidate }
        await feed.days(start + day * dayMs, 1, {
          error: errors.live,
          shadows,
          live,
          propensity: (version) => (version === candidate ? weight : 1 - weight),
          inputs: (hour) => ({ x0: hour % 17 }),
          ...(entities === undefined ? {} : { entity: (hour: number) => `customer-${hour % entities}` }),
        })
      }
    },
  }
  await one.days(3, { live: 0.1, candidate: 0 })
  return one
}

const rollout = async (name: string): Promise<api.Rollout> => {
  const [newest] = (await stack.call(api.listRollouts, { endpoint: name })).items
  if (!newest) throw new Error('no rollout')
  return newest
}
const start2 = async ({ name }: Served): Promise<string> => {
  const { rollout: id } = await stack.call(api.deploy, { name, model: name, version: 2, reason })
  await quiet(stack)
  return id ?? ''
}
const variants = async (name: string) =>
  (await stack.call(getEndpoint, { name })).variants.map(({ version, weight, role }) => [version, weight, role])
const facts = async (name: string, type: string) =>
  (await stack.events()).filter((event) => event.type === type && 'endpoint' in event && event.endpoint === name)

test('the first version is live at once, with its alias', async () => {
  const one = await served()
  expect(await variants(one.name)).toEqual([[1, 1, 'live']])
  expect((await stack.call(getVersion, { name: one.name, version: 1 })).aliases).toEqual(['champion'])
})

test('a good version goes by replay, shadow and canary to all traffic; each step has its evidence', async () => {
  const one = await served()
  const id = await start2(one)
  expect(await rollout(one.name)).toMatchObject({
    stage: 'shadow',
    steps: [
      { name: 'Replay', state: 'done', facts: ['72 captured requests', '0 failed'] },
      { name: 'Shadow', state: 'running' },
      {},
      {},
      {},
    ],
  })
  expect(await variants(one.name)).toEqual([
    [1, 1, 'live'],
    [2, 0, 'shadow'],
  ])
  expect(plane.snapshots.at(-1)?.endpoints.find((endpoint) => endpoint.name === one.name)?.error_test).toMatchObject({
    rollout: id,
    candidate: 'v2',
    alpha: 0.02,
  })

  const weights: number[] = []
  for (let day = 0; day < 12 && (await rollout(one.name)).ended_at === null; day += 1) {
    await one.days(1, { live: 0.2, candidate: 0.1 }, 2)
    weights.push((await rollout(one.name)).weight)
  }
  expect([...new Set(weights)]).toEqual([0, 0.1, 0.5, 1])
  expect(await variants(one.name)).toEqual([
    [1, 0, 'shadow'],
    [2, 1, 'live'],
  ])
  expect((await stack.call(getVersion, { name: one.name, version: 2 })).aliases).toEqual(['champion'])
  const told = await stack.call(api.getRollout, { id })
  expect(told.verdicts.map(({ verdict }) => verdict)).toContain('promote')
  expect(told.verdicts.at(-1)?.checks.find((check) => check.name === 'Prediction quality')).toMatchObject({
    state: 'ok',
  })
  expect(told.paired.length).toBeGreaterThanOrEqual(4)
  expect(await facts(one.name, 'rollouts.promoted')).toMatchObject([
    { version: 1, previous: null },
    { version: 2, previous: 1, rollout: id },
  ])

  await one.feed.days(start + 30 * dayMs, 2, { version: 2, inputs: (hour) => ({ x0: hour % 17 }) })
  await until(
    () => variants(one.name),
    (now) => now.length === 1,
    'the end of the shadow',
  )
})

test('a worse version is rolled back on proof', async () => {
  const one = await served()
  await start2(one)
  for (let day = 0; day < 15 && (await rollout(one.name)).ended_at === null; day += 1)
    await one.days(1, { live: 0.1, candidate: 0.4 }, 2)
  expect(await rollout(one.name)).toMatchObject({
    stage: 'rolled_back',
    sentence: expect.stringContaining('It predicts worse than the version before') as string,
  })
  expect(await variants(one.name)).toEqual([[1, 1, 'live']])
  expect(await facts(one.name, 'rollouts.rolled_back')).toMatchObject([{ version: 2, to: 1 }])
})

test('where labels come for a part of the rows only, that part decides nothing', async () => {
  const one = await served()
  await start2(one)
  // The candidate is perfect on the half of the rows whose labels come, and useless on the other one.
  const days = Array.from({ length: 14 }, (_, i) => start + (3 + i) * dayMs)
  for (const day of days) {
    const rows = hourlyRows(day, 1, { shadows: { 2: 0 } }).map((row, hour) =>
      hour % 2 === 0 ? row : { ...row, answers: { 1: 90, 2: 9 } },
    )
    await one.feed.write(rows)
    const labels = rows.filter((_, hour) => hour % 2 === 0).map(({ id }) => ({ id, value: 100 }))
    await stack.call(putLabels, { name: one.name, labels })
    await quiet(stack)
  }
  expect(await rollout(one.name)).toMatchObject({
    stage: 'shadow',
    ended_at: null,
    sentence: expect.stringContaining('it waits for labels to tell which is right') as string,
  })
  // The rest comes late: now it is told what the version is worth.
  const rest = days.flatMap((day) => hourlyRows(day, 1).filter((_, hour) => hour % 2 === 1))
  await stack.call(putLabels, { name: one.name, labels: rest.map(({ id }) => ({ id, value: 100 })) })
  await quiet(stack)
  await one.feed.write(hourlyRows(start + 17 * dayMs, 1, { shadows: { 2: 0 } }))
  expect(await rollout(one.name)).toMatchObject({
    stage: 'rolled_back',
    sentence: expect.stringContaining('It predicts worse than the version before') as string,
  })
})

test('not worse than a sick champion is no merit', async () => {
  const one = await served()
  await start2(one)
  await one.days(10, { live: 0.6, candidate: 0.5 }, 2)
  expect(await rollout(one.name)).toMatchObject({
    ended_at: null,
    sentence: expect.stringMatching(
      /^Better than the version before, but outside the limit: .*A person may promote it/,
    ) as string,
  })
  // A person is told once, not at every look.
  const told = await stack.ctx.db
    .selectFrom('event')
    .select('payload')
    .where('type', '=', 'rollouts.outside_limit')
    .execute()
  expect(told).toHaveLength(1)
  const since = await rolloutInTime(stack.ctx.db, one.name, start + 20 * dayMs)
  expect(since?.isOutside).toBe(true)
  expect(since?.overdueBy).toBeGreaterThan(8 * dayMs)
  await one.days(20, { live: 0.6, candidate: 0.5 }, 2)
  expect((await rollout(one.name)).sentence).toMatch(
    /^Better than the version before, but outside the limit: .* \d+ days have not changed that; a person decides\.$/,
  )
})

test('what cannot compute captured requests ends in the replay, and so does what cannot be loaded', async () => {
  const one = await served({ models: [lookupModel(5), Buffer.from('no model')] })
  await start2(one)
  expect(await rollout(one.name)).toMatchObject({
    stage: 'rolled_back',
    sentence: expect.stringContaining('of 72 captured requests failed') as string,
  })
  await stack.call(api.deploy, { name: one.name, model: one.name, version: 3, reason })
  await quiet(stack)
  expect(await rollout(one.name)).toMatchObject({
    candidate: 3,
    stage: 'rolled_back',
    sentence: expect.stringContaining('72 of 72 captured requests failed') as string,
  })
  expect(await variants(one.name)).toEqual([[1, 1, 'live']])
})

test('a trip of the plane ends the rollout once, and is confirmed when the routing is without the variant', async () => {
  const one = await served()
  const id = await start2(one)
  const trip = {
    endpoint: one.name,
    rollout: id,
    variant: 'v2',
    version: 2,
    at: 0,
    eventTime: start + 4 * dayMs,
    generation: 1,
    logE: 5,
    candidateErrors: 4,
    candidateRows: 4,
    hurtRows: 1,
    lastError: 'unknown season',
  }
  plane.trip(trip)
  await until(
    () => Promise.resolve(plane.acknowledged),
    (all) => all.length > 0,
    'the confirmation',
  )
  await quiet(stack)
  expect(plane.acknowledged).toEqual([{ trips: [{ endpoint: one.name, rollout: id, variant: 'v2' }] }])
  expect(await rollout(one.name)).toMatchObject({
    stage: 'rolled_back',
    sentence: expect.stringContaining('after 4 of 4 rows failed (1 caller got an error): unknown season') as string,
  })
  expect(await facts(one.name, 'serving.variant_tripped')).toHaveLength(1)
  plane.trip(trip)
  await until(
    () => Promise.resolve(plane.acknowledged),
    (all) => all.length > 1,
  )
  expect(await facts(one.name, 'rollouts.rolled_back')).toHaveLength(1)
})

test('a rollout that runs out of time pauses, and so does one whose inputs broke', async () => {
  const one = await served({ spec: { rollout: { max_duration: '2d' } } })
  await start2(one)
  await one.days(5, { live: 0.6, candidate: 0.6 }, 2)
  expect((await rollout(one.name)).verdict).toMatchObject({
    verdict: 'pause',
    sentence: expect.stringContaining('a person decides') as string,
  })

  const other = await served()
  await start2(other)
  await other.feed.write([{ id: 'x', at: start + 4 * dayMs, inputs: { x0: 1 }, answers: { 1: 1 } }], { refused: 50 })
  await other.feed.write([{ id: 'z', at: start + 5 * dayMs + hourMs, inputs: { x0: 1 }, answers: { 1: 1 } }])
  expect((await rollout(other.name)).verdict).toMatchObject({
    verdict: 'pause',
    sentence: 'The inputs are quarantined; the rollout waits.',
  })
})

test('a split that is not as asked withholds verdicts and rolls nothing back', async () => {
  const one = await served({ split: false, spec: { rollout: { shadow: false, steps: [50, 100] } } })
  await start2(one)
  expect((await rollout(one.name)).weight).toBe(0.5)
  await one.days(12, { live: 0.1, candidate: 0.1 }, 2)
  expect(await rollout(one.name)).toMatchObject({ stage: 'canary', ended_at: null })
  expect((await rollout(one.name)).verdict).toMatchObject({
    verdict: 'pause',
    sentence: expect.stringContaining('not split as asked') as string,
  })
})

test('by hand: one at a time, pause, resume, promote, and back to the version before', async () => {
  const one = await served({ models: [linearModel([2], 1.5), linearModel([2], 2)] })
  const id = await start2(one)
  await expect(stack.call(api.deploy, { name: one.name, model: one.name, version: 3 })).rejects.toMatchObject({
    code: 'rollouts.in_progress',
  })
  expect(await stack.call(api.pauseRollout, { id, reason })).toMatchObject({ stage: 'paused' })
  await one.days(3, { live: 0.2, candidate: 0.1 }, 2)
  expect(await rollout(one.name)).toMatchObject({ stage: 'paused', weight: 0 })
  expect(await stack.call(api.resumeRollout, { id, reason })).toMatchObject({ stage: 'shadow' })
  expect(await stack.call(api.promoteRollout, { id, reason })).toMatchObject({ stage: 'promoted', weight: 1 })
  await expect(stack.call(api.promoteRollout, { id, reason })).rejects.toMatchObject({ code: 'rollouts.ended' })

  expect(await stack.call(api.rollbackEndpoint, { name: one.name, reason })).toMatchObject({ from: 2, to: 1 })
  expect((await stack.call(getVersion, { name: one.name, version: 1 })).aliases).toEqual(['champion'])
  expect(await liveSince(stack.ctx.db, one.name)).toMatchObject({ version: 1, hasPrevious: false })
  await expect(stack.call(api.rollbackEndpoint, { name: one.name, reason })).rejects.toMatchObject({
    code: 'rollouts.no_previous',
  })
  expect(await activeRollout(stack.ctx.db, one.name)).toBeUndefined()

  expect(
    await stack.call(api.deploy, { name: one.name, model: one.name, version: 3, strategy: 'direct' }),
  ).toMatchObject({ rollout: null, acknowledged: true })
  expect(await variants(one.name)).toEqual([[3, 1, 'live']])
})

test('back goes to the last version that was healthy: not to one that was taken back, nor to one that was deleted', async () => {
  const one = await served({ models: [linearModel([2], 1.5), linearModel([2], 2), linearModel([2], 3)] })
  const live = async (version: number) =>
    await stack.call(api.deploy, { name: one.name, model: one.name, version, strategy: 'direct' })
  const back = async () => await stack.call(api.rollbackEndpoint, { name: one.name, reason })
  await live(2)
  await live(3)
  expect(await back()).toMatchObject({ from: 3, to: 2 })
  await live(4)
  expect(await back()).toMatchObject({ from: 4, to: 2 })
  await live(4)
  await deleteVersion(stack.ctx, one.name, 2)
  expect(await back()).toMatchObject({ from: 4, to: 1 })
})

test('an endpoint that nobody declared is made by the first deployment to it', async () => {
  const model = `m${(made += 1)}`
  await aVersion(stack, { model, signature: floatSignature(1), onnx: linearModel([2], 1) })
  const deploy = { model, version: 1 }
  expect(await stack.call(api.deploy, { name: model, ...deploy })).toMatchObject({ created: true, rollout: null })
  expect(await stack.call(api.deploy, { name: model, ...deploy })).toMatchObject({ created: false })
  expect(await stack.call(getEndpoint, { name: model })).toMatchObject({ spec: { clock: 'arrival' } })
  expect(await variants(model)).toEqual([[1, 1, 'live']])
  await expect(stack.call(api.deploy, { name: 'a/b', ...deploy })).rejects.toMatchObject({ status: 400 })
  await expect(stack.call(api.deploy, { name: 'other', model, version: 9 })).rejects.toMatchObject({ status: 404 })
  await expect(stack.call(getEndpoint, { name: 'other' })).rejects.toMatchObject({ code: 'serving.endpoint_not_found' })
})

test('a version that is served is neither deleted nor renamed; once it is not, it may go', async () => {
  const one = await served({ models: [linearModel([2], 1.5)] })
  const inUse = { code: 'registry.version_in_use', status: 409 }
  await expect(deleteVersion(stack.ctx, one.name, 1)).rejects.toMatchObject(inUse)
  await expect(deleteModel(stack.ctx, one.name)).rejects.toMatchObject(inUse)
  await expect(renameModel(stack.ctx, one.name, 'another')).rejects.toMatchObject(inUse)
  await stack.call(api.deploy, { name: one.name, model: one.name, version: 2, strategy: 'direct' })
  await deleteVersion(stack.ctx, one.name, 1)
  expect(await variants(one.name)).toEqual([[2, 1, 'live']])
})

test('where entities are the unit pairs are looked at day by day and clustered by entity; too few of them prove nothing', async () => {
  const one = await served({ entities: 24 })
  await start2(one)
  for (let day = 0; day < 12 && (await rollout(one.name)).ended_at === null; day += 1)
    await one.days(1, { live: 0.2, candidate: 0.1 }, 2)
  expect(await rollout(one.name)).toMatchObject({
    stage: 'promoted',
    sentence: expect.stringMatching(/WAPE 0\.1\d\d against 0\.2\d\d on \d paired days, clustered by entity/) as string,
  })

  const few = await served({ entities: 3 })
  const id = await start2(few)
  await few.days(5, { live: 0.1, candidate: 0.3 }, 2)
  const checks = (await stack.call(api.getRollout, { id })).verdicts.at(-1)?.checks
  expect(checks?.find((check) => check.name === 'Prediction quality')).toMatchObject({
    state: 'unknown',
    sentence: 'waits for a day with labels in at least 8 slices of the entities',
  })
})

/** A day above pair_below: each of 160 entities is answered by the version that was drawn for it, half of them by the candidate. */
async function drawnDay(
  { name, feed }: Served,
  day: number,
  errors: { live: number; candidate: number },
): Promise<void> {
  const rows = Array.from({ length: 160 }, (_, entity) => {
    const version = entity % 2 === 0 ? 2 : 1
    const error = (version === 2 ? errors.candidate : errors.live) * (1 + 0.1 * Math.sin(entity + 7 * day))
    return {
      id: `d${day}-${entity}`,
      at: start + day * dayMs + entity * (dayMs / 160),
      entity: `customer-${entity}`,
      propensity: 0.5,
      inputs: { x0: entity % 17 },
      answers: { [version]: 100 * (1 + (entity % 3 === 0 ? -1 : 1) * error) },
    }
  })
  await feed.write(rows)
  await stack.call(putLabels, { name, labels: rows.map(({ id }) => ({ id, value: 100 })) })
  await quiet(stack)
}

const busy = { spec: { rollout: { shadow: false, steps: [50, 100], replay: 0 } } }

test('where only the drawn version answers, quality is compared by the draw: better goes live, worse goes back', async () => {
  const good = await served(busy)
  const id = await start2(good)
  for (let day = 3; day < 16 && (await rollout(good.name)).ended_at === null; day += 1)
    await drawnDay(good, day, { live: 0.2, candidate: 0.1 })
  expect(await rollout(good.name)).toMatchObject({
    stage: 'promoted',
    sentence: expect.stringMatching(/WAPE 0\.1\d\d against 0\.2\d\d on \d+ days, by who was drawn/) as string,
  })
  const checks = (await stack.call(api.getRollout, { id })).verdicts.at(-1)?.checks
  // 160 entities a day come again each day: entities are counted, not their rows.
  expect(checks?.find((check) => check.name === 'Share of traffic as asked')).toMatchObject({
    state: 'ok',
    sentence: '50 % of 160 entities, asked 50 %',
  })

  const bad = await served(busy)
  await start2(bad)
  for (let day = 3; day < 16 && (await rollout(bad.name)).ended_at === null; day += 1)
    await drawnDay(bad, day, { live: 0.1, candidate: 0.3 })
  expect(await rollout(bad.name)).toMatchObject({
    stage: 'rolled_back',
    sentence: expect.stringContaining('It predicts worse than the version before') as string,
  })
}, 60_000)
