import { number, percent } from '../../../contract/format.ts'
import { binomialSfInclusive } from '../../../stats/distributions.ts'
import { binIndex } from '../../../stats/histogram.ts'
import {
  countedValues,
  expectedUnseen,
  missingShare,
  outOfRangeShare,
  unseenShare,
  type ColumnProfile,
  type ReferenceColumn,
} from '../../../stats/profile.ts'
import { wilsonInterval } from '../../../stats/proportions.ts'

/** What a break of the feed looks like; drift of the world is not a break (loop.md 6 and 7). */
export interface InputBreak {
  column: string
  kind: 'nulls' | 'types' | 'coding' | 'unseen' | 'range' | 'constant' | 'schema'
  sentence: string
  numbers: Record<string, number>
}

export interface ColumnInput {
  name: string
  reference: ReferenceColumn | undefined
  profile: ColumnProfile
  /** The same column in earlier clean windows of the same length, oldest first. */
  before: readonly ColumnProfile[]
  /** The window just before was broken because none of this column's values was known. */
  wasRecoded?: boolean
  /** Numbers that are codes: they have no size. */
  isCode?: boolean
}

export interface InputLimits {
  /** Tolerated growth of the share of missing values, absolute. */
  nulls: number
  /** Tolerated share of categories that the reference never had; undefined: any, as long as some are known. */
  unseen?: number | undefined
}

/** The chance that sound inputs are quarantined, all columns of a window together. */
const falseBreaks = 0.001

/** So many rows where the share may be that of chance: is it beyond it? */
const isBeyond = (rows: number, of: number, share: number, level: number): boolean =>
  binomialSfInclusive(rows, of, share) <= level

/** Every break that one window's profiles show, without any label. */
export function findBreaks(
  columns: readonly ColumnInput[],
  feed: { rows: number; refused: number },
  limits: InputLimits,
): InputBreak[] {
  const level = falseBreaks / Math.max(1, columns.length)
  const breaks = columns.flatMap((column) => [
    nulls(column, limits, level),
    types(column, level),
    coding(column, level) ?? unseen(column, limits, level),
    range(column, level),
    constant(column, level),
  ])
  return [...breaks, schema(feed, level)].filter((found) => found !== undefined)
}

/** Missing values beyond the reference by more than the limit, and not by chance of a small window. */
function nulls(
  { name, reference, profile, before }: ColumnInput,
  limits: InputLimits,
  level: number,
): InputBreak | undefined {
  const share = missingShare(profile)
  if (share === undefined) return undefined
  const usual = reference?.nullShare ?? usualShare(before)
  if (usual === undefined || share < usual + limits.nulls) return undefined
  if (!isBeyond(profile.nulls + profile.nonFinite, profile.n, usual + limits.nulls / 2, level)) return undefined
  return {
    column: name,
    kind: 'nulls',
    sentence: `${name} is ${percent(share)} null (usual ${percent(usual)})`,
    numbers: { share, usual },
  }
}

function usualShare(before: readonly ColumnProfile[]): number | undefined {
  const rows = before.reduce((sum, profile) => sum + profile.n, 0)
  return rows === 0 ? undefined : before.reduce((sum, profile) => sum + profile.nulls + profile.nonFinite, 0) / rows
}

function types({ name, profile }: ColumnInput, level: number): InputBreak | undefined {
  const share = profile.n === 0 ? 0 : profile.mismatched / profile.n
  if (share < 0.05 || !isBeyond(profile.mismatched, profile.n, 0.01, level)) return undefined
  return { column: name, kind: 'types', sentence: `${percent(share)} of ${name} has another type`, numbers: { share } }
}

/**
 * Several different values and none of them known: the names changed, not the world. One new value is drift, and where
 * nearly every value is a new one anyway, as with numbers of orders, that none is known says nothing.
 */
function coding({ name, reference, profile, wasRecoded }: ColumnInput, level: number): InputBreak | undefined {
  if (profile.kind !== 'category' || reference?.kind !== 'category') return undefined
  const share = unseenShare(profile)
  // A still day has one value only; under names that were just found changed it is changed as well.
  const fewest = wasRecoded === true ? 1 : 2
  if (share === undefined || share < 0.99 || profile.unseenTop.length < fewest) return undefined
  if (!isBeyond(profile.unseen, countedValues(profile), expectedUnseen(reference), level)) return undefined
  const examples = profile.unseenTop.slice(0, 3).map(([value]) => value)
  return {
    column: name,
    kind: 'coding',
    sentence: `none of the values of ${name} is known (${examples.join(', ')})`,
    numbers: { share },
  }
}

