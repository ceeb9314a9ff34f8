import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildReference, emptyProfile, addValue, type CellValue, type ColumnProfile } from '../../../stats/profile.ts'
import { seededRandom } from '../../../stats/seeded-random.ts'
import { explain } from './cause.ts'
import { errorsHigh, findBreaks, type ColumnInput } from './input-rules.ts'
import {
  estimate,
  isDegraded,
  isOutside,
  relativeLimit,
  tighterLimit,
  weighWindow,
  type JudgedWindow,
  type UnitOutcome,
} from './performance-rules.ts'
import { nextClosed } from './windows.ts'

const day = 86_400_000
const aUnit = (start: number, error: number, more: Partial<UnitOutcome> = {}): UnitOutcome => ({
  start: start * day,
  n: 24,
  rows: 24,
  error: 0,
  absError: 2_400 * error,
  squaredError: 24,
  actual: 2_400,
  absActual: 2_400,
  logLoss: Number.NaN,
  correct: 0,
  ...more,
})
const aWindow = (start: number, errors: readonly number[], limit = 0.3): JudgedWindow => {
  const units = errors.map((error, i) => aUnit(start + i, error))
  return { start: start * day, units, isOutside: isOutside('wape', estimate('wape', units)?.value ?? 0, limit) }
}
const week = (level: number): number[] => [0, 1, 2, 3, 4, 5, 6].map((i) => level + ((i * 5) % 7) / 100)

test('one window outside is not degraded, two of three are when their pooled interval is', () => {
  const [inside, outside] = [aWindow(0, week(0.2)), aWindow(7, week(0.45))]
  expect(isDegraded('wape', 0.3, [inside, outside]).degraded).toBe(false)
  expect(isDegraded('wape', 0.3, [inside, outside, aWindow(14, week(0.45))]).degraded).toBe(true)
  expect(isDegraded('wape', 0.3, [outside, aWindow(14, week(0.45)), aWindow(21, week(0.1))]).degraded).toBe(false)
})

test('a window inside between two outside speaks for the version', () => {
  const windows = [aWindow(0, week(0.29)), aWindow(7, week(0.1)), aWindow(14, week(0.29))]
  expect(windows.map((window) => window.isOutside)).toEqual([true, false, true])
  expect(isDegraded('wape', 0.3, windows).degraded).toBe(false)
})

test('a version whose error lies at its limit is degraded in few of many weeks', () => {
  let alarms = 0
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = seededRandom(seed)
    const noisy = (start: number): JudgedWindow =>
      aWindow(
        start,
        Array.from({ length: 7 }, () => 0.3 * Math.exp(0.3 * random.normal() - 0.045)),
      )
    if (isDegraded('wape', 0.3, [noisy(0), noisy(7), noisy(14)]).degraded) alarms += 1
  }
  expect(alarms / 400).toBeLessThan(0.06)
})

test('a window needs units, labels and sound inputs, in this order of words', () => {
  const units = Array.from({ length: 7 }, (_, i) => aUnit(i, 0.2))
  expect(weighWindow('wape', units, false).state).toBe('judged')
  expect(weighWindow('wape', units.slice(0, 4), false)).toMatchObject({ state: 'insufficient', why: '4 of 5 units' })
  expect(weighWindow('wape', units.slice(0, 4), true).state).toBe('quarantined')
  expect(weighWindow('wape', units, true).state).toBe('judged')
  expect(
    weighWindow(
      'wape',
      units.map((unit) => ({ ...unit, n: 20 })),
      false,
    ),
  ).toMatchObject({ state: 'insufficient', why: 'labels 140 of 168' })
  expect(weighWindow('log_loss', units, false)).toMatchObject({
    state: 'insufficient',
    why: 'the metric does not exist for these labels',
  })
})

test('limits from backtests allow a quarter more loss, and only ever become tighter', () => {
  expect(relativeLimit('wape', 0.2)).toBeCloseTo(0.25)
  expect(relativeLimit('accuracy', 0.9)).toBeCloseTo(0.875)
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom('wape', 'accuracy'),
      (a, b, metric) => {
        const limit = tighterLimit(metric, a, b) ?? Number.NaN
        return !isOutside(metric, limit, a) && !isOutside(metric, limit, b)
      },
    ),
  )
  expect(tighterLimit('wape', null, 0.3)).toBe(0.3)
})

const reference = buildReference(Array.from({ length: 500 }, (_, i) => (i * 37) % 101))
const sites = buildReference(Array.from({ length: 500 }, (_, i) => ['a', 'b', 'c'][i % 3]))
if (!reference || !sites) throw new Error('no reference')

function profileOf(values: readonly CellValue[], of = reference): ColumnProfile {
  if (!of) throw new Error('no reference')
  const profile = emptyProfile(of)
  for (const value of values) addValue(profile, of, value)
  return profile
}

