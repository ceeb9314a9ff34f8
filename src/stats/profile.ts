import { addUnseen, categoryIndex, categoryText, makeCategoryDictionary, mergeUnseen } from './categories.ts'
import type { CategoryDictionary } from './categories.ts'
import { addCounts, binCount, binIndex, makeBinSet } from './histogram.ts'
import type { BinSet } from './histogram.ts'
import { addMoment, emptyMoments, mergeMoments } from './moments.ts'
import type { Moments } from './moments.ts'
import { wilsonInterval } from './proportions.ts'

/**
 * What a window knows of one column: plain data, mergeable in any order. `n` counts every row; `nulls` (null, absent),
 * `nonFinite` (NaN, ±Infinity) and `mismatched` (text in a numeric column) are parts of it. Numeric `counts` are
 * the bins between `belowRange` and `aboveRange`; category `counts` end with the slot for other, `unseen` stands apart.
 */
export type ColumnProfile = {
  kind: 'numeric' | 'category'
  binsId: string
  n: number
  nulls: number
  nonFinite: number
  mismatched: number
  belowRange: number
  aboveRange: number
  counts: number[]
  moments: Moments
  unseen: number
  unseenTop: [string, number][]
}

/** A column's frozen reference: its bins or categories and the profile of the reference rows in them. */
export type ReferenceColumn =
  | { kind: 'numeric'; binSet: BinSet; profile: ColumnProfile; nullShare: number }
  | { kind: 'category'; dictionary: CategoryDictionary; profile: ColumnProfile; nullShare: number }

export type CellValue = number | string | boolean | bigint | null | undefined

function blankProfile(kind: 'numeric' | 'category', binsId: string, slots: number): ColumnProfile {
  return {
    kind,
    binsId,
    n: 0,
    nulls: 0,
    nonFinite: 0,
    mismatched: 0,
    belowRange: 0,
    aboveRange: 0,
    counts: new Array<number>(slots).fill(0),
    moments: emptyMoments(),
    unseen: 0,
    unseenTop: [],
  }
}

export function emptyProfile(reference: ReferenceColumn): ColumnProfile {
  return reference.kind === 'numeric'
    ? blankProfile('numeric', reference.binSet.id, binCount(reference.binSet))
    : blankProfile('category', reference.dictionary.id, reference.dictionary.values.length + 1)
}

/** Counts one value in place, without allocating; anything may be given, nothing throws. */
export function addValue(profile: ColumnProfile, reference: ReferenceColumn, value: CellValue): void {
  profile.n++
  if (value === null || value === undefined) profile.nulls++
  else if (reference.kind === 'numeric') addNumber(profile, reference.binSet.edges, value)
  else addCategory(profile, reference.dictionary, value)
}

function addNumber(profile: ColumnProfile, edges: readonly number[], value: number | string | boolean | bigint): void {
  const x = typeof value === 'number' ? value : typeof value === 'string' ? undefined : Number(value)
  if (x === undefined) {
    profile.mismatched++
    return
  }
  if (!Number.isFinite(x)) {
    profile.nonFinite++
    return
  }
  addMoment(profile.moments, x)
  const at = binIndex(edges, x)
  if (at < 0) profile.belowRange++
  else if (at === profile.counts.length) profile.aboveRange++
  else profile.counts[at] = (profile.counts[at] as number) + 1
}

function addCategory(
  profile: ColumnProfile,
  dictionary: CategoryDictionary,
  value: number | string | boolean | bigint,
): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    profile.nonFinite++
    return
  }
  const text = categoryText(value)
  const at = categoryIndex(dictionary, text)
  if (at >= 0) profile.counts[at] = (profile.counts[at] as number) + 1
  else {
    profile.unseen++
    addUnseen(profile.unseenTop, text)
  }
}

/** Both windows as one. Counts are exact in any order; profiles of different bins are refused, never re-binned. */
export function mergeProfiles(a: ColumnProfile, b: ColumnProfile): ColumnProfile {
  if (a.binsId !== b.binsId) throw new RangeError(`profiles of bin sets ${a.binsId} and ${b.binsId} cannot be merged`)
  return {
    kind: a.kind,
    binsId: a.binsId,
    n: a.n + b.n,
    nulls: a.nulls + b.nulls,
    nonFinite: a.nonFinite + b.nonFinite,
    mismatched: a.mismatched + b.mismatched,
    belowRange: a.belowRange + b.belowRange,
    aboveRange: a.aboveRange + b.aboveRange,
    counts: addCounts(a.counts, b.counts),
    moments: mergeMoments(a.moments, b.moments),
    unseen: a.unseen + b.unseen,
    unseenTop: mergeUnseen(a.unseenTop, b.unseenTop),
  }
}

/** Values that were counted in a bin or category, seen or not. */
export function countedValues(profile: ColumnProfile): number {
  return profile.n - profile.nulls - profile.nonFinite - profile.mismatched
}

