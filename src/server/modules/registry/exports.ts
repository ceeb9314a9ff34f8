import { MainstayError } from '../../../contract/errors.ts'
import type { GateResult } from '../../../contract/registry.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import * as q from './queries/exports.ts'
import { findVersionById, insertGate, type GateRow, type VersionRow } from './queries/versions.ts'

export type { ModelExport } from './queries/exports.ts'

/** Two exports may run at once; each takes a core for some seconds. */
const lanes = 2

/**
 * Asks for the ONNX form of a tree, in the caller's transaction. A tree is exported once; only one that had no ONNX
 * form is tried again, because the Python that exports may have lacked a package.
 */
export async function requestExport(ctx: TxCtx, tree: string): Promise<q.ModelExport> {
  if (await q.insertPendingExport(ctx.db, ctx.project, tree, ctx.clock.now())) {
    const lane = Number.parseInt(tree.slice(0, 8), 16) % lanes
    await ctx.enqueue({ kind: 'registry.export', key: tree, lane: `registry.export:${lane}`, payload: { tree } })
  }
  const found = await q.findExport(ctx.db, tree)
  if (!found) throw new MainstayError('artifacts.not_found', `the export of ${tree} was not stored`)
  return found
}

export async function findExport(db: Db, tree: string): Promise<q.ModelExport | undefined> {
  return await q.findExport(db, tree)
}

/** What serving needs to know of a version. */
export interface VersionExport {
  version: VersionRow
  /** Absent if the version's files lie outside of this server. */
  export: q.ModelExport | undefined
}

export async function exportOf(db: Db, versionId: string): Promise<VersionExport> {
  const version = await findVersionById(db, versionId)
  if (!version)
    throw new MainstayError('registry.version_not_found', `no model version has the id ${versionId.slice(0, 80)}`)
  return { version, export: version.tree === null ? undefined : await q.findExport(db, version.tree) }
}

export interface Gate {
  versionId: string
  /** e.g. `performance`, `fairness`, `latency`. */
  kind: string
  passed: boolean
  /** The verdict in one sentence, for people. */
  sentence: string
  numbers: Readonly<Record<string, unknown>>
}

/** Keeps a gate's verdict with its numbers; several of one kind are a history, the newest counts. */
export async function recordGate(ctx: TxCtx, gate: Gate): Promise<GateResult> {
  const { version } = await exportOf(ctx.db, gate.versionId)
  const row = {
    project_id: ctx.project,
    version: version.id,
    kind: gate.kind,
    passed: gate.passed ? 1 : 0,
    sentence: gate.sentence,
    numbers: JSON.stringify(gate.numbers),
    at: ctx.clock.now(),
  }
  return toGate({ ...row, id: await insertGate(ctx.db, row) })
}

export const toGate = (row: GateRow): GateResult => ({
  id: row.id,
  kind: row.kind,
  passed: row.passed === 1,
  sentence: row.sentence,
  numbers: JSON.parse(row.numbers) as Record<string, unknown>,
  at: row.at,
})
