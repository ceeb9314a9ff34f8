import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, judgeReplay, pooledMetric, type Evidence, type PairedUnit, type ReplayResult } from './rules.ts'

const unit = (start: number, candidateLoss: number, championLoss: number): PairedUnit => ({
  start,
  n: 24,
  candidateLoss,
  championLoss,
  absActual: 2_400,
})
const good = Array.from({ length: 12 }, (_, i) => unit(i, 240 + (i % 3), 480 + (i % 5)))
const bad = good.map((known) => ({ ...known, candidateLoss: known.championLoss, championLoss: known.candidateLoss }))
const quiet = { candidateErrors: 0, candidateRows: 100, championErrors: 0, championRows: 100, logE: 0, hurtRows: 0 }
const base: Evidence = {
  stage: 'canary',
  weight: 0.1,
  units: good,
  unitsInStep: 3,
  isLastStep: false,
  metric: 'wape',
  limit: 0.3,
  margin: 0.05,
  errors: quiet,
  latency: null,
  split: null,
  predictions: null,
  answersDrift: true,
  pausedBy: null,
  age: 0,
  maxAge: 28 * 86_400_000,
  frozen: false,
}
const verdict = (change: Partial<Evidence>) => {
  const { verdict, stepDone, sentence } = decide({ ...base, ...change })
  return { verdict, stepDone, sentence }
}

test('better and inside the limit is promoted; better but outside it goes on', () => {
  expect(verdict({})).toMatchObject({ verdict: 'promote', stepDone: true })
  expect(verdict({ limit: 0.05 })).toMatchObject({ verdict: 'continue', stepDone: false })
})

test('proven harm rolls back whatever else holds: paused, frozen or out of time', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 0, max: 60 }),
      fc.constantFrom('quality', 'errors'),
      (frozen, isPaused, days, harm) => {
        const what = harm === 'quality' ? { units: bad } : { errors: { ...quiet, logE: 4 } }
        return (
          verdict({ frozen, pausedBy: isPaused ? 'Ann' : null, age: days * 86_400_000, ...what }).verdict === 'rollback'
        )
      },
    ),
  )
})

test('a split that is not as asked withholds every verdict but that on errors', () => {
  const split = { counts: [900, 10], weight: 0.5 } as const
  expect(verdict({ split, units: bad })).toMatchObject({ verdict: 'pause' })
  expect(verdict({ split, errors: { ...quiet, logE: 4 } })).toMatchObject({ verdict: 'rollback' })
  expect(verdict({ split: { counts: [505, 495], weight: 0.5 } })).toMatchObject({ verdict: 'promote' })
})

test('nothing without labelled units in the step gets more traffic', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('shadow', 'canary'),
      fc.boolean(),
      (stage, isLastStep) => !verdict({ stage, isLastStep, unitsInStep: 0 }).stepDone,
    ),
  )
})

test('shadow that would end in all traffic needs what a canary needs', () => {
  const few = good.slice(0, 1)
  expect(verdict({ stage: 'shadow', weight: 0, units: few, unitsInStep: 1 })).toMatchObject({
    verdict: 'continue',
    stepDone: true,
  })
  expect(verdict({ stage: 'shadow', weight: 0, units: few, unitsInStep: 1, isLastStep: true })).toMatchObject({
    stepDone: false,
  })
})

test('an error of both versions is no reason to wait, one that nears its bound is', () => {
  expect(verdict({ errors: { ...quiet, candidateErrors: 1, championErrors: 1 } })).toMatchObject({ verdict: 'promote' })
  expect(verdict({ errors: { ...quiet, candidateErrors: 3, logE: 2.2 } })).toMatchObject({
    verdict: 'continue',
    sentence: expect.stringContaining('near their bound') as string,
  })
})

test('other predictions pause what was not trained in answer to drift, until labels tell', () => {
  const differs = { predictions: { distance: 0.4, n: 500 }, answersDrift: false }
  expect(verdict({ ...differs, units: good.slice(0, 1) })).toMatchObject({ verdict: 'pause' })
  expect(verdict(differs)).toMatchObject({ verdict: 'promote' })
})

test('each metric is read in its own way', () => {
  const units = [unit(0, 6, 12)]
  expect(pooledMetric(units, 'candidateLoss', 'wape')).toBe(6 / 2_400)
  expect(pooledMetric(units, 'candidateLoss', 'rmse')).toBe(0.5)
  expect(pooledMetric(units, 'championLoss', 'accuracy')).toBe(0.5)
  expect(verdict({ metric: 'accuracy', limit: 0.9, units: [unit(0, 12, 24)] }).verdict).not.toBe('promote')
})

test('a replay stops what fails or answers one thing, and lets a rare failure through', () => {
  const result: ReplayResult = {
    rows: 336,
    errors: 0,
    nonFinite: 0,
    constant: false,
    outOfRange: 0,
    logE: 0,
    firstError: null,
  }
  expect(judgeReplay(result).passed).toBe(true)
  expect(judgeReplay({ ...result, errors: 1, logE: 0.3 }).passed).toBe(true)
  expect(judgeReplay({ ...result, errors: 9, logE: 5, firstError: 'boom' })).toEqual({
    passed: false,
    sentence: '9 of 336 captured requests failed: boom.',
  })
  expect(judgeReplay({ ...result, constant: true }).passed).toBe(false)
  expect(judgeReplay({ ...result, rows: 0 }).passed).toBe(true)
})
