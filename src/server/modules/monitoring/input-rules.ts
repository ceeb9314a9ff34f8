import { number, percent } from '../../../contract/format.ts'
import {
  countedValues,
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

/** Every break that one window's profiles show, without any label. */
export function findBreaks(
  columns: readonly ColumnInput[],
  feed: { rows: number; refused: number },
  limits: InputLimits,
): InputBreak[] {
  const breaks = columns.flatMap((column) => [
    nulls(column, limits),
    types(column),
    coding(column) ?? unseen(column, limits),
    range(column),
    constant(column),
  ])
  return [...breaks, schema(feed)].filter((found) => found !== undefined)
}

/** Missing values beyond the reference by more than the limit, and not by chance of a small window. */
function nulls({ name, reference, profile, before }: ColumnInput, limits: InputLimits): InputBreak | undefined {
  const share = missingShare(profile)
  if (share === undefined) return undefined
  const usual = reference?.nullShare ?? usualShare(before)
  if (usual === undefined || share < usual + limits.nulls) return undefined
  const interval = wilsonInterval(profile.nulls + profile.nonFinite, profile.n, 0.99)
  if (!interval || interval.lower < usual + limits.nulls / 2) return undefined
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

function types({ name, profile }: ColumnInput): InputBreak | undefined {
  const share = profile.n === 0 ? 0 : profile.mismatched / profile.n
  const interval = wilsonInterval(profile.mismatched, profile.n, 0.99)
  if (share < 0.05 || !interval || interval.lower < 0.01) return undefined
  return { column: name, kind: 'types', sentence: `${percent(share)} of ${name} has another type`, numbers: { share } }
}

/** Several different values and none of them known: the names changed, not the world. One new value is drift. */
function coding({ name, profile, wasRecoded }: ColumnInput): InputBreak | undefined {
  const share = profile.kind === 'category' ? unseenShare(profile) : undefined
  // A still day has one value only; under names that were just found changed it is changed as well.
  const fewest = wasRecoded === true ? 1 : 2
  if (share === undefined || share < 0.99 || profile.unseenTop.length < fewest) return undefined
  const examples = profile.unseenTop.slice(0, 3).map(([value]) => value)
  return {
    column: name,
    kind: 'coding',
    sentence: `none of the values of ${name} is known (${examples.join(', ')})`,
    numbers: { share },
  }
}

/** New categories beyond what somebody declared to be tolerable, and not by chance of a small window. */
function unseen({ name, profile, isCode }: ColumnInput, limits: InputLimits): InputBreak | undefined {
  const share = isCode === true ? outOfRangeShare(profile) : unseenShare(profile)
  if (limits.unseen === undefined || share === undefined || share < limits.unseen) return undefined
  const counted = countedValues(profile)
  const interval = wilsonInterval(share * counted, counted, 0.99)
  if (!interval || interval.lower < limits.unseen / 2) return undefined
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

/** The mean lies more than one whole reference range beyond it: another unit of measure. Seasons do not do that in one window. */
function range({ name, reference, profile, isCode }: ColumnInput): InputBreak | undefined {
  if (reference?.kind !== 'numeric' || isCode === true || countedValues(profile) === 0) return undefined
  const { min, max } = reference.profile.moments
  const width = max - min
  const { mean } = profile.moments
  const beyond = Math.max(mean - max, min - mean)
  // A code with a few values (a season, a weekday) has no unit of measure; a new value of it is drift.
  if (!(width > 0) || beyond <= width || distinctBins(reference) < fewestDistinct) return undefined
  return {
    column: name,
    kind: 'range',
    sentence: `${name} averages ${number(mean)}, far outside ${number(min)} to ${number(max)}`,
    numbers: { mean, min, max },
  }
}

/**
 * One and the same number for two windows where earlier ones varied: a frozen feed. One window may be the weather;
 * a category may well stay the same for days.
 */
function constant({ name, reference, profile, before, isCode }: ColumnInput): InputBreak | undefined {
  if (profile.kind === 'category' || isCode === true || distinctBins(reference) < fewestDistinct) return undefined
  const earlier = before.filter((past) => countedValues(past) >= fewestForConstant)
  const last = earlier.at(-1)
  if (countedValues(profile) < fewestForConstant || earlier.length < 7 || !isConstant(profile)) return undefined
  if (!last || !isConstant(last) || last.moments.min !== profile.moments.min || earlier.slice(0, -1).some(isConstant))
    return undefined
  return {
    column: name,
    kind: 'constant',
    sentence: `${name} has not changed for two windows`,
    numbers: { windows: earlier.length },
  }
}

const distinctBins = (reference: ReferenceColumn | undefined): number =>
  reference?.profile.counts.filter((count) => count > 0).length ?? 0

const isConstant = (profile: ColumnProfile): boolean => profile.moments.min === profile.moments.max

function schema({ rows, refused }: { rows: number; refused: number }): InputBreak | undefined {
  const share = rows + refused === 0 ? 0 : refused / (rows + refused)
  const interval = wilsonInterval(refused, rows + refused, 0.99)
  if (share < 0.2 || !interval || interval.lower < 0.05) return undefined
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
