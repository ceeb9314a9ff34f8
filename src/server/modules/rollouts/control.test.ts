import { expect, test } from 'vitest'
import { pickVariant, stickyBucket } from '../../../stats/assignment.ts'
import { seededRandom, type SeededRandom } from '../../../stats/seeded-random.ts'
import { drawSlices, type HourDraw, type HourPair } from '../serving/module.ts'
import type { Evidence } from './evidence.ts'
import { decide } from './rules.ts'
import { chooseUnits, drawnUnits, pairedUnits, type ComparedUnit } from './units.ts'

const dayMs = 86_400_000

const calm: Omit<
  Evidence,
  'units' | 'unitsInStep' | 'unitsAtEnd' | 'stage' | 'weight' | 'isLastStep' | 'age' | 'maxAge'
> = {
  metric: 'wape',
  limit: null,
  limited: null,
  unit: dayMs,
  byEntity: false,
  margin: 0.05,
  errors: null,
  latency: null,
  split: null,
  predictions: null,
  answersDrift: true,
  pausedBy: null,
  frozen: false,
}

interface Ended {
  verdict: 'rollback' | 'promote' | 'open'
  units: number
}

/** A day's evidence at the share of traffic that the candidate has. */
type UnitAt = (day: number, weight: number) => ComparedUnit

/** A whole rollout as `decideRollout` walks it: one look after every unit, the next step as soon as this one is done. */
function walk(unitAt: UnitAt, days: number, steps: readonly number[] = [0, 0.1, 0.5]): Ended {
  const units: ComparedUnit[] = []
  let step = 0
  let stepFrom = 0
  // Steps that the look at the end has opened take a unit each.
  for (let day = 0; day < days + steps.length; day += 1) {
    const weight = steps[step] ?? 0
    units.push(unitAt(day, weight))
    const decision = decide({
      ...calm,
      units,
      unitsInStep: units.length - stepFrom,
      unitsAtEnd: Math.min(units.length, days),
      stage: weight === 0 ? 'shadow' : 'canary',
      weight,
      isLastStep: step === steps.length - 1,
      age: (day + 1) * dayMs,
      maxAge: days * dayMs,
    })
    if (decision.verdict === 'rollback') return { verdict: 'rollback', units: units.length }
    if (!decision.stepDone) continue
    step += 1
    stepFrom = units.length
    if (step === steps.length) return { verdict: 'promote', units: units.length }
  }
  return { verdict: 'open', units: units.length }
}

const rowsADay = 24

interface Noise {
  /** Moves the whole day of both versions. */
  shared: number
  /** Moves the whole day of one version. */
  own: number
  /** How differently both versions err on the same row; 0 is the same error. */
  rowwise: number
}

/** Both versions' absolute errors of a day: on the same row they have most of the error in common. */
function day(random: SeededRandom, start: number, worse: number, { shared, own, rowwise }: Noise): ComparedUnit {
  const hard = Math.exp(shared * random.normal())
  const [a, b] = [Math.exp(own * random.normal()), Math.exp(own * random.normal())]
  let [candidateLoss, championLoss] = [0, 0]
  for (let row = 0; row < rowsADay; row += 1) {
    const error = hard * 30 * random.exponential()
    candidateLoss += worse * a * error * Math.exp(rowwise * random.normal())
    championLoss += b * error * Math.exp(rowwise * random.normal())
  }
  const actual = rowsADay * 150
  return {
    start: start * dayMs,
    n: rowsADay,
    candidateLoss,
    championLoss,
    candidateActual: actual,
    championActual: actual,
    isDrawn: false,
    sliced: null,
  }
}

interface Rates {
  rollback: number
  promoted: number
  /** Units until a rollback. */
  median: number
}

function ratesOf(ended: readonly Ended[]): Rates {
  const of = (verdict: Ended['verdict']): Ended[] => ended.filter((run) => run.verdict === verdict)
  const lengths = of('rollback')
    .map((run) => run.units)
    .sort((x, y) => x - y)
  return {
    rollback: of('rollback').length / ended.length,
    promoted: of('promote').length / ended.length,
    median: lengths[lengths.length >> 1] ?? Number.NaN,
  }
}

function rate(runs: number, noise: Noise, worse: number, days: number): Rates {
  return ratesOf(
    Array.from({ length: runs }, (_, seed) => {
      const random = seededRandom(seed + 1)
      return walk((at) => day(random, at, worse, noise), days)
    }),
  )
}