/** New categories beyond what somebody declared to be tolerable, and not by chance of a small window. */
function unseen({ name, profile, isCode }: ColumnInput, limits: InputLimits, level: number): InputBreak | undefined {
  const share = isCode === true ? outOfRangeShare(profile) : unseenShare(profile)
  if (limits.unseen === undefined || share === undefined || share < limits.unseen) return undefined
  const counted = countedValues(profile)
  if (!isBeyond(Math.round(share * counted), counted, limits.unseen / 2, level)) return undefined
  const examples = profile.unseenTop.slice(0, 3).map(([value]) => value)
  return {
    column: name,
    kind: 'unseen',
    sentence: `${percent(share)} of ${name} was never seen in training${examples.length > 0 ? ` (${examples.join(', ')})` : ''}`,
    numbers: { share },
  }
}

const fewestForConstant = 12
const fewestDistinct = 8

/**
 * The mean lies more than one whole reference range beyond it: another unit of measure. Seasons do not do that in one
 * window; a single enormous value does, and so rows enough must lie there.
 */
function range({ name, reference, profile, isCode }: ColumnInput, level: number): InputBreak | undefined {
  if (reference?.kind !== 'numeric' || isCode === true || countedValues(profile) === 0) return undefined
  const { min, max } = reference.profile.moments
  const width = max - min
  const { mean } = profile.moments
  const beyond = Math.max(mean - max, min - mean)
  // A code with a few values (a season, a weekday) has no unit of measure; a new value of it is drift.
  if (!(width > 0) || beyond <= width || distinctBins(reference) < fewestDistinct) return undefined
  const outside = mean > max ? profile.aboveRange : profile.belowRange
  if (!isMany(outside, countedValues(profile), level)) return undefined
  return {
    column: name,
    kind: 'range',
    sentence: `${name} averages ${number(mean)}, far outside ${number(min)} to ${number(max)}`,
    numbers: { mean, min, max },
  }
}

/**
 * One and the same number for two windows where earlier ones varied: a frozen feed. One window may be the weather;
 * a category may well stay the same for days, and so may a number that nearly always is 0.
 */
function constant({ name, reference, profile, before, isCode }: ColumnInput, level: number): InputBreak | undefined {
  if (profile.kind === 'category' || isCode === true || distinctBins(reference) < fewestDistinct) return undefined
  const earlier = before.filter((past) => countedValues(past) >= fewestForConstant)
  const last = earlier.at(-1)
  if (countedValues(profile) < fewestForConstant || earlier.length < 7 || !isConstant(profile)) return undefined
  if (!last || !isConstant(last) || last.moments.min !== profile.moments.min || earlier.slice(0, -1).some(isConstant))
    return undefined
  const usual = [reference?.profile, ...earlier.slice(0, -1)].map((known) => shareAt(known, profile, reference))
  if (Math.max(...usual) ** (countedValues(profile) + countedValues(last)) > level) return undefined
  return {
    column: name,
    kind: 'constant',
    sentence: `${name} has not changed for two windows`,
    numbers: { windows: earlier.length },
  }
}

const distinctBins = (reference: ReferenceColumn | undefined): number =>
  reference?.profile.counts.filter((count) => count > 0).length ?? 0

/** Share of rows in the bin that a constant window lies in. */
function shareAt(
  known: ColumnProfile | undefined,
  { moments, binsId }: ColumnProfile,
  reference: ReferenceColumn | undefined,
): number {
  if (known?.binsId !== binsId || reference?.kind !== 'numeric') return 0
  return (known.counts[binIndex(reference.binSet.edges, moments.min)] ?? 0) / Math.max(1, countedValues(known))
}

const isConstant = (profile: ColumnProfile): boolean => profile.moments.min === profile.moments.max

/** A fifth of the rows, and beyond the chance of a few. */
const isMany = (rows: number, of: number, level: number): boolean => rows >= 0.2 * of && isBeyond(rows, of, 0.05, level)

function schema({ rows, refused }: { rows: number; refused: number }, level: number): InputBreak | undefined {
  if (refused === 0 || !isMany(refused, rows + refused, level)) return undefined
  const share = refused / (rows + refused)
  return {
    column: '',
    kind: 'schema',
    sentence: `${percent(share)} of the rows were refused for their shape`,
    numbers: { share, refused },
  }
}

/** A share of model errors that matters, and beyond what chance and the windows before explain. */
const leastErrorShare = 0.01

export interface ErrorCount {
  rows: number
  errors: number
}

/**
 * Model errors of live rows: high when the Wilson lower bound of the window's share lies above 1 % and above the share
 * of the windows before. Callers' own mistakes are not among them.
 */
export function errorsHigh(
  now: ErrorCount,
  before: ErrorCount,
): { isHigh: boolean; share: number; usual: number; lower: number } {
  const share = now.rows === 0 ? 0 : now.errors / now.rows
  const usual = before.rows === 0 ? 0 : before.errors / before.rows
  const lower = wilsonInterval(now.errors, now.rows, 0.99)?.lower ?? 0
  return { isHigh: lower > leastErrorShare && lower > usual, share, usual, lower }
}
