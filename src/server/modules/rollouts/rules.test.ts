import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Evidence } from './evidence.ts'
import { countOutOfRange, pairedLosses } from './replay-losses.ts'
import { decide, judgeReplay, type ReplayResult } from './rules.ts'
import { pooledMetric, withDays, type ComparedUnit } from './units.ts'

const dayMs = 86_400_000
const unit = (start: number, candidateLoss: number, championLoss: number): ComparedUnit => ({
  start,
  n: 24,
  candidateLoss,
  championLoss,
  candidateActual: 2_400,
  championActual: 2_400,
  isDrawn: false,
  sliced: null,
})
const good = Array.from({ length: 12 }, (_, i) => unit(i, 240 + (i % 3), 480 + (i % 5)))
const bad = good.map((known) => ({ ...known, candidateLoss: known.championLoss, championLoss: known.candidateLoss }))
const quiet = { candidateErrors: 0, candidateRows: 100, championErrors: 0, championRows: 100, logE: 0, hurtRows: 0 }
const base: Evidence = {
  stage: 'canary',
  weight: 0.1,
  units: good,
  unit: dayMs,
  byEntity: false,
  unitsInStep: 3,
  unitsAtEnd: 12,
  isLastStep: false,
  metric: 'wape',
  limit: 0.3,
  limited: null,
  margin: 0.05,
  errors: quiet,
  latency: null,
  split: null,
  predictions: null,
  answersDrift: true,
  pausedBy: null,
  age: 0,
  maxAge: 28 * dayMs,
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
        return verdict({ frozen, pausedBy: isPaused ? 'Ann' : null, age: days * dayMs, ...what }).verdict === 'rollback'
      },
    ),
  )
})

