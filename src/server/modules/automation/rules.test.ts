import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../stats/seeded-random.ts'
import { decideRule, effectiveMode, judgeFollowUp, ruleSentence, type Situation } from './rules.ts'
import { lossOf, weightOf } from '../serving/module.ts'
import type { GateRow } from './steps/gate-losses.ts'
import { judgeBounds, judgeGate, type GateGuard } from './steps/gate-rules.ts'
import { judgeExport, judgeLatency, judgeSegments, judgeSize } from './steps/guardrails.ts'
import { nextLook } from './steps/looks.ts'
import type { Look } from './queries/looks.ts'

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
  rollout: undefined,
  frozen: false,
  changedAt: 10 * day,
  bakeTime: 7 * day,
  hasPrevious: true,
  newUnits: 7,
  gateUnits: 7,
  attemptsWithoutRecovery: 0,
  limitDeclared: true,
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
  expect(decided({ inFlight: { id: 'a', kind: 'retrain', state: 'running' } })).toBe('hold retrain')
  expect(decided({ rollout: { overdueBy: -1 * day, isOutside: false } })).toBe('hold retrain')
  expect(decided({ lastEnded: 95 * day })).toBe('hold retrain')
  expect(decided({ lastEnded: 91 * day })).toBe('act retrain')
  expect(decided({ newUnits: 6 })).toBe('hold retrain')
})

test('a rollout that ran out of time, or stays outside the limit, waits for a person as long as a cooldown, then the next retraining takes it back', () => {
  const inFlight = { id: 'a', kind: 'retrain' as const, state: 'running' }
  expect(decided({ inFlight, rollout: { overdueBy: 7 * day, isOutside: false } })).toBe('hold retrain')
  expect(decideRule({ ...calm, inFlight, rollout: { overdueBy: 8 * day, isOutside: false } })).toMatchObject({
    verdict: 'act',
    withdraws: true,
    sentence:
      'The rollout in progress ran out of time 8 days ago and nobody decided: it is taken back, and the newest labels are learned.',
  })
  expect(decideRule({ ...calm, inFlight, rollout: { overdueBy: 8 * day, isOutside: true } }).sentence).toBe(
    'The candidate of the rollout in progress has been outside the limit for 8 days and nobody decided: it is taken back, and the newest labels are learned.',
  )
  expect(decided({ inFlight, rollout: { overdueBy: 8 * day, isOutside: false }, mode: 'propose' })).toBe('hold retrain')
  expect(decided({ inFlight, rollout: { overdueBy: 8 * day, isOutside: false }, frozen: true })).toBe('hold retrain')
})

test('going back ends what is watched or proposed about the version that goes, never a run', () => {
  const fresh = { changedAt: 97 * day }
  expect(decided({ ...fresh, inFlight: { id: 'a', kind: 'retrain', state: 'verifying' } })).toBe('act rollback')
  expect(decided({ ...fresh, inFlight: { id: 'a', kind: 'retrain', state: 'proposed' } })).toBe('act rollback')
  expect(decided({ ...fresh, inFlight: { id: 'a', kind: 'retrain', state: 'running' } })).toBe('hold rollback')
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
  expect([0, 1, 2, 5].map((attempts) => effectiveMode('auto', attempts, true))).toEqual([
    'auto',
    'auto',
    'propose',
    'propose',
  ])
  expect(effectiveMode('observe', 9, false)).toBe('observe')
})

test('without a declared limit a rule only proposes, and says so', () => {
  expect(decideRule({ ...calm, limitDeclared: false })).toMatchObject({
    verdict: 'propose',
    sentence: expect.stringContaining(
      'No limit is declared, the one used is the forward backtest and a quarter, so a person decides.',
    ) as string,
  })
  expect(decided({ limitDeclared: false, changedAt: 97 * day })).toBe('propose rollback')
  expect(decided({ limitDeclared: false, mode: 'observe' })).toBe('observe retrain')
  expect(effectiveMode('auto', 0, false)).toBe('propose')
})

