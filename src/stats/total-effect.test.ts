import { expect, test } from 'vitest'
import { seededRandom } from './seeded-random.ts'
import { totalEffect } from './total-effect.ts'

const random = seededRandom(7)
const rows = Array.from({ length: 1_500 }, () => [random.normal(), random.normal(), random.normal()] as const)
const other = <T>(values: readonly T[]): T[] => values.map((_, i) => values[(i + 1) % values.length] as T)

test('inputs of a sum have the share of its variance, one that is not read has none', () => {
  const f = (a: number, b: number): number => 3 * a + 4 * b
  const answers = rows.map(([a, b]) => f(a, b))
  const swapped = other(rows)
  expect(
    totalEffect(
      answers,
      rows.map(([, b], i) => f(swapped[i]?.[0] ?? 0, b)),
    ),
  ).toBeCloseTo(9 / 25, 1)
  expect(
    totalEffect(
      answers,
      rows.map(([a], i) => f(a, swapped[i]?.[1] ?? 0)),
    ),
  ).toBeCloseTo(16 / 25, 1)
  expect(totalEffect(answers, answers)).toBe(0)
})

test('an input that decides a class alone has all of it; equal answers have no share', () => {
  const name = (value: number): string => (value > 0.3 ? 'yes' : 'no')
  const answers = rows.map(([a]) => name(a))
  expect(
    totalEffect(
      answers,
      other(rows).map(([a]) => name(a)),
    ),
  ).toBeCloseTo(1, 1)
  expect(totalEffect([1, 1, 1], [1, 1, 1])).toBeUndefined()
})
