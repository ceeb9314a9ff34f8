import { chiSquareTwoSample, poolRare } from './contingency.ts'
import { chiSquareSf, kolmogorovSf } from './distributions.ts'
import { ksFromCounts, maxShareChange, psiFromCounts, psiNullThreshold, totalVariation } from './distances.ts'
import { meanShift, populationVariance } from './moments.ts'
import { exceedanceP } from './exceedance.ts'
import { benjaminiHochberg } from './multiplicity.ts'
import {
  countedValues,
  countsToCompare,
  expectedUnseen,
  missingShare,
  outOfRangeShare,
  unseenShare,
} from './profile.ts'
import type { ColumnProfile, ReferenceColumn } from './profile.ts'
import { twoProportionZ } from './proportions.ts'

export type ColumnState =
  | 'ok'
  | 'drifted'
  | 'insufficient'
  | 'empty'
  | 'constant'
  | 'schema_changed'
  | 'warming_up'
  | 'no_reference'

export type DriftCause = 'distribution' | 'missing' | 'range' | 'unseen' | 'constant' | 'type'

/** Effects below these do not matter, however significant. Shares are absolute. */
export const DRIFT_LIMITS = {
  units: 14,
  ks: 0.1,
  totalVariation: 0.1,
  severe: 0.25,
  unseen: 0.01,
  missing: 0.05,
  outside: 0.05,
  q: 0.01,
  manyCategories: 50,
}

/** One column of one window. Units, not rows, are what p-values count; a profile that is absent means no rows. */
export type DriftInput = {
  name: string
  reference?: ReferenceColumn | undefined
  profile?: ColumnProfile | undefined
  referenceUnits: number
  currentUnits: number
  /** Numbers that are codes: compared value by value as categories are, not by size. */
  isCode?: boolean | undefined
  warmingUp?: boolean | undefined
}

export type ColumnVerdict = {
  name: string
  state: ColumnState
  causes: DriftCause[]
  severe: boolean
  effect: { measure: 'ks' | 'total_variation' | 'l_infinity'; value: number } | undefined
  p: number | undefined
  q: number | undefined
  psi: number | undefined
  psiThreshold: number | undefined
  meanShift: number | undefined
  missingChange: number | undefined
  unseenShare: number | undefined
  outOfRangeShare: number | undefined
}

type Tested = 'distribution' | 'missing' | 'range'

type Draft = ColumnVerdict & {
  missingP: number | undefined
  rangeP: number | undefined
  distributionEffect: boolean
  missingEffect: boolean
  rangeEffect: boolean
}

/**
 * Judges all columns of one window together, because significance is corrected across them (Benjamini–Hochberg,
 * q ≤ 0.01 over every p-value of the window). Drifted needs an effect and significance; values the reference never had
 * need only the effect, ≥ 1 % and twice the most that Good and Turing expect. Constant is one known value where the
 * reference has others in a share that matters. Persistence is the caller's.
 */
export function judgeDrift(columns: readonly DriftInput[]): ColumnVerdict[] {
  const drafts = columns.map(draft)
  const places: { at: number; field: Tested; p: number }[] = []
  drafts.forEach((d, at) => {
    if (d.state !== 'ok') return
    if (d.p !== undefined) places.push({ at, field: 'distribution', p: d.p })
    if (d.missingP !== undefined) places.push({ at, field: 'missing', p: d.missingP })
    if (d.rangeP !== undefined) places.push({ at, field: 'range', p: d.rangeP })
  })
  const q = benjaminiHochberg(places.map((place) => place.p))
  places.forEach((place, i) => {
    const d = drafts[place.at] as Draft
    const value = q[i] as number
    if (place.field === 'distribution') d.q = value
    if (value > DRIFT_LIMITS.q) return
    if (place.field === 'distribution' && d.distributionEffect) d.causes.unshift('distribution')
    if (place.field === 'missing' && d.missingEffect) d.causes.push('missing')
    if (place.field === 'range' && d.rangeEffect) d.causes.push('range')
  })
  return drafts.map((d) => finish(d))
}

function finish(d: Draft): ColumnVerdict {
  const { missingP: _p, rangeP: _q, distributionEffect: _d, missingEffect: _m, rangeEffect: _r, ...verdict } = d
  if (verdict.state === 'ok' && verdict.causes.length > 0) verdict.state = 'drifted'
  verdict.severe = verdict.causes.includes('distribution') && (verdict.effect?.value ?? 0) >= DRIFT_LIMITS.severe
  return verdict
}

function draft(input: DriftInput): Draft {
  const { reference, profile } = input
  const blank: Draft = {
    name: input.name,
    state: 'ok',
    causes: [],
    severe: false,
    effect: undefined,
    p: undefined,
    q: undefined,
    psi: undefined,
    psiThreshold: undefined,
    meanShift: undefined,
    missingChange: undefined,
    unseenShare: undefined,
    outOfRangeShare: undefined,
    missingP: undefined,
    rangeP: undefined,
    distributionEffect: false,
    missingEffect: false,
    rangeEffect: false,
  }
  if (!reference) return { ...blank, state: 'no_reference' }
  if (!profile || profile.n === 0) return { ...blank, state: 'empty' }
  const differs = profile.kind !== reference.kind || profile.binsId !== reference.profile.binsId
  if (differs || profile.mismatched > 0.5 * (profile.n - profile.nulls)) {
    return { ...blank, state: 'schema_changed', causes: ['type'] }
  }
  const judged = { ...blank, ...measure(input, reference, profile) }
  if (input.warmingUp) return { ...judged, state: 'warming_up', causes: [] }
  if (input.currentUnits < DRIFT_LIMITS.units) return { ...judged, state: 'insufficient', causes: [] }
  if (isConstant(profile) && !isConstant(reference.profile) && judged.distributionEffect && isKnown(profile))
    return { ...judged, state: 'constant', causes: ['constant'] }
  return judged
}