test('a split that is not as asked withholds every verdict but that on errors', () => {
  const split = { counts: [900, 10], weight: 0.5, at: 0 } as const
  expect(verdict({ split, units: bad })).toMatchObject({ verdict: 'pause' })
  expect(verdict({ split, errors: { ...quiet, logE: 4 } })).toMatchObject({ verdict: 'rollback' })
  expect(verdict({ split: { counts: [505, 495], weight: 0.5, at: 0 } })).toMatchObject({ verdict: 'promote' })
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

/** Days on which the candidate's loss is the champion's, give or take `noise` of it. */
const equal = (days: number, noise: number): ComparedUnit[] =>
  Array.from({ length: days }, (_, i) => unit(i * dayMs, 480 * (1 + noise * Math.sin(i * 2.4)), 480))

test('undecided says how long it still takes at this noise, or that the time is too short and what its end could show', () => {
  const young = { age: 12 * dayMs, unitsAtEnd: 28, limit: null }
  const soon = verdict({ ...young, units: equal(12, 0.05) })
  expect(soon).toMatchObject({
    verdict: 'continue',
    sentence: expect.stringMatching(/; at this noise about \d+ more days decide it\.$/) as string,
  })
  const more = Number(/about (\d+) more/.exec(soon.sentence)?.[1])
  expect(verdict({ ...young, units: equal(12 + more, 0.05) }).verdict).toBe('promote')
  expect(verdict({ ...young, units: equal(12, 0.2) })).toMatchObject({
    verdict: 'continue',
    sentence: expect.stringMatching(
      /the 28 days it may take do not decide it, an equal version is found not worse with a chance of \d+ % when the time is up\.$/,
    ) as string,
  })
})

test('when the time is up one look at what is known by then decides; what still cannot be told waits for a person', () => {
  const over = { limit: null, unitsAtEnd: 28 }
  const units = equal(28, 0.12)
  expect(verdict({ ...over, units, age: 28 * dayMs - 1 }).verdict).toBe('continue')
  expect(verdict({ ...over, units, age: 28 * dayMs })).toMatchObject({
    verdict: 'promote',
    sentence: expect.stringContaining('at the one look when the time is up at most') as string,
  })
  // What comes later is no second look.
  const later = [...units, unit(28 * dayMs, 900, 480)]
  expect(verdict({ ...over, units: later, age: 30 * dayMs }).verdict).toBe('promote')
  // The steps that are left are gone through without a person, and not for ever.
  const step = { ...over, units, unitsInStep: 0 }
  expect(verdict({ ...step, age: 29 * dayMs }).verdict).toBe('continue')
  expect(verdict({ ...step, age: 36 * dayMs }).verdict).toBe('pause')
  expect(verdict({ ...over, units: equal(28, 0.4), age: 29 * dayMs })).toMatchObject({
    verdict: 'pause',
    sentence: expect.stringMatching(
      /^29 days without enough evidence; a person decides\. Quality is not decided/,
    ) as string,
  })
})

test('a limit on what is no loss of rows is held against the candidate’s own value', () => {
  const ranked = { metric: 'log_loss', limit: 0.8, units: good.map((known) => ({ ...known, championActual: 12 })) }
  expect(verdict({ ...ranked, limited: { value: 0.85 } }).verdict).toBe('promote')
  expect(verdict({ ...ranked, limited: { value: 0.75 } }).verdict).toBe('continue')
  expect(verdict({ ...ranked, limited: { value: undefined } }).verdict).toBe('continue')
})

test('what has not been seen yet promotes nobody: few rows, no label of the rare class, answers that were all alike', () => {
  const few = good.map((known) => ({ ...known, n: 4 }))
  expect(verdict({ units: few })).toMatchObject({
    verdict: 'continue',
    sentence: expect.stringContaining('waits for 50 labelled rows, 48 so far') as string,
  })
  const rare = (positives: number) => good.map((known) => ({ ...known, championActual: positives / 12 }))
  expect(verdict({ metric: 'log_loss', limit: 20, units: rare(3) })).toMatchObject({
    verdict: 'continue',
    sentence: expect.stringContaining('waits for 10 labels of the rarer class, 3 so far') as string,
  })
  expect(verdict({ metric: 'log_loss', limit: 20, units: rare(10) }).verdict).toBe('promote')
  // Both were right, and wrong, about the same rows: of 72 no proof that they are within half a per cent of each other.
  const alike = (days: number) => Array.from({ length: days }, (_, i) => unit(i, 2, 2))
  const accuracy = { metric: 'accuracy', limit: 0.8 }
  expect(verdict({ ...accuracy, units: alike(3) }).verdict).toBe('continue')
  expect(
    verdict({
      ...accuracy,
      units: alike(3).map((known) => ({ ...known, n: 24_000, candidateLoss: 2_000, championLoss: 2_000 })),
    }).verdict,
  ).toBe('promote')
  const worse = bad.slice(0, 8).map((known) => ({ ...known, n: 4 }))
  expect(verdict({ units: worse }).verdict, 'proof of harm waits for none of this').toBe('rollback')
})

test('a slow version is told by its median, where requests are few, and by its tail, where they are many', () => {
  const edges = [0, 1_000, 3_000, 40_000, Number.POSITIVE_INFINITY]
  const latency = (champion: number[], candidate: number[]) => ({
    champion: { edges, counts: champion },
    candidate: { edges, counts: candidate },
  })
  expect(verdict({ latency: latency([40, 0, 0, 0], [0, 0, 0, 30]) })).toMatchObject({
    verdict: 'rollback',
    sentence: 'It is slower than the version before: p50 at least 40.0 ms; the version before 0 to 1.00 ms.',
  })
  expect(verdict({ latency: latency([5_000, 0, 0, 0], [4_500, 0, 0, 500]) }).sentence).toMatch(
    /slower than .*: p99 at least/,
  )
  expect(verdict({ latency: latency([40, 0, 0, 0], [0, 30, 0, 0]) }).verdict, 'a few ms are not slow').toBe('promote')
  expect(verdict({ latency: latency([40, 0, 0, 0], [0, 0, 0, 4]) }).verdict, 'four requests').toBe('promote')
})

test('days speak where their hours have too few drawn rows, and only there', () => {
  const hour = 3_600_000
  const drawn = new Map([[dayMs + 5 * hour, unit(dayMs + 5 * hour, 1, 1)]])
  const paired = new Map([[2 * dayMs + hour, unit(2 * dayMs + hour, 1, 1)]])
  const byDay = new Map([0, 1, 2, 3].map((day) => [day * dayMs, unit(day * dayMs, 2, 2)] as const))
  expect([...withDays(drawn, byDay, paired).keys()].toSorted((a, b) => a - b)).toEqual([0, dayMs + 5 * hour, 3 * dayMs])
})

test('worse in the sixth digit is certain with many units, and holds no rollout up', () => {
  const units = Array.from({ length: 200 }, (_, i) => unit(i, 480 + (i % 5) + 0.001 + (i % 3) * 1e-5, 480 + (i % 5)))
  expect(verdict({ units }).verdict).toBe('promote')
  const within = units.map((known, i) => ({ ...known, candidateLoss: known.championLoss + 18 + (i % 3) }))
  expect(verdict({ units: within })).toMatchObject({
    verdict: 'continue',
    sentence: expect.stringMatching(/^Within the margin, but likely to be worse: WAPE/) as string,
  })
})

test('each metric is read in its own way', () => {
  const units = [unit(0, 6, 12)]
  expect(pooledMetric(units, 'candidate', 'wape')).toBe(6 / 2_400)
  expect(pooledMetric(units, 'candidate', 'rmse')).toBe(0.5)
  expect(pooledMetric(units, 'champion', 'accuracy')).toBe(0.5)
  expect(verdict({ metric: 'accuracy', limit: 0.9, units: [unit(0, 12, 24)] }).verdict).not.toBe('promote')
})

test('a replay stops what fails or answers one thing, and lets a rare failure through', () => {
  const result: ReplayResult = {
    rows: 336,
    errors: 0,
    nonFinite: 0,
    constant: false,
    outOfRange: null,
    logE: 0,
    firstError: null,
    losses: null,
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

test('a replay tells what both versions lose where labels are known, and which answers are far from all labels', () => {
  const scored = (values: readonly (number | null)[]) => values.map((count) => ({ outputs: { count }, error: null }))
  const labels = Array.from({ length: 24 }, (_, i) => 10 + i)
  const [good, off] = [scored(labels), scored(labels.map((label) => label + 2))]
  expect(pairedLosses('mae', labels, good, off)).toEqual({ metric: 'mae', n: 24, candidate: 0, champion: 2 })
  expect(pairedLosses('rmse', labels, off, good)).toMatchObject({ candidate: 2, champion: 0 })
  expect(pairedLosses('wape', [10, 30], scored([11, null]), scored([14, 30]))).toEqual({
    metric: 'wape',
    n: 1,
    candidate: 0.1,
    champion: 0.4,
  })
  expect(pairedLosses('mae', [], [], [])).toBeNull()

  expect(countOutOfRange(scored([33, 56, 57, -13, -14]), labels)).toBe(2)
  expect(countOutOfRange(good, labels.slice(1))).toBeNull()
  expect(countOutOfRange(good, [...labels, 'yes'])).toBeNull()
})
