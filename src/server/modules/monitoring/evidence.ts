import type { Unit } from '../../../stats/blocks.ts'
import { addScoreCounts } from '../../../stats/score-counts.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { findServable, listVariants, servedByUnit, type FrozenColumn } from '../serving/module.ts'
import { isComplete, type Metric, type UnitOutcome } from './performance-rules.ts'
import * as o from './queries/outcomes.ts'
import * as q from './queries/windows.ts'
import { mergeColumns, type ColumnProfiles } from './sinks.ts'
import { dayMs } from './windows.ts'

/** What the training data of a version looked like, and which of its columns the version takes and gives. */
export interface Reference {
  columns: Readonly<Record<string, FrozenColumn>>
  inputs: readonly string[]
  outputs: readonly string[]
}

export const noReference: Reference = { columns: {}, inputs: [], outputs: [] }

export async function readReference(ctx: Ctx, { model, version }: LiveVersion): Promise<Reference> {
  const servable = await findServable(ctx, model, version)
  if (!servable) return noReference
  const { referenceDigest: digest, signature } = servable
  const columns = digest === null ? {} : (JSON.parse((await ctx.blobs.read(digest)).toString()) as Reference['columns'])
  const names = (side: readonly { name: string }[]): string[] => side.map(({ name }) => name)
  return { columns, inputs: names(signature.inputs), outputs: names(signature.outputs) }
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

/** Rows that were answered in a span. */
export async function rowsBetween(db: Db, endpoint: string, from: number, to: number): Promise<number> {
  const days = await servedByUnit(db, endpoint, from, to, dayMs)
  return [...days.values()].reduce((sum, rows) => sum + rows, 0)
}

/** What each judged window of drift before found by itself; old windows that did not keep it found nothing. */
export async function driftPast(db: Db, endpoint: string, before: number): Promise<{ found: readonly string[] }[]> {
  const past = await q.judgedWindows(db, endpoint, 'drift', { limit: 2, before })
  return past.reverse().map(({ numbers }) => ({ found: (numbers['found'] ?? []) as string[] }))
}

/** The units of the newest verdict on drift in a span, where entities are the unit; 0 where there is none. */
export async function entitiesJudged(db: Db, endpoint: string, from: number, to: number): Promise<number> {
  const judged = (await q.windowsBetween(db, endpoint, 'drift', from, to)).findLast(({ stop }) => stop <= to)
  return Number(judged?.numbers['units'] ?? 0)
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

export interface UnitsWanted {
  from: number
  to: number
  unit: number
  /** Rows served by unit, labelled or not. */
  served: ReadonlyMap<number, number>
  metric: Metric
  kind?: 'live' | 'shadow'
  version?: number
  /** What else than time makes a unit; nothing, if absent. */
  apart?: o.Apart
}

/** Where rows are independent the parts of a busy hour are units of their own, where entities are the unit their slices are. */
export function apartIn(unit: Unit | null): o.Apart {
  return unit === 'row' ? 'blocks' : unit === 'entity' ? 'slices' : 'nothing'
}

/**
 * Sums of labelled rows by unit: of all live rows, or of one version, or of what versions did in shadow. Slices come day by
 * day, so that a day can be left out; `together` makes units of them.
 */
export async function unitOutcomes(db: Db, endpoint: string, wanted: UnitsWanted): Promise<UnitOutcome[]> {
  const { served, kind = 'live', version, apart = 'nothing' } = wanted
  const rows = await o.outcomesByUnit(db, endpoint, { ...wanted, apart }, { kind, version })
  const labelled = new Map<number, number>()
  for (const row of rows) labelled.set(row.start, (labelled.get(row.start) ?? 0) + row.n)
  const scores = wanted.metric === 'auc' ? await scoresByUnit(db, endpoint, wanted) : undefined
  const units = rows.map((row): UnitOutcome => {
    // Who has no label yet is in none of an hour's blocks; the blocks share them by their size.
    const share = row.n / Math.max(1, labelled.get(row.start) ?? 0)
    const known = (sum: number | null): number => sum ?? Number.NaN
    return {
      start: row.start,
      slice: apart === 'slices' ? row.block : undefined,
      n: row.n,
      named: row.named,
      rows: (served.get(row.start) ?? 0) * share,
      error: known(row.error),
      absError: known(row.abs_error),
      squaredError: known(row.squared_error),
      actual: known(row.actual),
      absActual: known(row.abs_actual),
      logLoss: known(row.log_loss),
      correct: row.correct,
      tp: known(row.tp),
      fp: known(row.fp),
      fn: known(row.fn),
      scores: scores?.get(unitKey(row.start, row.block)),
    }
  })
  const unlabelled = [...served].filter(([start]) => !labelled.has(start))
  return [...units, ...unlabelled.map(([start, rows]) => emptyUnit(start, rows))].sort((a, b) => a.start - b.start)
}

/** Labelled rows of the spans of time of whose rows nearly all have a label, by their start: others speak of a chosen part. */
export async function completeUnits(
  db: Db,
  endpoint: string,
  { from, to, unit }: { from: number; to: number; unit: number },
): Promise<Map<number, number>> {
  const served = await servedByUnit(db, endpoint, from, to, unit)
  const units = await unitOutcomes(db, endpoint, { from, to, unit, served, metric: 'accuracy' })
  return new Map(units.filter(isComplete).map(({ start, n }) => [start, n]))
}

const unitKey = (start: number, block: number): string => `${start} ${block}`

function emptyUnit(start: number, rows: number): UnitOutcome {
  const sums = { error: 0, absError: 0, squaredError: 0, actual: 0, absActual: 0, logLoss: 0 }
  return { ...sums, start, slice: undefined, rows, n: 0, named: 0, correct: 0, tp: 0, fp: 0, fn: 0, scores: undefined }
}

async function scoresByUnit(
  db: Db,
  endpoint: string,
  wanted: UnitsWanted,
): Promise<Map<string, Map<number, [number, number]>>> {
  const { kind = 'live', version, unit, apart = 'nothing' } = wanted
  const found = new Map<string, Map<number, [number, number]>>()
  const unknown = new Set<string>()
  for (const row of await o.scoresByHour(db, endpoint, wanted, { kind, version })) {
    const key = unitKey(Math.floor(row.hour / unit) * unit, apart === 'nothing' ? 0 : row.block)
    if (row.scores === null) unknown.add(key)
    const counts = found.get(key) ?? new Map<number, [number, number]>()
    addScoreCounts(counts, row.scores ?? '')
    found.set(key, counts)
  }
  for (const key of unknown) found.delete(key)
  return found
}

/** Actuals by hour of the live rows, for the naive forecast. */
export async function actualsByHour(db: Db, endpoint: string, from: number, to: number): Promise<Map<number, number>> {
  const rows = await o.actualByHour(db, endpoint, from, to)
  return new Map(rows.map(({ hour, actual }) => [hour, actual ?? Number.NaN]))
}
