import { expect, test } from 'vitest'
import { blockVariance, chooseUnit, unitKey } from './blocks.ts'
import { judgeDrift } from './drift-verdict.ts'
import { exceedanceP } from './exceedance.ts'
import type { DriftInput } from './drift-verdict.ts'
import { biasShare, segmentContributions } from './performance-cause.ts'
import { confusionMetrics } from './performance-classification.ts'
import { regressionMetrics } from './performance-regression.ts'
import { addValue, buildReference, emptyProfile } from './profile.ts'
import type { CellValue, ReferenceColumn } from './profile.ts'
import { seededRandom } from './seeded-random.ts'
import {
  addRegressionRow,
  biasOfUnits,
  emptyRegressionSums,
  meanOfUnits,
  pairedRatioDifference,
  ratioOfSums,
  wapeOfUnits,
} from './units.ts'

const HOUR = 3_600_000

function hourly(days: number, value: (day: number, hour: number) => number): { values: number[]; times: number[] } {
  const values: number[] = []
  const times: number[] = []
  for (let i = 0; i < days * 24; i++) {
    values.push(value(Math.floor(i / 24), i % 24))
    times.push(i * HOUR)
  }
  return { values, times }
}

test('independent rows are their own unit, also under a daily cycle', () => {
  const random = seededRandom(5)
  const plain = hourly(60, () => random.normal())
  const cycle = hourly(60, (_, hour) => 10 * Math.sin(hour / 4) + random.normal())
  expect(chooseUnit([plain.values], plain.times)).toBe('row')
  expect(chooseUnit([cycle.values], cycle.times)).toBe('row')
})

test('weather that lasts a day makes the day the unit, even beneath a strong daily cycle', () => {
  const random = seededRandom(6)
  const weather = Array.from({ length: 60 }, () => random.normal())
  const rows = hourly(60, (day, hour) => 5 * Math.sin(hour / 4) + (weather[day] as number) + random.normal())
  expect(chooseUnit([rows.values], rows.times)).toBe('day')
})

test('noise shared within an hour makes the hour the unit, noise shared by an entity the entity', () => {
  const random = seededRandom(8)
  const values: number[] = []
  const times: number[] = []
  const users: string[] = []
  const people = Array.from({ length: 200 }, () => 2 * random.normal())
  const own: number[] = []
  for (let h = 0; h < 24 * 30; h++) {
    const shared = random.normal()
    for (let k = 0; k < 6; k++) {
      const user = random.integer(200)
      values.push(shared + random.normal())
      own.push((people[user] as number) + random.normal())
      users.push(`u${user}`)
      times.push(h * HOUR + k * 1000)
    }
  }
  expect(chooseUnit([values], times)).toBe('hour')
  expect(chooseUnit([own], times, users)).toBe('entity')
})

test('blocks that say nothing have no variance ratio', () => {
  expect(blockVariance([1, 2, 3], ['a', 'a', 'a'])).toBeUndefined()
  expect(blockVariance([1, 1], ['a', 'b'])).toBeUndefined()
  expect(unitKey('day', { time: 25 * HOUR, id: 1 })).toBe('d1')
  expect(unitKey('entity', { time: 0, id: 7 })).toBe('r7')
})

test('WAPE and bias come with intervals over units, and are undefined where they do not exist', () => {
  const units = [1, 2, 3, 4].map((day) => {
    const sums = emptyRegressionSums()
    for (let i = 1; i <= 24; i++) addRegressionRow(sums, 100, 100 + day * (i % 2 ? 6 : -2))
    return sums
  })
  const wape = wapeOfUnits(units)
  expect(wape?.value).toBeCloseTo(0.1, 12)
  expect(biasOfUnits(units)?.value).toBeCloseTo(0.05, 12)
  // Equal weights: the mean of 0.04, 0.08, 0.12, 0.16 with t(3) = 3.18245.
  expect(wape?.se).toBeCloseTo(Math.sqrt(0.008 / 3 / 4), 12)
  expect(wape?.upper).toBeCloseTo(0.1 + 3.182446305284263 * Math.sqrt(0.008 / 12), 10)
  expect(wapeOfUnits(units.slice(0, 1))).toMatchObject({ n: 1, lower: undefined, upper: undefined })
  expect(wapeOfUnits([emptyRegressionSums()])).toBeUndefined()
  expect(meanOfUnits([])).toBeUndefined()
  expect(biasShare({ error: 5, absError: 10 })).toEqual({ share: 0.5, direction: 'over' })
  expect(biasShare({ error: 0, absError: 0 })).toBeUndefined()
})

