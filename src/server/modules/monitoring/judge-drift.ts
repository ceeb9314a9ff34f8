import { judgeDrift, type ColumnVerdict as StatsVerdict } from '../../../stats/drift-verdict.ts'
import { comparableCounts, missingShare, type ColumnProfile, type ReferenceColumn } from '../../../stats/profile.ts'
import type { ColumnVerdict, MonitorSpec } from '../../../contract/monitoring.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { trafficBetween } from '../serving/module.ts'
import { versionProfile, type References } from './evidence.ts'
import type * as q from './queries/windows.ts'
import { percent } from './words.ts'

export interface DriftContext {
  endpoint: string
  references: References
  version: number
  unit: q.MonitorRow['unit']
  unitMs: number
  ignore: readonly string[]
}

/** Column by column against the training data, for one span of event time (loop.md 7). */
export async function driftOf(ctx: Ctx, about: DriftContext, from: number, to: number): Promise<ColumnVerdict[]> {
  const profile = await versionProfile(ctx.db, about.endpoint, about.version, from, to)
  const rows = profile?.rows ?? 0
  const units = about.unit === 'row' ? rows : await unitsServed(ctx, about, from, to)
  const referenceRows = Math.max(0, ...Object.values(about.references).map((reference) => reference.profile.n))
  // The reference seldom says in which units it came; as many rows to a unit as now is the fair guess.
  const referenceUnits = rows === 0 ? 1 : Math.max(1, Math.round((referenceRows * units) / rows))
  const names = [...new Set([...Object.keys(about.references), ...Object.keys(profile?.columns ?? {})])]
  const known = names.filter((name) => !about.ignore.includes(name) && name !== 'prediction')
  const verdicts = judgeDrift(
    known.map((name) => ({
      name,
      reference: about.references[name],
      profile: profile?.columns[name],
      referenceUnits,
      currentUnits: units,
    })),
  )
  return verdicts.map((verdict) =>
    toColumnVerdict(verdict, about.references[verdict.name], profile?.columns[verdict.name]),
  )
}

async function unitsServed(ctx: Ctx, about: DriftContext, from: number, to: number): Promise<number> {
  const hours = (await trafficBetween(ctx.db, about.endpoint, from, to)).filter((row) => row.version === about.version)
  return new Set(hours.map(({ hour }) => Math.floor(hour / about.unitMs))).size
}

/** What a monitor leaves out of drift: named there or marked at the column. */
export function ignoredColumns(spec: MonitorSpec): string[] {
  const marked = Object.entries(spec.columns).flatMap(([name, column]) => (column.ignore === true ? [name] : []))
  return [...spec.drift.ignore, ...marked]
}

function toColumnVerdict(
  verdict: StatsVerdict,
  reference: ReferenceColumn | undefined,
  profile: ColumnProfile | undefined,
): ColumnVerdict {
  return {
    column: verdict.name,
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
    impact: null,
    bins: reference && profile ? sharesOf(reference, profile) : [],
  }
}

function describe(
  verdict: StatsVerdict,
  reference: ReferenceColumn | undefined,
  profile: ColumnProfile | undefined,
): string {
  if (verdict.state === 'insufficient') return 'not enough data'
  if (!profile) return 'no rows'
  if (!reference) return 'no reference'
  if (verdict.state === 'schema_changed') return 'another type or coding than in training'
  if (verdict.state === 'constant') return `always ${onlyValue(reference, profile)}`
  const parts: string[] = []
  if (verdict.causes.includes('missing') && verdict.missingChange !== undefined)
    parts.push(`nulls ${verdict.missingChange > 0 ? '+' : '−'}${percent(Math.abs(verdict.missingChange))}`)
  if (verdict.unseenShare !== undefined && verdict.unseenShare >= 0.01)
    parts.push(
      `${percent(verdict.unseenShare)} new ${profile.unseenTop
        .slice(0, 2)
        .map(([value]) => `“${value}”`)
        .join(', ')}`,
    )
  if (verdict.meanShift !== undefined && Math.abs(verdict.meanShift) >= 0.1)
    parts.push(`mean ${verdict.meanShift > 0 ? '+' : '−'}${Math.abs(verdict.meanShift).toFixed(1)} σ`)
  if (verdict.outOfRangeShare !== undefined && verdict.outOfRangeShare >= 0.01)
    parts.push(`${percent(verdict.outOfRangeShare)} outside the training range`)
  if (parts.length === 0) return verdict.state === 'drifted' ? 'shape changed' : 'shape unchanged'
  return parts.join(', ')
}

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
