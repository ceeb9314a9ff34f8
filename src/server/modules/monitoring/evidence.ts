import type { ReferenceColumn } from '../../../stats/profile.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { findServable, listVariants } from '../serving/module.ts'
import type { UnitOutcome } from './performance-rules.ts'
import * as q from './queries/windows.ts'
import { mergeColumns, type ColumnProfiles } from './sinks.ts'

export type References = Record<string, ReferenceColumn>

/** The frozen reference columns of a version: what its training data looked like. */
export async function readReferences(ctx: Ctx, model: string, version: number): Promise<References> {
  const servable = await findServable(ctx, model, version)
  if (!servable || servable.referenceDigest === null) return {}
  return JSON.parse((await ctx.blobs.read(servable.referenceDigest)).toString()) as References
}

export interface LiveVersion {
  model: string
  version: number
}

export async function liveVersion(db: Db, endpoint: string): Promise<LiveVersion | undefined> {
  const variants = await listVariants(db, endpoint)
  const live = variants.find((variant) => variant.role === 'live')
  return live && { model: live.model, version: live.version }
}

export interface WindowProfile {
  version: number
  rows: number
  errors: number
  columns: ColumnProfiles
  outputs: ColumnProfiles
}

/** Live rows of a window as one profile, per version that served; newest version last. */
export async function windowProfiles(db: Db, endpoint: string, from: number, to: number): Promise<WindowProfile[]> {
  const live = (await q.profilesBetween(db, endpoint, from, to)).filter((row) => row.kind === 'live')
  return merged(live)
}

/**
 * What one version saw, whoever answered: while versions score every request, its shadow rows are the requests that
 * another one answered, so a new version can be compared with its training data from its first day in shadow.
 */
export async function versionProfile(
  db: Db,
  endpoint: string,
  version: number,
  from: number,
  to: number,
): Promise<WindowProfile | undefined> {
  const rows = (await q.profilesBetween(db, endpoint, from, to)).filter((row) => row.version === version)
  return merged(rows)[0]
}

function merged(rows: readonly q.ProfileRow[]): WindowProfile[] {
  const byVersion = new Map<number, WindowProfile>()
  for (const row of rows) {
    const known = byVersion.get(row.version) ?? { version: row.version, rows: 0, errors: 0, columns: {}, outputs: {} }
    known.rows += row.rows
    known.errors += row.errors
    known.columns = mergeColumns(known.columns, JSON.parse(row.columns) as ColumnProfiles)
    known.outputs = mergeColumns(known.outputs, JSON.parse(row.outputs) as ColumnProfiles)
    byVersion.set(row.version, known)
  }
  return [...byVersion.values()].sort((a, b) => a.version - b.version)
}

/** Sums of live rows by unit, with how many rows were served; `version` narrows to one, `kind` to what it did in shadow. */
export async function unitOutcomes(
  db: Db,
  endpoint: string,
  from: number,
  to: number,
  unitMs: number,
  served: ReadonlyMap<number, number>,
  only: { version?: number; kind?: 'live' | 'shadow' } = {},
): Promise<UnitOutcome[]> {
  const units = new Map<number, UnitOutcome>()
  const unitOf = (start: number): UnitOutcome => {
    const known = units.get(start)
    if (known) return known
    const made = {
      start,
      n: 0,
      error: 0,
      absError: 0,
      squaredError: 0,
      actual: 0,
      absActual: 0,
      logLoss: 0,
      correct: 0,
      rows: served.get(start) ?? 0,
    }
    units.set(start, made)
    return made
  }
  for (const start of served.keys()) unitOf(start)
  const kind = only.kind ?? 'live'
  for (const row of await q.outcomesByUnit(db, endpoint, { from, to, unit: unitMs }, { kind, version: only.version })) {
    const unit = unitOf(row.start)
    unit.n = row.n
    unit.error = row.error ?? Number.NaN
    unit.absError = row.abs_error ?? Number.NaN
    unit.squaredError = row.squared_error ?? Number.NaN
    unit.actual = row.actual ?? Number.NaN
    unit.absActual = row.abs_actual ?? Number.NaN
    unit.logLoss = row.log_loss ?? Number.NaN
    unit.correct = row.correct
  }
  return [...units.values()].sort((a, b) => a.start - b.start)
}

/** Actuals by hour of the live rows, for the naive forecast. */
export async function actualsByHour(db: Db, endpoint: string, from: number, to: number): Promise<Map<number, number>> {
  const byHour = new Map<number, number>()
  for (const row of await q.outcomesBetween(db, endpoint, from, to)) {
    if (row.kind === 'live') byHour.set(row.hour, (byHour.get(row.hour) ?? 0) + (row.actual ?? Number.NaN))
  }
  return byHour
}