test('95 % intervals of a ratio over 20 correlated days cover the truth in about 95 % of runs', () => {
  const random = seededRandom(9)
  let covered = 0
  for (let run = 0; run < 1000; run++) {
    const units = Array.from({ length: 20 }, () => {
      const weight = 50 + 20 * random.uniform()
      return { weight, total: weight * (0.3 + 0.05 * random.normal()) }
    })
    const estimate = ratioOfSums(units)
    if (estimate?.lower !== undefined && estimate.upper !== undefined && estimate.lower < 0.3 && estimate.upper > 0.3)
      covered++
  }
  expect(covered / 1000).toBeGreaterThan(0.93)
  expect(covered / 1000).toBeLessThan(0.97)
})

test('pairing by unit makes the difference of two losses far sharper than either', () => {
  const random = seededRandom(10)
  const units = Array.from({ length: 14 }, () => {
    const day = 0.3 + 0.1 * random.normal()
    return { candidate: { total: 100 * (day - 0.02), weight: 100 }, champion: { total: 100 * day, weight: 100 } }
  })
  const difference = pairedRatioDifference(units)
  expect(difference?.value).toBeCloseTo(-0.02, 10)
  expect(difference?.se).toBeLessThan(1e-10)
})

test('segment contributions add up to the whole change', () => {
  const parts = segmentContributions([
    { name: 'a', before: { total: 10, weight: 100 }, after: { total: 40, weight: 150 } },
    { name: 'b', before: { total: 30, weight: 100 }, after: { total: 10, weight: 50 } },
  ])
  expect(parts?.reduce((sum, part) => sum + part.within + part.mix, 0)).toBeCloseTo(0.05, 12)
})

test('metrics that do not exist are undefined, never 0 or NaN', () => {
  expect(confusionMetrics({ tp: 0, fp: 0, fn: 2, tn: 2 }).precision).toBeUndefined()
  expect(regressionMetrics([2, 2, 2], [2, 3, 2])?.r2).toBeUndefined()
  expect(regressionMetrics([0, 0], [1, 1])?.wape).toBeUndefined()
  expect(regressionMetrics([], [])).toBeUndefined()
})

const random = seededRandom(21)
const referenceRows = Array.from({ length: 90 * 24 }, () => random.normal())
const colours = ['red', 'green', 'blue']
const numeric = buildReference(referenceRows) as ReferenceColumn
const category = buildReference(referenceRows.map((_, i) => colours[i % 3] as string)) as ReferenceColumn

function column(
  reference: ReferenceColumn | undefined,
  values: readonly CellValue[],
  more: Partial<DriftInput> = {},
): DriftInput {
  const profile = emptyProfile(reference ?? numeric)
  for (const value of values) addValue(profile, reference ?? numeric, value)
  return { name: 'x', reference, profile, referenceUnits: 90, currentUnits: 30, ...more }
}

const rows = (value: (i: number) => CellValue, n = 720) => Array.from({ length: n }, (_, i) => value(i))
const stateOf = (input: DriftInput) => judgeDrift([input])[0]

