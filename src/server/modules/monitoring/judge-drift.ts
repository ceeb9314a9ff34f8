import { fixed, percent, signed } from '../../../contract/format.ts'
import { DRIFT_LIMITS, judgeDrift, type ColumnVerdict as StatsVerdict } from '../../../stats/drift-verdict.ts'
import {
  comparableCounts,
  countedValues,
  missingShare,
  type ColumnProfile,
  type ReferenceColumn,
} from '../../../stats/profile.ts'
import type { ColumnVerdict, MonitorSpec } from '../../../contract/monitoring.ts'
import { toMs } from '../../../contract/duration.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { trafficBetween, type FrozenColumn } from '../serving/module.ts'
import { entitiesJudged, rowsBetween, versionProfile, type Reference, type WindowProfile } from './evidence.ts'
import type * as q from './queries/windows.ts'
import { dayMs, enoughRows, windowsOf } from './windows.ts'

export interface DriftContext {
  monitor: q.MonitorRow
  reference: Reference
  version: number
  /** Where entities are the unit: as many as the log holds. Absent, those of the verdict on this span. */
  units?: number | undefined
}

/** A column of one span: `isSevere` needs no second window to count. */
export type DriftColumn = ColumnVerdict & { isSevere: boolean }

const driftUnits = 14

/**
 * Where a verdict on drift that ends at a moment begins: what is declared, else 14 units; at least a day. Where rows
 * are units a day does, if it holds enough of them, else a week.
 */
export async function driftFrom(ctx: Ctx, { endpoint, spec, unit }: q.MonitorRow, end: number): Promise<number> {
  const { window } = spec.drift
  if (window !== undefined) return end - Math.max(dayMs, toMs(window))
  if (unit !== 'row') return end - Math.max(dayMs, driftUnits * windowsOf(spec, unit ?? 'day').unit)
  return (await rowsBetween(ctx.db, endpoint, end - dayMs, end)) < enoughRows ? end - 7 * dayMs : end - dayMs
}

interface Compared {
  name: string
  role: ColumnVerdict['role']
  reference: FrozenColumn | undefined
  profile: ColumnProfile | undefined
}

/** Column by column against the training data, for one span of event time (loop.md 7). */
export async function driftOf(ctx: Ctx, about: DriftContext, from: number, to: number): Promise<DriftColumn[]> {
  const { endpoint, spec, unit } = about.monitor
  const profile = await versionProfile(ctx.db, endpoint, about.version, from, to)
  const rows = profile?.rows ?? 0
  const units = unit === 'row' ? rows : await unitsServed(ctx, about, from, to)
  const references = Object.values(about.reference.columns)
  const referenceRows = Math.max(0, ...references.map((reference) => reference.profile.n))
  // The reference seldom says in which units it came; as many rows to a unit as now is the fair guess.
  const referenceUnits = rows === 0 ? 1 : Math.max(1, Math.round((referenceRows * units) / rows))
  const compared = columnsOf(about.reference, profile).filter(({ name }) => !isIgnored(spec, name))
  const verdicts = judgeDrift(
    compared.map((column) => ({
      ...column,
      referenceUnits,
      currentUnits: units,
      isCode: spec.columns[column.name]?.kind === 'category',
    })),
  )
  return verdicts.map((verdict, i) => toColumnVerdict(verdict, compared[i] as Compared))
}

/** What the version takes, known or not, and what it answers as far as the training run logged it. */
function columnsOf({ columns, inputs, outputs }: Reference, profile: WindowProfile | undefined): Compared[] {
  const own = (name: string): FrozenColumn | undefined => (Object.hasOwn(columns, name) ? columns[name] : undefined)
  const taken = inputs.map((name) => ({
    name,
    role: 'input' as const,
    reference: own(name),
    profile: profile?.columns[name],
  }))
  const given = outputs.map((name, i) => ({
    name,
    role: 'output' as const,
    reference: own(name) ?? (i === 0 ? own('prediction') : undefined),
    profile: profile?.outputs[name],
  }))
  return [...taken, ...given.filter(({ reference }) => reference !== undefined)]
}