test('switched off or without mode auto nothing acts, whatever the situation', () => {
  const situation = fc.record({
    kind: fc.constantFrom('retrain', 'rollback'),
    mode: fc.constantFrom('observe', 'propose', 'auto'),
    enabled: fc.boolean(),
    changedAt: fc.integer({ min: 0, max: 100 * day }),
    hasPrevious: fc.boolean(),
    frozen: fc.boolean(),
    rollout: fc.option(fc.record({ overdueBy: fc.constantFrom(-day, 0, day, 8 * day), isOutside: fc.boolean() }), {
      nil: undefined,
    }),
    newUnits: fc.integer({ min: 0, max: 9 }),
    attemptsWithoutRecovery: fc.integer({ min: 0, max: 4 }),
    limitDeclared: fc.boolean(),
    inFlight: fc.constantFrom(undefined, { id: 'a', kind: 'retrain' as const, state: 'running' }),
  })
  fc.assert(
    fc.property(situation, (change) => {
      const s = { ...calm, ...change } as Situation
      if (decideRule(s).verdict !== 'act') return true
      return (
        s.enabled &&
        s.mode === 'auto' &&
        s.attemptsWithoutRecovery < 2 &&
        s.limitDeclared &&
        ((s.rollout === undefined && s.inFlight === undefined) || (s.rollout?.overdueBy ?? 0) >= s.cooldown)
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

const guard: GateGuard = { metric: 'wape', unit: day, failures: 0, look: 0, guardrails: [] }
const hours = (days: number, loss: (i: number) => [number, number]): GateRow[] =>
  Array.from({ length: days * 24 }, (_, i) => ({
    unit: Math.floor(i / 24),
    candidate: loss(i)[0],
    champion: loss(i)[1],
    weight: 100,
    segments: { weekday: String(Math.floor(i / 24) % 7), weather: i % 3 === 0 ? 'rain' : 'sun' },
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
  expect(judgeGate(better, { ...guard, guardrails: [judgeLatency(60, 1)] })).toMatchObject({
    verdict: 'refused',
    sentence: expect.stringContaining(', but its p99 is 60.0 ms of processor time against 1.00 ms.') as string,
  })
})

/** Days of two models of equal quality, each with good and bad days of its own. */
function equalModels(seed: number, days: number): GateRow[] {
  const random = seededRandom(seed)
  const own = Array.from({ length: days }, () => [Math.exp(0.3 * random.normal()), Math.exp(0.3 * random.normal())])
  return hours(days, (i) => [
    30 * random.exponential() * (own[Math.floor(i / 24)]?.[0] ?? 1),
    30 * random.exponential() * (own[Math.floor(i / 24)]?.[1] ?? 1),
  ])
}

test('equal models pass the gate in about one of twenty cases, and hardly more often if it looks four times', () => {
  let [first, any] = [0, 0]
  for (let seed = 1; seed <= 1_000; seed += 1) {
    const rows = equalModels(seed, 28)
    const verdicts = [0, 1, 2, 3].map((look) => judgeGate(rows.slice(0, 168 * (look + 1)), { ...guard, look }).verdict)
    if (verdicts[0] === 'passed') first += 1
    if (verdicts.find((verdict) => verdict !== 'insufficient') === 'passed') any += 1
  }
  expect(first / 1_000).toBeLessThanOrEqual(0.065)
  expect(any / 1_000).toBeLessThanOrEqual(0.075)
}, 60_000)

test('where entities are the unit the gate counts them, not the days they come on, and says if they have no names', () => {
  const entities = (losses: readonly [number, number][]): GateRow[] =>
    hours(7, (i) => losses[i % losses.length] ?? [0, 0]).map((row, i) => ({ ...row, unit: `e${i % losses.length}` }))
  const byEntity: GateGuard = { ...guard, unit: 'entity', named: 168 }
  // Two of eight entities gain much on every day: as days that passes, as entities it is chance.
  const few = entities([...Array<[number, number]>(6).fill([40, 40]), [5, 60], [5, 60]])
  const days = few.map((row, i) => ({ ...row, unit: Math.floor(i / 24) }))
  expect(judgeGate(days, guard).verdict).toBe('passed')
  expect(judgeGate(few, byEntity)).toMatchObject({ verdict: 'insufficient', numbers: { units: 8 } })
  const all = entities(Array.from({ length: 8 }, (_, i) => [20 + i, 40 + i]))
  expect(judgeGate(all, byEntity)).toMatchObject({
    verdict: 'passed',
    sentence: expect.stringContaining('on 8 entities of the gate window (loss') as string,
  })
  expect(judgeGate(all.slice(0, 5), { ...byEntity, named: 0 }).sentence).toBe(
    'Not enough data for the gate: 5 of 7 labelled entities (no request names its entity: each counts as one).',
  )
})

test('an undecided gate looks again a window later, three times, and then asks a person', () => {
  const range = { from: 0, to: 7 * day }
  const look = (number: number, verdict: Look['verdict'] = 'insufficient'): Look => ({
    run: 'r',
    step: 'gate',
    look: number,
    gate_from: 0,
    gate_to: 7 * day * (number + 1),
    verdict,
    sentence: 'Undecided.',
    numbers: {},
    at: 0,
  })
  expect(nextLook([], range, 7 * day)).toEqual({ kind: 'look', look: 0, range })
  expect(nextLook([look(0)], range, 13 * day)).toEqual({
    kind: 'wait',
    sentence: 'Undecided. It looks again when labels up to 15 Jan are known.',
  })
  expect(nextLook([look(0)], range, 14 * day)).toEqual({ kind: 'look', look: 1, range: { from: 0, to: 14 * day } })
  expect(
    nextLook(
      [0, 1, 2].map((number) => look(number)),
      range,
      28 * day,
    ),
  ).toMatchObject({ kind: 'look', look: 3 })
  expect(
    nextLook(
      [0, 1, 2, 3].map((number) => look(number)),
      range,
      99 * day,
    ).kind,
  ).toBe('ask')
  expect(nextLook([look(0), look(1, 'passed')], range, 14 * day).kind).toBe('decided')
})

test('better on the whole is refused where a segment gets worse beyond chance', () => {
  const rows = hours(14, (i) => (i % 3 === 0 ? [60 + (i % 7), 40 + (i % 5)] : [20 + (i % 7), 40 + (i % 5)]))
  const found = judgeSegments(rows, 'wape', day)
  expect(found).toMatchObject({ state: 'worse', numbers: { column: 'weather', value: 'rain', units: 14, worse: 1 } })
  expect(judgeGate(rows, { ...guard, guardrails: [found] })).toMatchObject({
    verdict: 'refused',
    sentence: expect.stringMatching(/, but where weather is rain it goes 0\.4\d\d → 0\.6\d\d on 14 units\.$/) as string,
  })
  const even = hours(14, (i) => [39 + (i % 7), 40 + (i % 5)])
  expect(judgeSegments(even, 'wape', day)).toMatchObject({ state: 'ok', numbers: { segments: 2 } })
  expect(judgeSegments(even.slice(0, 72), 'wape', day)).toMatchObject({ state: 'unknown' })
})

test('equal models are refused over a segment in at most about one of twenty cases', () => {
  let refused = 0
  for (let seed = 1; seed <= 500; seed += 1)
    if (judgeSegments(equalModels(seed, 14), 'wape', day).state === 'worse') refused += 1
  expect(refused / 500).toBeLessThanOrEqual(0.065)
}, 60_000)

test('slower, much larger or bent by its export is worse; what was not measured is unknown', () => {
  const megabyte = 1024 * 1024
  expect(judgeLatency(9, 1).state).toBe('ok')
  expect(judgeLatency(null, 1).state).toBe('unknown')
  expect(judgeSize(60 * megabyte, 5 * megabyte)).toMatchObject({
    state: 'worse',
    sentence: 'it has 60 MB against 5.0 MB',
  })
  expect(judgeSize(60 * megabyte, 40 * megabyte).state).toBe('ok')
  const difference = { max_abs: 1, max_rel: 0.2, rows: 5, tolerance: 0.01 }
  expect(judgeExport(difference)).toMatchObject({ state: 'worse' })
  expect(judgeExport({ ...difference, max_rel: 1e-6 }).state).toBe('ok')
  expect(judgeExport(null).state).toBe('unknown')
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

test('a metric of the training run is held against what the step allows, on either side', () => {
  const said = (value: number | undefined, min?: number, max?: number) =>
    judgeBounds('auc', value, { min, max }).sentence
  expect(said(0.91, 0.8)).toBe('Passed: auc 0.910; allowed is at least 0.800.')
  expect(said(0.79, 0.8)).toBe('Refused: auc 0.790; allowed is at least 0.800.')
  expect(said(1, 0.8, 0.99)).toBe('Refused: auc 1.00; allowed is at least 0.800 and at most 0.990.')
  expect(said(0.5)).toBe('Passed: auc 0.500; no bound is declared.')
  expect(said(undefined, 0.8)).toBe('Refused: the training run logged no auc.')
  expect(judgeBounds('auc', Number.NaN, { min: 0.8, max: undefined }).verdict).toBe('refused')
})
