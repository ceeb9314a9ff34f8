import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addUnseen } from './categories.ts'
import { binIndex, makeBinSet } from './histogram.ts'
import { addValue, buildReference, comparableCounts, emptyProfile, mergeProfiles, unseenShare } from './profile.ts'
import type { CellValue, ColumnProfile, ReferenceColumn } from './profile.ts'
import { seededRandom } from './seeded-random.ts'

function profileOf(reference: ReferenceColumn, values: readonly CellValue[]): ColumnProfile {
  const profile = emptyProfile(reference)
  for (const value of values) addValue(profile, reference, value)
  return profile
}

const random = seededRandom(1)
const numeric = buildReference(Array.from({ length: 5000 }, () => random.normal())) as ReferenceColumn
const category = buildReference(Array.from({ length: 2000 }, (_, i) => `c${i % 300}`)) as ReferenceColumn

const exact = (p: ColumnProfile) => ({
  ...p,
  moments: { n: p.moments.n, min: p.moments.min, max: p.moments.max },
  unseenTop: new Map(p.unseenTop),
})

test('profiles of shards merge to the profile of all rows, numeric', () => {
  const cell = fc.oneof(fc.double(), fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(null), fc.constant('x'))
  fc.assert(
    fc.property(fc.array(cell), fc.array(cell), fc.array(cell), (a, b, c) => {
      const whole = profileOf(numeric, [...a, ...b, ...c])
      const [pa, pb, pc] = [profileOf(numeric, a), profileOf(numeric, b), profileOf(numeric, c)]
      expect(exact(mergeProfiles(mergeProfiles(pa, pb), pc))).toEqual(exact(whole))
      expect(exact(mergeProfiles(pc, mergeProfiles(pb, pa)))).toEqual(exact(whole))
    }),
  )
})

test('profiles of shards merge to the profile of all rows, categories with unseen values', () => {
  const cell = fc.oneof(
    fc.integer({ min: 0, max: 320 }).map((i) => `c${i}`),
    fc.constant(null),
  )
  fc.assert(
    fc.property(fc.array(cell), fc.array(cell), (a, b) => {
      const merged = mergeProfiles(profileOf(category, a), profileOf(category, b))
      expect(exact(merged)).toEqual(exact(profileOf(category, [...a, ...b])))
    }),
  )
})

test('moments merge to those of all rows up to rounding', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true })),
      fc.integer({ min: 0, max: 50 }),
      (values, cut) => {
        const merged = mergeProfiles(
          profileOf(numeric, values.slice(0, cut)),
          profileOf(numeric, values.slice(cut)),
        ).moments
        const whole = profileOf(numeric, values).moments
        expect(merged.mean).toBeCloseTo(whole.mean, 8)
        expect(Math.abs(merged.m2 - whole.m2)).toBeLessThanOrEqual(1e-9 * Math.max(1, whole.m2))
      },
    ),
  )
})

test('a profile and its reference survive JSON unchanged, and the copy still counts', () => {
  for (const reference of [numeric, category]) {
    const copy = JSON.parse(JSON.stringify(reference)) as ReferenceColumn
    expect(copy).toEqual(reference)
    const values = reference.kind === 'numeric' ? [0.1, -9, 9, NaN, null] : ['c1', 'zz', '__proto__', null]
    expect(profileOf(copy, values)).toEqual(profileOf(reference, values))
    expect(JSON.parse(JSON.stringify(profileOf(reference, values)))).toEqual(profileOf(reference, values))
  }
})

test('profiles of different bins are refused', () => {
  const other = buildReference([1, 2, 3]) as ReferenceColumn
  expect(() => mergeProfiles(emptyProfile(numeric), emptyProfile(other))).toThrow(RangeError)
})

test('few distinct values get a bin each, and every reference value falls inside', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
      const bins = makeBinSet(values)
      if (!bins) throw new Error('finite values have bins')
      const distinct = new Set(values.map((v) => v + 0))
      const slots = new Set(values.map((v) => binIndex(bins.edges, v)))
      expect(Math.min(...slots)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...slots)).toBeLessThan(bins.edges.length - 1)
      if (distinct.size <= 50) expect(slots.size).toBe(distinct.size)
    }),
  )
})

test('equal edges have equal ids, and 60 quantile bins hold equal shares', () => {
  if (numeric.kind !== 'numeric') throw new Error('numeric')
  expect(numeric.binSet.edges).toHaveLength(61)
  expect(makeBinSet([1, 2, 3])?.id).toBe(makeBinSet([3, 2, 1, 1])?.id)
  expect(makeBinSet([1, 2, 3])?.id).not.toBe(makeBinSet([1, 2, 4])?.id)
  for (const count of numeric.profile.counts) expect(Math.abs(count - 5000 / 60)).toBeLessThan(2)
  expect(makeBinSet([NaN, Infinity])).toBeUndefined()
})

test('rare reference values are other, values it never had are unseen', () => {
  const profile = profileOf(category, ['c0', 'c299', 'new', 'new'])
  expect(profile.counts[profile.counts.length - 1]).toBe(1)
  expect(profile.unseen).toBe(2)
  expect(unseenShare(profile)).toBe(0.5)
  expect(profile.unseenTop).toEqual([['new', 2]])
  expect(comparableCounts(profile)).toHaveLength(257)
})

test('heavy unseen values survive a flood of others in constant memory', () => {
  const top: [string, number][] = []
  for (let i = 0; i < 10_000; i++) addUnseen(top, i % 10 === 0 ? 'heavy' : `once-${i}`)
  expect(top).toHaveLength(64)
  const heavy = top.find(([text]) => text === 'heavy')
  expect(heavy?.[1]).toBeGreaterThanOrEqual(1000)
  expect(heavy?.[1]).toBeLessThanOrEqual(1000 + 10_000 / 64)
})

test('a column without a usable value has no reference', () => {
  expect(buildReference([])).toBeUndefined()
  expect(buildReference([null, null])).toBeUndefined()
  expect(buildReference([NaN])).toBeUndefined()
})