/** Counts for a distance: with both open ends for numbers, with other and unseen for categories. */
export function comparableCounts(profile: ColumnProfile): number[] {
  return profile.kind === 'numeric'
    ? [profile.belowRange, ...profile.counts, profile.aboveRange]
    : [...profile.counts, profile.unseen]
}

/**
 * Both sides' category counts as rows of one law would fall. Reference rows know every value among themselves, new ones do
 * not, so each reference row is placed as if it were left out (Good and Turing): values with fewer rows than `least`, which
 * is more than any that has no slot of its own has, are one cell with the unseen; a row whose value has just `least` would
 * have been there. That many leave the slots, which shrink alike.
 */
function leaveOneOut(before: readonly number[], now: readonly number[]): { before: number[]; now: number[] } {
  const own = before.slice(0, -1)
  const other = before.at(-1) ?? 0
  const least = other > 0 ? 1 + Math.min(...own) : 1
  const kept = own.flatMap((count, i) => (count >= least ? [i] : []))
  const sumOf = (counts: readonly number[], of: readonly number[]): number =>
    of.reduce((sum, i) => sum + (counts[i] ?? 0), 0)
  const known = sumOf(own, kept)
  const left = least * own.filter((count) => count === least).length
  const rest = (counts: readonly number[]): number =>
    counts.reduce((sum, count) => sum + count, 0) - sumOf(counts, kept)
  return {
    before: [
      ...kept.map((i) => (known === 0 ? 0 : ((own[i] as number) * (known - left)) / known)),
      rest(before) + left,
    ],
    now: [...kept.map((i) => now[i] as number), rest(now)],
  }
}

/** Counts of reference and window whose difference is drift, not what the reference knows of itself. */
export function countsToCompare(
  reference: ReferenceColumn,
  profile: ColumnProfile,
): { before: number[]; now: number[] } {
  const before = comparableCounts(reference.profile)
  const now = comparableCounts(profile)
  return reference.kind === 'numeric' ? { before, now } : leaveOneOut(reference.profile.counts, now)
}

/** The most that Good and Turing's estimate lets the share of values be which the reference never had, at 95 %. */
export function expectedUnseen({ dictionary, profile }: Extract<ReferenceColumn, { kind: 'category' }>): number {
  const n = countedValues(profile)
  return wilsonInterval(dictionary.singletonShare * n, n)?.upper ?? 0
}

/** Share of rows without a usable value (null or non-finite); undefined without rows. */
export function missingShare(profile: ColumnProfile): number | undefined {
  return profile.n === 0 ? undefined : (profile.nulls + profile.nonFinite) / profile.n
}

/** Share of counted values outside the reference's range; undefined for categories and without values. */
export function outOfRangeShare(profile: ColumnProfile): number | undefined {
  const counted = countedValues(profile)
  return profile.kind === 'category' || counted === 0 ? undefined : (profile.belowRange + profile.aboveRange) / counted
}

/** Share of counted values that the reference never had; undefined for numbers and without values. */
export function unseenShare(profile: ColumnProfile): number | undefined {
  const counted = countedValues(profile)
  return profile.kind === 'numeric' || counted === 0 ? undefined : profile.unseen / counted
}

/**
 * Freezes a column's reference. Numeric when every value that is not missing is a number, unless `kind` says otherwise.
 * Undefined when no value is usable: such a column has no reference.
 */
export function buildReference(
  values: readonly CellValue[],
  options: { kind?: 'numeric' | 'category'; maxBins?: number } = {},
): ReferenceColumn | undefined {
  const present = values.filter((v) => v !== null && v !== undefined)
  const numeric = present.every((v) => typeof v === 'number' || typeof v === 'bigint')
  const kind = options.kind ?? (numeric ? 'numeric' : 'category')
  const reference = kind === 'numeric' ? numericReference(present, options.maxBins) : categoryReference(present)
  if (!reference) return undefined
  for (const value of values) addValue(reference.profile, reference, value)
  reference.nullShare = missingShare(reference.profile) ?? 0
  return reference
}

function numericReference(present: readonly CellValue[], maxBins?: number): ReferenceColumn | undefined {
  const numbers = present.filter((v) => typeof v !== 'string').map(Number)
  const binSet = makeBinSet(numbers, maxBins)
  return (
    binSet && { kind: 'numeric', binSet, profile: blankProfile('numeric', binSet.id, binCount(binSet)), nullShare: 0 }
  )
}

function categoryReference(present: readonly CellValue[]): ReferenceColumn | undefined {
  const dictionary = makeCategoryDictionary(present.filter((v) => typeof v !== 'number' || Number.isFinite(v)))
  if (!dictionary) return undefined
  const profile = blankProfile('category', dictionary.id, dictionary.values.length + 1)
  return { kind: 'category', dictionary, profile, nullShare: 0 }
}
