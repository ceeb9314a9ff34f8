import { afterAll, beforeAll, expect, test } from 'vitest'
import { getMonitor, type Metric } from '../../../contract/monitoring.ts'
import { deploy } from '../../../contract/rollouts.ts'
import { putLabels } from '../../../contract/serving.ts'
import { addScoreCounts } from '../../../stats/score-counts.ts'
import { seededRandom, type SeededRandom } from '../../../stats/seeded-random.ts'
import {
  Feed,
  aVersion,
  anEndpoint,
  dayMs,
  hourlyReference,
  hourlySignature,
  quiet,
  type FeedRow,
} from '../../../testkit/loop.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { estimate, isDegraded, together, weighWindow, type UnitOutcome } from './performance-rules.ts'

const noRows: UnitOutcome = {
  start: 0,
  slice: undefined,
  named: 0,
  n: 0,
  rows: 0,
  error: 0,
  absError: 0,
  squaredError: 0,
  actual: 0,
  absActual: 0,
  logLoss: 0,
  correct: 0,
  tp: 0,
  fp: 0,
  fn: 0,
  scores: undefined,
}

const correlation = 0.3
const truth = { wape: 0.3, accuracy: 0.8 }

/** Rows of 60 entities, 50 each over a week: what is lasting in an entity is 30 % of what varies. */
function aWeek(random: SeededRandom): { hour: number; slice: number; absError: number; correct: number }[] {
  return Array.from({ length: 60 }, () => {
    const slice = random.integer(256)
    const [lasting, coin] = [random.normal(), random.uniform() < truth.accuracy]
    return Array.from({ length: 50 }, () => {
      const noise = Math.sqrt(correlation) * lasting + Math.sqrt(1 - correlation) * random.normal()
      const isOwn = random.uniform() < Math.sqrt(correlation)
      const isCorrect = isOwn ? coin : random.uniform() < truth.accuracy
      return { hour: random.integer(168), slice, absError: 30 + 8 * noise, correct: isCorrect ? 1 : 0 }
    })
  }).flat()
}

/** The rows as monitoring keeps them: by hour where rows are the unit, by day and slice where entities are. */
function unitsOf(rows: ReturnType<typeof aWeek>, unit: 'row' | 'entity'): UnitOutcome[] {
  const units = new Map<string, UnitOutcome>()
  for (const { hour, slice, absError, correct } of rows) {
    const start = unit === 'row' ? hour : Math.floor(hour / 24)
    const key = `${start} ${unit === 'row' ? '' : slice}`
    const known = units.get(key) ?? { ...noRows, start, slice: unit === 'row' ? undefined : slice }
    units.set(key, known)
    known.n += 1
    known.rows += 1
    known.absError += absError
    known.absActual += 100
    known.correct += correct
  }
  return [...units.values()]
}

function coverage(metric: Metric & keyof typeof truth, unit: 'row' | 'entity', runs = 400): number {
  let held = 0
  for (let seed = 1; seed <= runs; seed += 1) {
    const { lower = Number.NaN, upper = Number.NaN } = estimate(metric, unitsOf(aWeek(seededRandom(seed)), unit)) ?? {}
    if (lower <= truth[metric] && truth[metric] <= upper) held += 1
  }
  return held / runs
}

test.each(['wape', 'accuracy'] as const)(
  'the interval of %s holds what entities have lastingly in common',
  (metric) => {
    expect(coverage(metric, 'entity')).toBeGreaterThanOrEqual(0.9)
    expect(coverage(metric, 'row')).toBeLessThan(0.6)
  },
)

test('an entity is one unit on however many days and in however many windows its rows lie', () => {
  const days = [0, 1, 2, 3, 4, 5, 6].flatMap((start) =>
    [1, 2, 3].map((slice) => ({ ...noRows, start, slice, n: 2, rows: 2, absError: 80, absActual: 200, named: 2 })),
  )
  expect(together(days)).toHaveLength(3)
  expect(weighWindow('wape', days, false)).toMatchObject({ state: 'insufficient', why: '3 of 5 slices of entities' })
  const windows = [0, 7].map((start) => ({ start, isOutside: true, units: days }))
  expect(isDegraded('wape', 0.3, windows).pooled).toMatchObject({ n: 3, value: 0.4 })
})

test('scores of an entity on several days are counted as its own, and unknown if those of one day are', () => {
  const scored = (slice: number, text: string): UnitOutcome => {
    const scores = new Map<number, [number, number]>()
    addScoreCounts(scores, text)
    return { ...noRows, slice, n: 2, scores }
  }
  const slices = [1, 2, 3, 4, 5, 6].map((slice) => scored(slice, `${slice}:1:0,${slice + 2}:0:1`))
  const again = [1, 2, 3, 4, 5, 6].map((slice) => scored(slice, `${slice}:1:0,${slice + 2}:0:1`))
  expect(estimate('auc', [...slices, ...again])).toEqual(estimate('auc', slices))
  expect(estimate('auc', [...slices, { ...noRows, slice: 1, n: 1 }])).toBeUndefined()
})

const start = Date.UTC(2026, 0, 5)
const performance = { metric: 'wape', limit: 0.3, unit: 'entity', window: '7d', label_delay: '1d' } as const
let stack: Stack
beforeAll(async () => {
  stack = await startStack({ env: { MAINSTAY_PYTHON: '/there/is/no/python' } })
})
afterAll(() => stack[Symbol.asyncDispose]())

