import { expect, test } from 'vitest'
import { seededRandom, type SeededRandom } from '../../../stats/seeded-random.ts'
import { decide, type Evidence, type PairedUnit } from './rules.ts'

const dayMs = 86_400_000
const steps = [0, 0.1, 0.5]

const calm: Omit<Evidence, 'units' | 'unitsInStep' | 'stage' | 'weight' | 'isLastStep' | 'age'> = {
  metric: 'wape',
  limit: null,
  margin: 0.05,
  errors: null,
  latency: null,
  split: null,
  predictions: null,
  answersDrift: true,
  pausedBy: null,
  maxAge: 1e15,
  frozen: false,
}

interface Ended {
  verdict: 'rollback' | 'promote' | 'open'
  units: number
}

/** A whole rollout as `decideRollout` walks it: one look after every unit, the next step as soon as this one is done. */
function walk(unitAt: (day: number) => PairedUnit, days: number): Ended {
  const units: PairedUnit[] = []
  let step = 0
  let stepFrom = 0
  for (let day = 0; day < days; day += 1) {
    units.push(unitAt(day))
    const weight = steps[step] ?? 0
    const decision = decide({
      ...calm,
      units,
      unitsInStep: units.length - stepFrom,
      stage: step === 0 ? 'shadow' : 'canary',
      weight,
      isLastStep: step === steps.length - 1,
      age: day * dayMs,
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
function day(random: SeededRandom, start: number, worse: number, { shared, own, rowwise }: Noise): PairedUnit {
  const hard = Math.exp(shared * random.normal())
  const [a, b] = [Math.exp(own * random.normal()), Math.exp(own * random.normal())]
  let [candidateLoss, championLoss] = [0, 0]
  for (let row = 0; row < rowsADay; row += 1) {
    const error = hard * 30 * random.exponential()
    candidateLoss += worse * a * error * Math.exp(rowwise * random.normal())
    championLoss += b * error * Math.exp(rowwise * random.normal())
  }
  return { start: start * dayMs, n: rowsADay, candidateLoss, championLoss, absActual: rowsADay * 150 }
}

interface Rates {
  rollback: number
  promoted: number
  /** Units until a rollback. */
  median: number
}

function rate(runs: number, noise: Noise, worse: number, days: number): Rates {
  const ended = Array.from({ length: runs }, (_, seed) => {
    const random = seededRandom(seed + 1)
    return walk((at) => day(random, at, worse, noise), days)
  })
  const of = (verdict: Ended['verdict']): Ended[] => ended.filter((run) => run.verdict === verdict)
  const lengths = of('rollback')
    .map((run) => run.units)
    .sort((x, y) => x - y)
  return {
    rollback: of('rollback').length / runs,
    promoted: of('promote').length / runs,
    median: lengths[lengths.length >> 1] ?? Number.NaN,
  }
}

const noises: Record<string, Noise> = {
  'errors independent from row to row and from version to version': { shared: 0, own: 0, rowwise: 1 },
  'hard and easy days that both versions share': { shared: 0.6, own: 0, rowwise: 0.5 },
  'days that go well or badly for one version alone': { shared: 0.4, own: 0.3, rowwise: 0.5 },
}

test.each(Object.keys(noises))('of 1,000 A/A rollouts looked at after every unit, few are rolled back: %s', (name) => {
  const noise = noises[name] ?? { shared: 0, own: 0, rowwise: 0 }
  expect(rate(1_000, noise, 1, 40).rollback).toBeLessThanOrEqual(0.05)
})

test('A/A rollouts that cannot end, since nothing is inside the limit, are rolled back no more often', () => {
  let rollbacks = 0
  for (let seed = 1; seed <= 1_000; seed += 1) {
    const random = seededRandom(seed)
    const units: PairedUnit[] = []
    for (let at = 0; at < 60; at += 1) {
      units.push(day(random, at, 1, { shared: 0.4, own: 0.3, rowwise: 0.5 }))
      const evidence = {
        ...calm,
        limit: 0.01,
        units,
        unitsInStep: at,
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
})

test('a version with 30 % more loss is rolled back, typically within 10 units, and hardly ever promoted', () => {
  const found = rate(500, { shared: 0.3, own: 0.05, rowwise: 0.2 }, 1.3, 60)
  expect(found.median).toBeLessThanOrEqual(10)
  expect(found.rollback).toBeGreaterThan(0.95)
  expect(found.promoted).toBeLessThan(0.02)
})

test('a version with 15 % less loss gets its traffic', () => {
  expect(rate(200, { shared: 0.4, own: 0.1, rowwise: 0.3 }, 0.85, 60).promoted).toBeGreaterThan(0.9)
})
