import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../stats/seeded-random.ts'
import { decideRule, effectiveMode, judgeFollowUp, ruleSentence, type Situation } from './rules.ts'
import { judgeGate, lossOf, weightOf, type GateGuard, type GateRow } from './steps/gate-rules.ts'

const day = 86_400_000
const calm: Situation = {
  kind: 'retrain',
  mode: 'auto',
  enabled: true,
  now: 100 * day,
  signal: 'performance.degraded',
  lastEnded: undefined,
  cooldown: 8 * day,
  inFlight: undefined,
  rolloutInProgress: false,
  frozen: false,
  changedAt: 10 * day,
  bakeTime: 7 * day,
  hasPrevious: true,
  newUnits: 7,
  gateUnits: 7,
  attemptsWithoutRecovery: 0,
}
const decided = (change: Partial<Situation>) => {
  const { verdict, kind } = decideRule({ ...calm, ...change })
  return `${verdict} ${kind}`
}

test('the world changed: retrain; we changed something: go back; inputs broke: neither', () => {
  expect(decided({})).toBe('act retrain')
  expect(decided({ changedAt: 97 * day })).toBe('act rollback')
  expect(decided({ changedAt: 97 * day, hasPrevious: false })).toBe('act retrain')
  expect(decided({ frozen: true })).toBe('hold retrain')
})

test('one action at a time, a cooldown, and enough units for the gate', () => {
  expect(decided({ inFlight: { id: 'a', state: 'running' } })).toBe('hold retrain')
  expect(decided({ rolloutInProgress: true })).toBe('hold retrain')
  expect(decided({ lastEnded: 95 * day })).toBe('hold retrain')
  expect(decided({ lastEnded: 91 * day })).toBe('act retrain')
  expect(decided({ newUnits: 6 })).toBe('hold retrain')
})

test('going back ends what is watched or proposed about the version that goes, never a run', () => {
  const fresh = { changedAt: 97 * day }
  expect(decided({ ...fresh, inFlight: { id: 'a', state: 'verifying' } })).toBe('act rollback')
  expect(decided({ ...fresh, inFlight: { id: 'a', state: 'proposed' } })).toBe('act rollback')
  expect(decided({ ...fresh, inFlight: { id: 'a', state: 'running' } })).toBe('hold rollback')
  expect(decided({ ...fresh, lastEnded: 96 * day })).toBe('act rollback')
  expect(decided({ kind: 'rollback', lastEnded: 96 * day })).toBe('hold rollback')
})

test('errors are answered by going back from a fresh change only', () => {
  const errors = { kind: 'rollback', signal: 'errors.tripped' } as const
  expect(decided({ ...errors, changedAt: 99 * day })).toBe('act rollback')
  expect(decided({ ...errors })).toBe('hold rollback')
  expect(decided({ ...errors, changedAt: 99 * day, hasPrevious: false })).toBe('hold rollback')
})

test('modes: observe, propose, auto, and propose after two attempts that did not help', () => {
  expect(decided({ mode: 'observe' })).toBe('observe retrain')
  expect(decided({ mode: 'propose' })).toBe('propose retrain')
  expect([0, 1, 2, 5].map((attempts) => effectiveMode('auto', attempts))).toEqual([
    'auto',
    'auto',
    'propose',
    'propose',
  ])
  expect(effectiveMode('observe', 9)).toBe('observe')
})

test('switched off or without mode auto nothing acts, whatever the situation', () => {
  const situation = fc.record({
    kind: fc.constantFrom('retrain', 'rollback'),
    mode: fc.constantFrom('observe', 'propose', 'auto'),
    enabled: fc.boolean(),
    changedAt: fc.integer({ min: 0, max: 100 * day }),
    hasPrevious: fc.boolean(),
    frozen: fc.boolean(),
    rolloutInProgress: fc.boolean(),
    newUnits: fc.integer({ min: 0, max: 9 }),
    attemptsWithoutRecovery: fc.integer({ min: 0, max: 4 }),
    inFlight: fc.constantFrom(undefined, { id: 'a', state: 'running' }),
  })
  fc.assert(
    fc.property(situation, (change) => {
      const s = { ...calm, ...change } as Situation
      if (decideRule(s).verdict !== 'act') return true
      return (
        s.enabled &&
        s.mode === 'auto' &&
        s.attemptsWithoutRecovery < 2 &&
        !s.rolloutInProgress &&
        s.inFlight === undefined
      )
    }),
  )
})