let made = 0
async function aWatched(monitor: Parameters<typeof anEndpoint>[3] = { performance }): Promise<Feed> {
  const name = `entities${(made += 1)}`
  await anEndpoint(stack, name, { clock: 'event' }, monitor)
  const reference = hourlyReference()
  await aVersion(stack, { model: name, signature: hourlySignature, onnx: Buffer.from(name), reference })
  await stack.call(deploy, { name, model: name })
  return new Feed(stack, { endpoint: name, model: name })
}

/** Days on which each of 60 customers asks twice; some are lastingly harder to predict. */
async function customers(feed: Feed, from: number, days: number, name?: (customer: number) => string): Promise<void> {
  const rows = Array.from({ length: days * 120 }, (_, i): FeedRow => {
    const customer = i % 60
    const at = from + Math.floor(i / 120) * dayMs + (i % 120) * (dayMs / 120)
    const error = 0.05 + 0.1 * (customer % 4)
    const inputs = { x: ((i * 37) % 101) / 2, site: ['north', 'south', 'east'][i % 3] ?? null }
    const answers = { 1: 100 * (1 + (i % 2 === 0 ? 1 : -1) * error) }
    const id = `r${at}`
    return name ? { id, at, entity: name(customer), inputs, answers } : { id, at, inputs, answers }
  })
  await feed.write(rows)
  await stack.call(putLabels, { name: feed.endpoint, labels: rows.map(({ id }) => ({ id, value: 100 })) })
  await quiet(stack)
}

const windows = async ({ endpoint }: Feed, subject: 'performance' | 'drift') =>
  (
    await stack.ctx.db
      .selectFrom('monitor_window')
      .selectAll()
      .where('endpoint', '=', endpoint)
      .where('subject', '=', subject)
      .orderBy('start')
      .execute()
  ).map((row) => ({ ...row, numbers: JSON.parse(row.numbers) as Record<string, unknown> }))

const customer = (number: number): string => `customer-${number}`

test('performance and drift count entities: the same ones week after week, by slices and from the log', async () => {
  const feed = await aWatched()
  await customers(feed, start, 16, customer)
  const judged = await windows(feed, 'performance')
  expect(judged).toHaveLength(2)
  const units = judged.map(({ numbers }) => numbers['units'])
  expect(units[0]).toBeGreaterThan(50)
  expect(units[0]).toBeLessThanOrEqual(60)
  expect(units[1]).toBe(units[0])
  expect(judged[1]).toMatchObject({ state: 'healthy', numbers: { value: 0.2, labelled: 840, named: 840 } })
  expect(judged[1]?.sentence).toMatch(new RegExp(`840 of 840 rows labelled, in ${String(units[0])} slices of entities`))

  const drift = (await windows(feed, 'drift')).at(-1)
  expect(drift).toMatchObject({ sentence: '0 of 2 columns drifted, 60 entities', numbers: { entities: 60, units: 60 } })
  const detail = await stack.call(getMonitor, { endpoint: feed.endpoint })
  expect(detail.columns.map(({ state }) => state)).toEqual(['ok', 'ok'])
  const day = detail.series.find(({ at }) => at === start + 7 * dayMs)
  expect(day).toMatchObject({ value: judged[0]?.numbers['value'], n: 120, labelled: 120 })
  const later = await stack.call(getMonitor, { endpoint: feed.endpoint, from: start + 7 * dayMs })
  expect(later.series[0]).toEqual(day)
})

test('where requests name no entity each counts as one, and that is said', async () => {
  const feed = await aWatched()
  await customers(feed, start, 9)
  const [judged] = await windows(feed, 'performance')
  expect(judged?.sentence).toMatch(/slices of entities \(no request names its entity: each counts as one\)/)
  expect((await windows(feed, 'drift')).at(-1)?.sentence).toContain('(no request names its entity')
  await customers(feed, start + 9 * dayMs, 7, (number) => customer(number))
  expect((await windows(feed, 'performance'))[1]?.sentence).toContain('(29 % of the rows name no entity')
})

test('a monitor that changes to entities judges the past again by them, and back', async () => {
  const feed = await aWatched({ performance: { ...performance, unit: 'day' } })
  await customers(feed, start, 9, customer)
  expect((await windows(feed, 'performance'))[0]).toMatchObject({ numbers: { units: 7 } })
  const save = async (unit: 'entity' | 'row'): Promise<void> => {
    await anEndpoint(stack, feed.endpoint, { clock: 'event' }, { performance: { ...performance, unit } })
    await quiet(stack)
  }
  await save('entity')
  const [byEntity] = await windows(feed, 'performance')
  expect(byEntity?.numbers['units']).toBeGreaterThan(50)
  expect(byEntity?.sentence).toContain('slices of entities')
  await save('row')
  expect((await windows(feed, 'performance'))[0]?.sentence).not.toContain('entities')
  const blocks = await stack.ctx.db
    .selectFrom('outcome_block')
    .select('by_entity')
    .where('endpoint', '=', feed.endpoint)
    .execute()
  expect(new Set(blocks.map((row) => row.by_entity))).toEqual(new Set([0]))
})