test('every column ends in the state its window deserves', () => {
  const normal = () => random.normal()
  expect(stateOf(column(numeric, rows(normal)))).toMatchObject({ state: 'ok', causes: [] })
  expect(
    stateOf(
      column(
        numeric,
        rows(() => 2 + random.normal()),
      ),
    ),
  ).toMatchObject({ state: 'drifted', causes: ['distribution'], severe: true })
  expect(
    stateOf(
      column(
        numeric,
        rows(() => 2 + random.normal()),
        { currentUnits: 7 },
      ),
    ),
  ).toMatchObject({ state: 'insufficient', causes: [] })
  expect(
    stateOf(
      column(
        numeric,
        rows((i) => (i % 5 < 3 ? null : random.normal())),
      ),
    ),
  ).toMatchObject({ state: 'drifted', causes: ['missing'] })
  expect(
    stateOf(
      column(
        numeric,
        rows(() => 0.5),
      ),
    ),
  ).toMatchObject({ state: 'constant' })
  const flag = buildReference(Array.from({ length: 2000 }, (_, i) => (i % 40 === 0 ? 1 : 0)))
  expect(
    stateOf(
      column(
        flag,
        rows(() => 0),
      ),
    )?.state,
    'nearly all of the reference is this value',
  ).toBe('ok')
  expect(
    stateOf(
      column(
        flag,
        rows(() => 1),
      ),
    )?.state,
  ).toBe('constant')
  expect(
    stateOf(
      column(
        flag,
        rows(() => 2),
      ),
    ),
    'the reference never had it',
  ).toMatchObject({
    state: 'drifted',
    causes: ['distribution', 'range'],
  })
  expect(
    stateOf(
      column(
        numeric,
        rows(() => '7'),
      ),
    ),
  ).toMatchObject({ state: 'schema_changed' })
  expect(stateOf(column(numeric, []))).toMatchObject({ state: 'empty' })
  expect(stateOf(column(undefined, rows(normal)))).toMatchObject({ state: 'no_reference' })
  expect(stateOf(column(numeric, rows(normal), { warmingUp: true }))).toMatchObject({ state: 'warming_up' })
  expect(
    stateOf(
      column(
        category,
        rows((i) => colours[i % 3]),
      ),
    ),
  ).toMatchObject({ state: 'ok' })
  expect(
    stateOf(
      column(
        category,
        rows((i) => (i % 3 ? 'red' : 'blue')),
      ),
    ),
  ).toMatchObject({ state: 'drifted', causes: ['distribution'] })
  expect(
    stateOf(
      column(
        category,
        rows((i) => (i % 40 ? colours[i % 3] : 'mauve')),
      ),
    ),
  ).toMatchObject({ state: 'drifted', causes: ['unseen'] })
})

test('values beyond the training range are drift when more units have them than chance gives', () => {
  const season = (day: number): number => 1 + Math.floor(day / 45)
  const reference = Array.from({ length: 90 * 24 }, (_, i) => season(Math.floor(i / 24)))
  const frozen = buildReference(reference) as ReferenceColumn
  const now = (days: number) => Array.from({ length: 14 * 24 }, (_, i) => (i / 24 < days ? 3 : 1 + (i % 2)))
  const verdict = (days: number) => stateOf(column(frozen, now(days), { referenceUnits: 90, currentUnits: 14 }))
  expect(verdict(4)).toMatchObject({ state: 'drifted', causes: ['range'], severe: false })
  expect(verdict(1)).toMatchObject({ state: 'ok', causes: [] })
  // 2 · (4·3·2)/(10·9·8) of six earlier and four new units, three of them above all; both sides at once are not better.
  expect(exceedanceP(0.75, 0, 6, 4)).toBeCloseTo(48 / 720, 12)
  expect(exceedanceP(0.75, 0.25, 6, 4)).toBeCloseTo(48 / 720, 12)
  expect(exceedanceP(0, 0, 6, 4)).toBe(1)
})

test('fifty clean columns of independent rows never drift in 40 windows', () => {
  let drifted = 0
  for (let window = 0; window < 40; window++) {
    const inputs = Array.from({ length: 50 }, () =>
      column(
        numeric,
        rows(() => random.normal(), 300),
        { referenceUnits: 2160, currentUnits: 300 },
      ),
    )
    drifted += judgeDrift(inputs).filter((verdict) => verdict.state === 'drifted').length
  }
  expect(drifted).toBe(0)
})

test('categories too many to know them all drift when they do, not because new ones come as ever', () => {
  const shop = (scale = 1) => `shop ${Math.floor(scale * (1 - random.uniform()) ** -3)}`
  const reference = buildReference(Array.from({ length: 2_000 }, () => shop())) as ReferenceColumn
  const order = () => `order ${random.integer(1e9)}`
  const orders = buildReference(Array.from({ length: 2_000 }, order)) as ReferenceColumn
  const units = { referenceUnits: 2_000, currentUnits: 500 }
  const state = (of: ReferenceColumn, value: () => string) =>
    stateOf(
      column(
        of,
        rows(() => value(), 500),
        units,
      ),
    )
  for (let window = 0; window < 20; window++) {
    expect(state(reference, shop)).toMatchObject({ state: 'ok', causes: [] })
    expect(state(orders, order)).toMatchObject({ state: 'ok', causes: [] })
  }
  expect(
    state(reference, () => shop(3)),
    'other shops',
  ).toMatchObject({ state: 'drifted', causes: ['distribution'] })
  expect(
    state(reference, () => (random.uniform() < 0.3 ? order() : shop())),
    'more new ones than ever',
  ).toMatchObject({ state: 'drifted', causes: ['distribution', 'unseen'] })
})
