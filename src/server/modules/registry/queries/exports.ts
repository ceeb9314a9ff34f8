import type { Selectable } from 'kysely'
import type { z } from 'zod'
import { Signature } from '../../../../contract/signature.ts'
import { Difference } from '../../../../contract/registry.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { ExportState, ModelExportTable, UploadTable } from '../tables.ts'

/** What is known of a tree's ONNX form. */
export interface ModelExport {
  tree: string
  state: ExportState
  onnx: string | null
  signature: Signature | null
  /** Null: unknown, since the model has no input example. */
  difference: Difference | null
  reason: string | null
  referenceDigest: string | null
}

const toExport = (row: Selectable<ModelExportTable>): ModelExport => ({
  tree: row.tree,
  state: row.state,
  onnx: row.onnx,
  signature: row.signature === null ? null : Signature.parse(JSON.parse(row.signature)),
  difference: row.difference === null ? null : Difference.parse(JSON.parse(row.difference)),
  reason: row.reason,
  referenceDigest: row.reference_digest,
})

export async function findExport(db: Db, tree: string): Promise<ModelExport | undefined> {
  const row = await db.selectFrom('model_export').selectAll().where('tree', '=', tree).executeTakeFirst()
  return row && toExport(row)
}

export async function listExports(db: Db, trees: readonly string[]): Promise<ModelExport[]> {
  if (trees.length === 0) return []
  const rows = await db
    .selectFrom('model_export')
    .selectAll()
    .where('tree', 'in', [...new Set(trees)])
    .execute()
  return rows.map(toExport)
}

/** False if the tree is known already, unless it could not be exported: then it waits again. */
export async function insertPendingExport(db: Db, project: string, tree: string, now: number): Promise<boolean> {
  const result = await db
    .insertInto('model_export')
    .values({
      tree,
      project_id: project,
      state: 'pending',
      onnx: null,
      signature: null,
      difference: null,
      reason: null,
      reference_digest: null,
      requested_at: now,
      finished_at: null,
    })
    .onConflict((conflict) =>
      conflict
        .column('tree')
        .doUpdateSet({ state: 'pending', reason: null, requested_at: now, finished_at: null })
        .where('model_export.state', '=', 'not_exportable'),
    )
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function finishExport(
  db: Db,
  result: Omit<ModelExport, 'signature'> & { signature: z.input<typeof Signature> | null },
  now: number,
): Promise<void> {
  await db
    .updateTable('model_export')
    .set({
      state: result.state,
      onnx: result.onnx,
      signature: result.signature === null ? null : JSON.stringify(result.signature),
      difference: result.difference === null ? null : JSON.stringify(result.difference),
      reason: result.reason,
      reference_digest: result.referenceDigest,
      finished_at: now,
    })
    .where('tree', '=', result.tree)
    .execute()
}

export async function insertUpload(db: Db, row: Selectable<UploadTable>): Promise<void> {
  await db.insertInto('model_upload').values(row).execute()
}

export async function findUpload(db: Db, id: string): Promise<Selectable<UploadTable> | undefined> {
  return await db.selectFrom('model_upload').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function deleteUpload(db: Db, id: string): Promise<void> {
  await db.deleteFrom('model_upload').where('id', '=', id).execute()
}