const isIgnored = (spec: MonitorSpec, name: string): boolean =>
  spec.drift.ignore.includes(name) || spec.columns[name]?.ignore === true

/** What each judged window of drift found by itself, oldest first. */
export type DriftPast = readonly { found: readonly string[] }[]

const persistence = { times: 2, of: 3 }

/**
 * Drifted on a monitor is what was found in 2 of the last 3 judged windows, this one included; a severe shift counts at
 * once (loop.md 7). What was found once says so and stays `ok`.
 */
export function settleDrift(columns: readonly DriftColumn[], past: DriftPast): DriftColumn[] {
  const recent = past.slice(1 - persistence.of)
  return columns.map((column) => {
    if (column.state !== 'drifted' || column.isSevere) return column
    const times = 1 + recent.filter(({ found }) => found.includes(column.column)).length
    return times >= persistence.times ? column : { ...column, state: 'ok', what: `${column.what}; seen once so far` }
  })
}

/** Where entities are the unit those that the verdict on this span found; as long as there is none, none are known. */
async function unitsServed(ctx: Ctx, about: DriftContext, from: number, to: number): Promise<number> {
  const { monitor, version } = about
  if (monitor.unit === 'entity') return about.units ?? (await entitiesJudged(ctx.db, monitor.endpoint, from, to))
  const { unit } = windowsOf(monitor.spec, monitor.unit ?? 'day')
  const hours = (await trafficBetween(ctx.db, monitor.endpoint, from, to)).filter((row) => row.version === version)
  return new Set(hours.map(({ hour }) => Math.floor(hour / unit))).size
}

function toColumnVerdict(verdict: StatsVerdict, { role, reference, profile }: Compared): DriftColumn {
  return {
    column: verdict.name,
    role,
    isSevere: verdict.severe,
    kind: reference?.kind ?? profile?.kind ?? 'numeric',
    state: verdict.state,
    what: describe(verdict, reference, profile),
    effect: verdict.effect?.value ?? null,
    method:
      verdict.effect?.measure === 'total_variation'
        ? 'total variation'
        : verdict.effect?.measure === 'l_infinity'
          ? 'L∞'
          : 'KS',
    q: verdict.q ?? null,
    psi: verdict.psi ?? null,
    outside: verdict.outOfRangeShare ?? null,
    nulls: profile ? (missingShare(profile) ?? null) : null,
    unseen: verdict.unseenShare ?? null,
    ...impactOf(verdict.effect?.value, reference?.importance),
    bins: reference && profile ? sharesOf(reference, profile) : [],
  }
}

function impactOf(
  effect: number | undefined,
  importance: number | undefined,
): Pick<ColumnVerdict, 'importance' | 'impact'> {
  const isKnown = effect !== undefined && importance !== undefined
  return { importance: importance ?? null, impact: isKnown ? effect * importance : null }
}

/** What matters most first: what drifted, then by impact; columns whose importance is not known come after, by effect. */
export function byImpact(a: ColumnVerdict, b: ColumnVerdict): number {
  const rank = (column: ColumnVerdict): number => (column.state === 'drifted' ? 1 : 0)
  return rank(b) - rank(a) || (b.impact ?? -1) - (a.impact ?? -1) || (b.effect ?? 0) - (a.effect ?? 0)
}

function describe(
  verdict: StatsVerdict,
  reference: ReferenceColumn | undefined,
  profile: ColumnProfile | undefined,
): string {
  if (!reference) return 'the training run logged no such column'
  if (!profile) return 'no rows'
  if (verdict.state === 'insufficient') return 'not enough data'
  if (verdict.state === 'schema_changed') return 'another type or coding than in training'
  const still = verdict.state === 'constant' || isStill(profile) ? [`always ${onlyValue(reference, profile)}`] : []
  if (verdict.state === 'constant') return still.join()
  const parts = verdict.state === 'drifted' ? still : []
  if (verdict.causes.includes('missing') && verdict.missingChange !== undefined)
    parts.push(`nulls ${signed(verdict.missingChange, percent(verdict.missingChange))}`)
  if (verdict.unseenShare !== undefined && verdict.unseenShare >= 0.01)
    parts.push(
      `${percent(verdict.unseenShare)} new ${profile.unseenTop
        .slice(0, 2)
        .map(([value]) => `“${value}”`)
        .join(', ')}`,
    )
  if (verdict.meanShift !== undefined && Math.abs(verdict.meanShift) >= 0.1)
    parts.push(`mean ${signed(verdict.meanShift, fixed(verdict.meanShift, 1))} σ`)
  if (verdict.outOfRangeShare !== undefined && verdict.outOfRangeShare >= 0.01)
    parts.push(`${percent(verdict.outOfRangeShare)} outside the training range`)
  if (verdict.state === 'drifted') return parts.length > 0 ? parts.join(', ') : 'shape changed'
  if ((verdict.effect?.value ?? 0) >= DRIFT_LIMITS.ks) return [...parts, 'no more than chance'].join(', ')
  return parts.length > 0 ? parts.join(', ') : 'shape unchanged'
}

