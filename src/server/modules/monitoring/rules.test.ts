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
import { settleDrift, type DriftColumn, type DriftPast } from './judge-drift.ts'
import { judgeVolume, lasts, type Volume } from './volume-rules.ts'
import { acrossGap, nextClosed } from './windows.ts'

const day = 86_400_000
const aUnit = (start: number, error: number, more: Partial<UnitOutcome> = {}): UnitOutcome => ({
  start: start * day,
  slice: undefined,
  named: 0,
  n: 24,
  rows: 24,
  error: 0,
  absError: 2_400 * error,
  squaredError: 24,
  actual: 2_400,
  absActual: 2_400,
  logLoss: Number.NaN,
  correct: 0,
  tp: Number.NaN,
  fp: Number.NaN,
  fn: Number.NaN,
  scores: undefined,
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
    why: 'log loss does not exist: it wants labels of both 0 and 1, and a probability of class 1',
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

/** How many of many sound windows are called broken; those that are count among the earlier ones no more. */
function falseBreaks(
  draw: (random: ReturnType<typeof seededRandom>) => CellValue,
  rows: number,
  windows = 1_000,
): number {
  const random = seededRandom(7)
  const own = buildReference(Array.from({ length: 2_000 }, () => draw(random)))
  const earlier: ColumnProfile[] = []
  let found = 0
  for (let window = 0; window < windows; window += 1) {
    const profile = profileOf(
      Array.from({ length: rows }, () => draw(random)),
      own,
    )
    const breaks = kinds({ name: 'x', reference: own, profile, before: earlier.slice(-14) })
    if (breaks.length === 0) earlier.push(profile)
    else found += 1
  }
  return found
}

test('sound windows of awkward columns are hardly ever a break', () => {
  expect(
    falseBreaks((random) => (random.uniform() < 0.8 ? 0 : random.integer(1_000)), 14),
    'mostly zero',
  ).toBe(0)
  expect(
    falseBreaks((random) => (1 - random.uniform()) ** -1.25, 200),
    'a tail without a mean',
  ).toBe(0)
  expect(
    falseBreaks((random) => (random.uniform() < 0.1 ? null : random.uniform()), 5),
    'nulls in few rows',
  ).toBeLessThan(3)
  expect(
    falseBreaks((random) => `order ${random.integer(1e9)}`, 100, 50),
    'numbers of orders',
  ).toBe(0)
  const nearlyAll = (random: ReturnType<typeof seededRandom>): string =>
    random.uniform() < 0.02 ? 'none' : `order ${random.integer(1e9)}`
  expect(falseBreaks(nearlyAll, 24, 200), 'orders, and some without one').toBe(0)
})

test('few rows tell a storm of nulls and a changed unit, too', () => {
  expect(kinds(column([null, null, null, null, 7]))).toEqual(['nulls'])
  expect(kinds(column([410, 530, 620, 380, 710]))).toEqual(['range'])
  expect(kinds(column([50, 20, 30, 10, 9_000])), 'one enormous value is another thing').toEqual([])
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
  const nothing = { outside: [], drifted: [], classes: undefined, compared: 8 }
  expect(explain({ sums, ...nothing })).toMatchObject({
    kind: 'concept_change',
    sentence: expect.stringContaining('the relation itself changed') as string,
  })
  const classes = { predicted: 0.3, actual: 0.41 }
  expect(explain({ sums, ...nothing, classes })).toMatchObject({
    kind: 'concept_change',
    sentence: expect.stringContaining('The model answers 1 in 30 % of the rows, the truth is 1 in 41 %') as string,
  })
  const far = explain({ sums, ...nothing, outside: [{ column: 'temp', share: 0.4 }] })
  expect(far).toMatchObject({
    kind: 'inputs_left_training_range',
    sentence: expect.stringContaining('temp is outside its training range in 40 % of the rows') as string,
  })
  expect(explain({ sums: { ...sums, error: 0 }, ...nothing }), 'worse to both sides').toMatchObject({
    kind: 'unexplained',
    sentence: expect.stringContaining('no input moved by itself') as string,
  })
  expect(explain({ sums, ...nothing, compared: 0 }), 'no reference was logged').toMatchObject({
    kind: 'unexplained',
    sentence: expect.stringContaining('whether one moved is not known') as string,
  })
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

test('a gap is one window on the grid, and ends where rows come or time stands', () => {
  const week = { start: 0, end: 7 }
  expect(acrossGap(week, 3, 100)).toEqual(week)
  expect(acrossGap(week, 10, 100)).toEqual(week)
  expect(acrossGap(week, 30, 100)).toEqual({ start: 0, end: 28 })
  expect(acrossGap(week, 30, 16)).toEqual({ start: 0, end: 14 })
})

test('what drift finds once is not drifted yet, unless it is severe', () => {
  const found = (name: string, isSevere = false): DriftColumn => ({
    column: name,
    role: 'input',
    kind: 'numeric',
    state: 'drifted',
    what: 'mean +0.3 σ',
    effect: 0.15,
    method: 'KS',
    q: 0.001,
    psi: null,
    outside: null,
    nulls: null,
    unseen: null,
    importance: null,
    impact: null,
    bins: [],
    isSevere,
  })
  const states = (past: DriftPast, ...columns: DriftColumn[]) =>
    settleDrift(columns, past).map(({ state, what }) => `${state}: ${what}`)
  expect(states([], found('x'), found('y', true))).toEqual([
    'ok: mean +0.3 σ; seen once so far',
    'drifted: mean +0.3 σ',
  ])
  expect(states([{ found: ['x'] }, { found: [] }], found('x'))).toEqual(['drifted: mean +0.3 σ'])
  expect(states([{ found: ['x'] }, { found: [] }, { found: [] }], found('x'))).toEqual([
    'ok: mean +0.3 σ; seen once so far',
  ])
})

test('a share of new categories breaks a window only where somebody declared how many are tolerable', () => {
  const some = profileOf(
    Array.from({ length: 100 }, (_, i) => (i % 5 === 0 ? 'new' : 'a')),
    sites,
  )
  const input = { name: 'site', reference: sites, profile: some, before: [] }
  const found = (unseen?: number) => findBreaks([input], { rows: 100, refused: 0 }, { nulls: 0.05, unseen })
  expect(found()).toEqual([])
  expect(found(0.5)).toEqual([])
  expect(found(0.1)).toMatchObject([{ kind: 'unseen', sentence: '20 % of site was never seen in training (new)' }])
})

test('numbers that are codes have no unit of measure that could change', () => {
  const far = column(usual.map((x) => x * 9 + 320))
  expect(kinds(far)).toEqual(['range'])
  expect(kinds({ ...far, isCode: true })).toEqual([])
})

const weeks = (...rows: number[]) => rows

test('volume is judged against the feed’s own weeks, robustly', () => {
  const past = weeks(1000, 900, 1100, 1000, 950, 1050, 1000, 1000)
  expect(judgeVolume(900, past).state).toBe('usual')
  expect(judgeVolume(300, past).state).toBe('usual')
  expect(judgeVolume(100, past)).toMatchObject({ state: 'low', usual: 1000 })
  expect(judgeVolume(5000, past).state).toBe('high')
  expect(judgeVolume(100, weeks(1000, 1000, 1000)).state, 'too few weeks').toBe('unknown')
  expect(judgeVolume(0, weeks(8, 9, 10, 9)).state, 'too few rows').toBe('unknown')
  expect(judgeVolume(100, weeks(1000, 0, 1000, 1000, 1000)).state, 'one outage hides no other').toBe('low')
  expect(judgeVolume(100, weeks(1000, 150, 1000, 120, 1000)).state, 'it has done so twice by itself').toBe('usual')
})

test('ordinary feeds with weekends, growth and holidays raise no lasting alarm about their volume', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = seededRandom(seed)
    const rows = Array.from({ length: 400 }, (_, d) => {
      const weekend = d % 7 > 4 ? 0.3 : 1
      const holiday = d % 90 === 40 || d % 90 === 41 ? 0.02 : 1
      return Math.round(500 * weekend * holiday * Math.exp(d / 300 + 0.3 * random.normal()))
    })
    const judged = rows.map((n, d) => ({
      start: d * day,
      stop: (d + 1) * day,
      volume: judgeVolume(
        n,
        [1, 2, 3, 4, 5, 6, 7, 8].flatMap((w) => rows[d - 7 * w] ?? []),
      ).state,
    }))
    const alarms = judged.filter(
      ({ volume }, d) =>
        (volume === 'low' || volume === 'high') && lasts(volume, judged.slice(Math.max(0, d - 2), d + 1)),
    )
    expect(alarms).toEqual([])
  }
})

test('lasting is three days in one direction, nights without a say left out', () => {
  const hours = (states: readonly Volume['state'][]) =>
    states.map((volume, i) => ({ start: i * (day / 24), stop: (i + 1) * (day / 24), volume }))
  const low = Array.from({ length: 72 }, (_, i): Volume['state'] => (i % 24 < 8 ? 'unknown' : 'low'))
  expect(lasts('low', hours(low))).toBe(true)
  expect(lasts('low', hours(low.slice(1)))).toBe(false)
  expect(lasts('low', hours([...low.slice(0, 71), 'usual']))).toBe(false)
  expect(lasts('low', hours(low.map(() => 'unknown')))).toBe(false)
})
