import { expect, test } from 'vitest'
import { seededRandom } from '../../stats/seeded-random.ts'
import { ErrorTest } from './error-test.ts'

/** Both versions fail alike; pairs while it is quiet, a ramped canary after. Peeked at after every request. */
function falseAlarms(runs: number, requests: number): number {
  let alarms = 0
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(run + 1).uniform
    const test = new ErrorTest('r', 'c', 0.02, undefined)
    for (let i = 0; i < requests && !test.isHarmful; i++) {
      const fails = (): boolean => random() < 0.05
      if (i < requests / 4) test.pair(fails(), fails(), null)
      else {
        const weight = i < requests / 2 ? 0.1 : 0.5
        const isCandidate = random() < weight
        test.single(isCandidate, fails(), weight, null)
      }
    }
    if (test.isHarmful) alarms++
  }
  return alarms / runs
}

test('versions that fail alike are stopped in at most alpha of the rollouts', () => {
  expect(falseAlarms(1000, 2000)).toBeLessThanOrEqual(0.02)
})

test('a candidate that always fails is stopped after four events at ten percent', () => {
  const test = new ErrorTest('r', 'c', 0.02, undefined)
  let events = 0
  while (!test.isHarmful) {
    test.single(true, true, 0.1, null)
    events++
  }
  expect(events).toBeLessThanOrEqual(4)
})

test('replay evidence counts from the start', () => {
  const before = new ErrorTest('r', 'c', 0.02, undefined)
  for (let i = 0; i < 5; i++) before.pair(true, false, null)
  const after = new ErrorTest('r', 'c', 0.02, before.toRecord().state)
  expect(after.logE).toBe(before.logE)
})