const isStill = (profile: ColumnProfile): boolean =>
  profile.kind === 'numeric' && countedValues(profile) > 1 && profile.moments.min === profile.moments.max

/** The one value of a constant column, in the reference's words. */
function onlyValue(reference: ReferenceColumn, profile: ColumnProfile): string {
  if (reference.kind === 'numeric') return String(profile.moments.mean)
  const at = profile.counts.findIndex((count) => count > 0)
  return `“${reference.dictionary.values[at] ?? profile.unseenTop[0]?.[0] ?? 'other'}”`
}

const shownBins = 20

/** Shares by bin for the small pictures: 60 bins nest to 20, categories keep the largest. */
function sharesOf(reference: ReferenceColumn, profile: ColumnProfile): ColumnVerdict['bins'] {
  const before = comparableCounts(reference.profile)
  const now = comparableCounts(profile)
  const total = (counts: readonly number[]): number =>
    Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    )
  const [beforeTotal, nowTotal] = [total(before), total(now)]
  const share = (counts: readonly number[], from: number, to: number, sum: number): number =>
    counts.slice(from, to).reduce((a, b) => a + b, 0) / sum
  if (reference.kind === 'category') {
    return [...reference.dictionary.values.slice(0, shownBins), 'new'].map((label, i) => {
      const at = label === 'new' ? now.length - 1 : i
      return { label, reference: share(before, at, at + 1, beforeTotal), current: share(now, at, at + 1, nowTotal) }
    })
  }
  return equalWidthShares(reference, before, now, beforeTotal, nowTotal)
}

/** Quantile bins shown on an even axis: each bin's share is spread over the even bins it overlaps. */
function equalWidthShares(
  reference: Extract<ReferenceColumn, { kind: 'numeric' }>,
  before: readonly number[],
  now: readonly number[],
  beforeTotal: number,
  nowTotal: number,
): ColumnVerdict['bins'] {
  const { edges } = reference.binSet
  const low = edges[0] ?? 0
  const high = edges.at(-1) ?? 1
  const width = (high - low) / (shownBins - 2) || 1
  const bins = Array.from({ length: shownBins }, (_, i) => ({
    label: (low + (i - 0.5) * width).toPrecision(3),
    reference: 0,
    current: 0,
  }))
  const add = (bin: number, ref: number, current: number): void => {
    const target = bins[Math.max(0, Math.min(shownBins - 1, bin))]
    if (!target) return
    target.reference += ref
    target.current += current
  }
  add(0, (before[0] ?? 0) / beforeTotal, (now[0] ?? 0) / nowTotal)
  add(shownBins - 1, (before.at(-1) ?? 0) / beforeTotal, (now.at(-1) ?? 0) / nowTotal)
  for (let i = 1; i < before.length - 1; i += 1) {
    const from = edges[i - 1] ?? low
    const to = edges[i] ?? from
    const first = Math.floor((from - low) / width)
    const last = Math.max(first, Math.ceil((to - low) / width) - 1)
    for (let bin = first; bin <= last; bin += 1) {
      const part = 1 / (last - first + 1)
      add(bin + 1, ((before[i] ?? 0) / beforeTotal) * part, ((now[i] ?? 0) / nowTotal) * part)
    }
  }
  return bins
}