const noises: Record<string, Noise> = {
  'errors independent from row to row and from version to version': { shared: 0, own: 0, rowwise: 1 },
  'hard and easy days that both versions share': { shared: 0.6, own: 0, rowwise: 0.5 },
  'days that go well or badly for one version alone': { shared: 0.4, own: 0.3, rowwise: 0.5 },
}

/** Thousands of rollouts take some seconds of a free core. */
const long = 180_000

test.each(Object.keys(noises))(
  'of 1,000 A/A rollouts looked at after every unit, few are rolled back: %s',
  (name) => {
    const noise = noises[name] ?? { shared: 0, own: 0, rowwise: 0 }
    expect(rate(1_000, noise, 1, 40).rollback).toBeLessThanOrEqual(0.05)
  },
  long,
)

test(
  'A/A rollouts that cannot end, since nothing is inside the limit, are rolled back no more often',
  () => {
    let rollbacks = 0
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const random = seededRandom(seed)
      const units: ComparedUnit[] = []
      for (let at = 0; at < 60; at += 1) {
        units.push(day(random, at, 1, { shared: 0.4, own: 0.3, rowwise: 0.5 }))
        const evidence = {
          ...calm,
          limit: 0.01,
          units,
          unitsInStep: at,
          unitsAtEnd: 0,
          maxAge: 60 * dayMs,
          stage: 'canary',
          weight: 0.1,
          isLastStep: false,
          age: 0,
        } as const
        if (decide(evidence).verdict !== 'rollback') continue
        rollbacks += 1
        break
      }
    }
    expect(rollbacks / 1_000).toBeLessThanOrEqual(0.05)
  },
  long,
)

test('a version with 30 % more loss is rolled back, typically within 10 units, and hardly ever promoted', () => {
  const found = rate(500, { shared: 0.3, own: 0.05, rowwise: 0.2 }, 1.3, 60)
  expect(found.median).toBeLessThanOrEqual(10)
  expect(found.rollback).toBeGreaterThan(0.95)
  expect(found.promoted).toBeLessThan(0.02)
})

test('a version with 15 % less loss gets its traffic', () => {
  expect(rate(200, { shared: 0.4, own: 0.1, rowwise: 0.3 }, 0.85, 60).promoted).toBeGreaterThan(0.9)
})

test('equal versions get their traffic when the time is long enough for their noise, and else wait for a person', () => {
  const calmDays = { shared: 0.4, own: 0.05, rowwise: 0.2 }
  expect(rate(300, calmDays, 1, 28).promoted).toBeGreaterThan(0.5)
  const moderate = { shared: 0.4, own: 0.1, rowwise: 0.3 }
  expect(rate(300, moderate, 1, 60).promoted).toBeGreaterThan(0.4)
})

test('a version that is worse by more than the margin is hardly ever promoted, also by the look at the end', () => {
  const { promoted } = rate(500, { shared: 0.4, own: 0.1, rowwise: 0.3 }, 1.06, 28)
  expect(promoted).toBeLessThanOrEqual(0.05)
})

interface Population {
  entities: number
  /** How differently entities are hard to predict, for good. */
  lasting: number
}

/** A day of a busy endpoint: each entity is asked about three times, and only the version answers that was drawn for it. */
function drawnDay(
  random: SeededRandom,
  people: readonly { bucket: number; lasting: number }[],
  at: number,
  weight: number,
  worse: number,
  { shared, own, rowwise }: Noise,
): ComparedUnit {
  const common = Math.exp(shared * random.normal())
  const sides = [Math.exp(own * random.normal()), worse * Math.exp(own * random.normal())]
  const cells = new Map<number, HourDraw>()
  for (const [entity, { bucket, lasting }] of people.entries()) {
    const side = pickVariant([1 - weight, weight], bucket) ?? 0
    const propensity = side === 1 ? weight : 1 - weight
    const slice = entity % drawSlices
    const cell = cells.get(2 * slice + side) ?? {
      hour: at * dayMs,
      version: side + 1,
      slice,
      n: 0,
      weight: 0,
      abs_error: 0,
      squared_error: null,
      log_loss: null,
      wrong: 0,
      abs_actual: 0,
    }
    const error = 30 * lasting * common * (sides[side] ?? 1) * Math.exp(rowwise * random.normal())
    cell.n += 3
    cell.weight += 3 / propensity
    cell.abs_error = (cell.abs_error ?? 0) + (3 * error) / propensity
    cell.abs_actual = (cell.abs_actual ?? 0) + (3 * 150) / propensity
    cells.set(2 * slice + side, cell)
  }
  const versions = { candidate: 2, champion: 1 }
  const [unit] = chooseUnits(
    new Map(),
    drawnUnits([...cells.values()], 'wape', versions, (hour) => hour),
  )
  if (!unit) throw new Error('the day has too few rows')
  return unit
}