/** The values are ones that the reference has; a constant beyond it is drift. */
const isKnown = (profile: ColumnProfile): boolean => profile.unseen + profile.belowRange + profile.aboveRange === 0

/** One value only, in a column with enough values to tell. */
function isConstant(profile: ColumnProfile): boolean {
  if (countedValues(profile) < 2) return false
  if (profile.kind === 'numeric') return populationVariance(profile.moments) === 0
  const used = profile.counts.filter((count) => count > 0).length
  return profile.unseen === 0
    ? used === 1 && profile.counts[profile.counts.length - 1] === 0
    : used === 0 && profile.unseenTop.length === 1
}

function measure(input: DriftInput, reference: ReferenceColumn, profile: ColumnProfile): Partial<Draft> {
  const { before, now } = countsToCompare(reference, profile)
  const n = input.referenceUnits
  const m = input.currentUnits
  const unseen = input.isCode === true ? outOfRangeShare(profile) : unseenShare(profile)
  const missingBefore = missingShare(reference.profile)
  const missingNow = missingShare(profile)
  const missingChange = missingBefore === undefined || missingNow === undefined ? undefined : missingNow - missingBefore
  const kind = input.isCode === true ? 'category' : reference.kind
  const many = kind === 'category' && reference.profile.counts.length > DRIFT_LIMITS.manyCategories + 1
  const distance = kind === 'numeric' ? ksFromCounts : many ? maxShareChange : totalVariation
  const value = distance(before, now)
  const limit = kind === 'numeric' ? DRIFT_LIMITS.ks : DRIFT_LIMITS.totalVariation
  const p = kind === 'numeric' ? ksP(value, n, m) : categoryP(before, now, n, m)
  const unseenLimit = reference.kind === 'category' ? 2 * expectedUnseen(reference) : 0
  const outOfRange = outOfRangeShare(profile)
  const isUnseen = unseen !== undefined && unseen >= Math.max(DRIFT_LIMITS.unseen, unseenLimit)
  const bins = before.filter((count, i) => count + (now[i] ?? 0) > 0).length
  return {
    effect: value === undefined ? undefined : { measure: measureName(kind, many), value },
    distributionEffect: value !== undefined && value >= limit,
    p,
    psi: psiFromCounts(before, now),
    psiThreshold: psiNullThreshold(n, m, bins),
    meanShift: kind === 'numeric' ? meanShift(reference.profile.moments, profile.moments) : undefined,
    missingChange,
    missingEffect: missingChange !== undefined && missingChange >= DRIFT_LIMITS.missing,
    missingP: twoProportionZ((missingBefore ?? 0) * n, n, (missingNow ?? 0) * m, m)?.p,
    unseenShare: unseen,
    rangeEffect: kind === 'numeric' && (outOfRange ?? 0) >= DRIFT_LIMITS.outside,
    rangeP: kind === 'numeric' && outOfRange !== undefined ? rangeP(profile, n, m) : undefined,
    outOfRangeShare: kind === 'numeric' ? outOfRange : undefined,
    causes: isUnseen ? ['unseen'] : [],
  }
}

function measureName(kind: 'numeric' | 'category', many: boolean): 'ks' | 'total_variation' | 'l_infinity' {
  if (kind === 'numeric') return 'ks'
  return many ? 'l_infinity' : 'total_variation'
}

function rangeP(profile: ColumnProfile, n: number, m: number): number {
  const counted = countedValues(profile)
  return exceedanceP(profile.aboveRange / counted, profile.belowRange / counted, n, m)
}

/** Kolmogorov's law at the effective size n·m/(n + m) of units. */
function ksP(d: number | undefined, n: number, m: number): number | undefined {
  return d === undefined || n <= 0 || m <= 0 ? undefined : kolmogorovSf(d * Math.sqrt((n * m) / (n + m)))
}

/**
 * χ² of the row counts with rare cells pooled, divided by rows per unit (Rao and Scott's first-order correction for clusters).
 */
function categoryP(before: readonly number[], now: readonly number[], n: number, m: number): number | undefined {
  const pooled = poolRare(before, now)
  const test = chiSquareTwoSample(pooled.reference, pooled.current)
  if (!test || n <= 0 || m <= 0) return undefined
  const rowsBefore = before.reduce((sum, count) => sum + count, 0)
  const rowsNow = now.reduce((sum, count) => sum + count, 0)
  const rows = (rowsBefore * rowsNow) / (rowsBefore + rowsNow)
  const units = (n * m) / (n + m)
  return chiSquareSf(test.statistic * Math.min(1, units / rows), test.df)
}