const usual = Array.from({ length: 24 }, (_, i) => (i * 29) % 101)
const before = Array.from({ length: 8 }, () => profileOf(usual))
const column = (values: readonly CellValue[], change: Partial<ColumnInput> = {}): ColumnInput => ({
  name: 'x',
  reference,
  profile: profileOf(values),
  before,
  ...change,
})
const kinds = (input: ColumnInput, feed = { rows: 24, refused: 0 }): string[] =>
  findBreaks([input], feed, { nulls: 0.05 }).map(({ kind }) => kind)

test('sound rows break nothing, and each kind of break has its name', () => {
  expect(kinds(column(usual))).toEqual([])
  expect(kinds(column(usual.map((x, i) => (i % 2 === 0 ? null : x))))).toEqual(['nulls'])
  expect(kinds(column(usual.map((x, i) => (i % 2 === 0 ? `${x}` : x))))).toEqual(['types'])
  expect(kinds(column(usual.map((x) => x * 9 + 320)))).toEqual(['range'])
  expect(kinds(column(usual), { rows: 24, refused: 24 })).toEqual(['schema'])
  const names = ['x', 'y', 'z'].flatMap((name) => Array.from({ length: 8 }, () => name))
  expect(kinds({ name: 'site', reference: sites, profile: profileOf(names, sites), before: [] })).toEqual(['coding'])
})

test('a still day under names that were just found changed is changed as well', () => {
  const still = profileOf(
    Array.from({ length: 24 }, () => 'x'),
    sites,
  )
  expect(kinds({ name: 'site', reference: sites, profile: still, before: [], wasRecoded: true })).toEqual(['coding'])
})

test('one new value, one null or a still day are no break', () => {
  expect(
    kinds({
      name: 'site',
      reference: sites,
      profile: profileOf(
        Array.from({ length: 24 }, () => 'new'),
        sites,
      ),
      before: [],
    }),
  ).toEqual([])
  expect(kinds(column([null, ...usual]))).toEqual([])
  expect(kinds(column(usual.map(() => 7)))).toEqual([])
  const still = profileOf(usual.map(() => 7))
  expect(
    kinds(
      column(
        usual.map(() => 7),
        { before: [...before, still] },
      ),
    ),
  ).toEqual(['constant'])
})

test('samples of the reference itself are hardly ever a break', () => {
  let breaks = 0
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = seededRandom(seed)
    breaks += kinds(column(Array.from({ length: 24 }, () => random.integer(101)))).length
  }
  expect(breaks).toBeLessThanOrEqual(2)
})

test('errors are high beyond 1 %, beyond the usual share and beyond chance', () => {
  expect(errorsHigh({ rows: 24, errors: 1 }, { rows: 300, errors: 0 }).isHigh).toBe(false)
  expect(errorsHigh({ rows: 24, errors: 6 }, { rows: 300, errors: 0 }).isHigh).toBe(true)
  expect(errorsHigh({ rows: 24, errors: 6 }, { rows: 300, errors: 75 }).isHigh).toBe(false)
  expect(errorsHigh({ rows: 100_000, errors: 900 }, { rows: 1e6, errors: 0 }).isHigh).toBe(false)
  expect(errorsHigh({ rows: 0, errors: 0 }, { rows: 0, errors: 0 }).isHigh).toBe(false)
})

test('the cause is measured: bias, columns outside their range, or a changed relation', () => {
  const sums = { n: 100, error: -900, absError: 1_000, squaredError: 20_000, actual: 10_000, absActual: 10_000 }
  const nothing = { outside: [], drifted: [], usualBias: undefined }
  expect(explain({ sums, ...nothing })).toMatchObject({
    kind: 'concept_change',
    sentence: expect.stringContaining('the relation itself changed') as string,
  })
  const far = explain({ sums, ...nothing, outside: [{ column: 'temp', share: 0.4 }] })
  expect(far).toMatchObject({
    kind: 'inputs_left_training_range',
    sentence: expect.stringContaining('temp is outside its training range in 40 % of the rows') as string,
  })
  expect(explain({ sums: { ...sums, error: 0 }, ...nothing }).kind).toBe('unexplained')
})

test('windows lie on one grid, follow each other without a gap, and close only once they are over', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 1, max: 1e4 }),
      fc.integer({ min: 0, max: 50 }),
      (anchor, length, count) => {
        const now = anchor + count * length
        let from = anchor
        for (let i = 0; i < count; i += 1) {
          const window = nextClosed(anchor, length, from, now)
          if (window?.start !== from || window.end !== from + length) return false
          from = window.end
        }
        return nextClosed(anchor, length, from, now) === undefined
      },
    ),
  )
})