function drawnRate(runs: number, population: Population, noise: Noise, worse: number, days: number): Rates {
  return ratesOf(
    Array.from({ length: runs }, (_, seed) => {
      const random = seededRandom(seed + 1)
      const people = Array.from({ length: population.entities }, (_, entity) => ({
        bucket: stickyBucket(`rollout-${seed}`, `e${entity}`),
        lasting: Math.exp(population.lasting * random.normal()),
      }))
      return walk((at, weight) => drawnDay(random, people, at, weight, worse, noise), days, [0.1, 0.5])
    }),
  )
}

const populations: [string, Population, Noise][] = [
  ['entities that stay hard or easy', { entities: 200, lasting: 0.8 }, { shared: 0.4, own: 0, rowwise: 0.5 }],
  [
    'such entities, and days that go badly for one version',
    { entities: 200, lasting: 0.8 },
    { shared: 0.4, own: 0.2, rowwise: 0.5 },
  ],
]

test.each(populations)(
  'of 1,000 A/A rollouts above pair_below few are rolled back: %s',
  (_, population, noise) => {
    expect(drawnRate(1_000, population, noise, 1, 20).rollback).toBeLessThanOrEqual(0.05)
  },
  long,
)

/** A day of pairs: both versions score each of the entities twice, and err lastingly more or less on it by `lasting`. */
function pairedDay(
  random: SeededRandom,
  people: readonly { candidate: number; champion: number }[],
  at: number,
  worse: number,
  byEntity: boolean,
): ComparedUnit {
  const rows = people.map(({ candidate, champion }, entity): HourPair => {
    const error = (lasting: number): number => 60 * lasting * Math.exp(0.5 * random.normal())
    return {
      hour: at * dayMs,
      version_a: 1,
      version_b: 2,
      slice: entity % drawSlices,
      n: 2,
      abs_error_a: error(champion),
      abs_error_b: worse * error(candidate),
      squared_error_a: null,
      squared_error_b: null,
      log_loss_a: null,
      log_loss_b: null,
      wrong_a: 0,
      wrong_b: 0,
      abs_actual: 300,
    }
  })
  const paired = pairedUnits(rows, { metric: 'wape', candidateIsA: false, byEntity }, (hour) => hour)
  const [unit] = chooseUnits(paired, new Map())
  if (!unit) throw new Error('the day has too few entities')
  return unit
}

function pairedRate(runs: number, { entities, lasting }: Population, worse: number, byEntity: boolean): Rates {
  return ratesOf(
    Array.from({ length: runs }, (_, seed) => {
      const random = seededRandom(seed + 1)
      const own = (): number => Math.exp(lasting * random.normal())
      const people = Array.from({ length: entities }, () => ({ candidate: own(), champion: own() }))
      return walk((at) => pairedDay(random, people, at, worse, byEntity), 28)
    }),
  )
}

test(
  'entities that one version predicts lastingly better are no harm of the other: days alone would roll it back',
  () => {
    const few = { entities: 60, lasting: 0.5 }
    expect(pairedRate(300, few, 1, false).rollback).toBeGreaterThan(0.15)
    expect(pairedRate(300, few, 1, true).rollback).toBeLessThanOrEqual(0.05)
    const bad = pairedRate(100, { entities: 200, lasting: 0.3 }, 1.3, true)
    expect(bad.rollback).toBeGreaterThan(0.9)
  },
  long,
)

test(
  'above pair_below a good version gets its traffic and a bad one is rolled back, by who was drawn',
  () => {
    const busy = { entities: 1_500, lasting: 0.3 }
    const noise = { shared: 0.4, own: 0.05, rowwise: 0.5 }
    expect(drawnRate(100, busy, noise, 0.8, 28).promoted).toBeGreaterThan(0.9)
    const bad = drawnRate(100, busy, noise, 1.3, 28)
    expect(bad.rollback).toBeGreaterThan(0.9)
    expect(bad.promoted).toBeLessThan(0.02)
  },
  long,
)