test('a follow-up waits for two windows and compares with what the version before would have had', () => {
  const window = (value: number) => ({ value, isOutside: value > 0.3 })
  const told = (values: number[], previous?: number) =>
    judgeFollowUp({ windows: values.map(window), previous, before: 0.5, isLoss: true })
  expect(told([0.1])).toBeUndefined()
  expect(told([0.1, 0.2], 0.45)).toMatchObject({
    outcome: 'recovered',
    sentence: 'Recovered: 0.150 in the first two windows; the version before would have had 0.450 (67 % better).',
  })
  expect(told([0.4, 0.2])).toMatchObject({ outcome: 'better_but_outside' })
  expect(told([0.6, 0.7])).toMatchObject({ outcome: 'did_not_help' })
})

test('a rule reads as a sentence', () => {
  expect(ruleSentence({ when: 'performance.degraded', endpoint: 'bikes', do: 'retrain' }, 'auto')).toBe(
    'When performance leaves its limit on bikes, retrain and roll the new version out: do it by itself.',
  )
})

const guard: GateGuard = { metric: 'wape', unit: day, failures: 0, candidateP99Ms: 1, championP99Ms: 1 }
const hours = (days: number, loss: (i: number) => [number, number]): GateRow[] =>
  Array.from({ length: days * 24 }, (_, i) => ({
    time: i * 3_600_000,
    candidate: loss(i)[0],
    champion: loss(i)[1],
    weight: 100,
  }))

test('the gate passes what is better beyond chance, refuses what is worse, and says when it cannot tell', () => {
  const better = hours(7, (i) => [20 + (i % 3), 40 + (i % 5)])
  expect(judgeGate(better, guard)).toMatchObject({
    verdict: 'passed',
    sentence: expect.stringContaining('WAPE 0.420 → 0.210 on 7 days') as string,
  })
  expect(
    judgeGate(
      better.map((row) => ({ ...row, candidate: row.champion, champion: row.candidate })),
      guard,
    ).verdict,
  ).toBe('refused')
  expect(judgeGate(better.slice(0, 96), guard)).toMatchObject({
    verdict: 'insufficient',
    sentence: 'Not enough data for the gate: 4 of 7 labelled units.',
  })
  expect(
    judgeGate(
      hours(7, (i) => [40 + (i % 7), 40 + ((i + 3) % 7)]),
      guard,
    ).verdict,
  ).toBe('insufficient')
  expect(judgeGate(better, { ...guard, failures: 1 }).verdict).toBe('refused')
  expect(judgeGate(better, { ...guard, candidateP99Ms: 60 }).verdict).toBe('refused')
})

test('equal models pass the gate in at most about one of twenty cases', () => {
  let passed = 0
  for (let seed = 1; seed <= 1_000; seed += 1) {
    const random = seededRandom(seed)
    const days = Array.from(
      { length: 7 },
      () => [Math.exp(0.3 * random.normal()), Math.exp(0.3 * random.normal())] as const,
    )
    const rows = hours(7, (i) => [
      30 * random.exponential() * (days[Math.floor(i / 24)]?.[0] ?? 1),
      30 * random.exponential() * (days[Math.floor(i / 24)]?.[1] ?? 1),
    ])
    if (judgeGate(rows, guard).verdict === 'passed') passed += 1
  }
  expect(passed / 1_000).toBeLessThanOrEqual(0.065)
})

test('a loss follows the metric, and is unknown rather than 0 where it does not exist', () => {
  expect(lossOf('wape', { y: 7 }, 10)).toBe(3)
  expect(lossOf('rmse', { y: 7 }, 10)).toBe(9)
  expect(lossOf('wape', { y: null }, 10)).toBeNull()
  expect(lossOf('accuracy', { class: 'cat' }, 'dog')).toBe(1)
  expect(lossOf('accuracy', { class: 1 }, true)).toBe(0)
  expect(lossOf('log_loss', { label: 1, probability_1: 0.8 }, true)).toBeCloseTo(-Math.log(0.8))
  expect(lossOf('log_loss', { label: 1 }, true)).toBeNull()
  expect(weightOf('wape', -5)).toBe(5)
  expect(weightOf('mae', -5)).toBe(1)
})
