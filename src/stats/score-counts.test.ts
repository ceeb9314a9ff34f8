import { expect, test } from 'vitest'
import { rocAuc } from './performance-classification.ts'
import { addScoreCounts, aucOfUnits, scoreBinsPerLogit, type ScoreCounts } from './score-counts.ts'
import { seededRandom } from './seeded-random.ts'
import { jackknife } from './units.ts'

interface Row {
  score: number
  isPositive: boolean
}

function countsOf(rows: readonly Row[]): ScoreCounts {
  const counts = new Map<number, [number, number]>()
  for (const { score, isPositive } of rows) {
    const bin = Math.round(scoreBinsPerLogit * Math.log(score / (1 - score)))
    addScoreCounts(counts, `${bin}:${isPositive ? 0 : 1}:${isPositive ? 1 : 0}`)
  }
  return counts
}

/** Scores of a day lean one way together, as days do. */
function aDay(random: ReturnType<typeof seededRandom>, rows: number): Row[] {
  const lean = 0.5 * random.normal()
  return Array.from({ length: rows }, () => {
    const isPositive = random.uniform() < 0.3
    const logit = (isPositive ? 1 : -0.2) + lean * (isPositive ? 1 : 0) + random.normal()
    return { isPositive, score: 1 / (1 + Math.exp(-logit)) }
  })
}

test('AUC of counts is that of the rows to three digits, rare and sure scores included', () => {
  const random = seededRandom(5)
  const days = Array.from({ length: 7 }, () => aDay(random, 200))
  const rows = [...days.flat(), { isPositive: false, score: 1e-7 }, { isPositive: true, score: 1 - 1e-7 }]
  const exact = rocAuc(
    rows.map((row) => row.isPositive),
    rows.map((row) => row.score),
  )
  const found = aucOfUnits([...days.map(countsOf), countsOf(rows.slice(-2))])
  expect(Math.abs((found?.value ?? 0) - (exact ?? 1))).toBeLessThan(0.001)
})

test('the interval over days holds the truth as often as it says', () => {
  const random = seededRandom(6)
  const truth = aucOfUnits([countsOf(Array.from({ length: 400 }, () => aDay(random, 100)).flat())])?.value ?? 0
  let held = 0
  for (let i = 0; i < 200; i += 1) {
    const found = aucOfUnits(Array.from({ length: 7 }, () => countsOf(aDay(random, 50))))
    if ((found?.lower ?? 1) <= truth && truth <= (found?.upper ?? 0)) held += 1
  }
  expect(held / 200).toBeGreaterThan(0.9)
})

test('one class has no AUC, and a class that one unit holds alone no interval', () => {
  const positive = countsOf([{ isPositive: true, score: 0.7 }])
  const negative = countsOf([{ isPositive: false, score: 0.4 }])
  expect(aucOfUnits([positive, positive])).toBeUndefined()
  expect(aucOfUnits([positive, negative, negative])).toMatchObject({ value: 1, lower: undefined })
})

test('the jackknife of a mean is its standard error', () => {
  const values = [2, 4, 4, 5, 9]
  const sum = values.reduce((a, b) => a + b, 0)
  const found = jackknife(
    sum / 5,
    values.map((x) => (sum - x) / 4),
  )
  // s = 2.588436, s/√5 = 1.157584
  expect(found.se).toBeCloseTo(1.157584, 6)
})
