import { fileURLToPath } from 'node:url'
import type { ColumnKind, Signature } from '../../../contract/signature.ts'
import { buildReference, type CellValue, type ReferenceColumn } from '../../../stats/profile.ts'
import type { Analytics } from '../../platform/analytics/analytics.ts'
import { literal } from '../../platform/analytics/protocol.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { findExport, getVersion, type ModelExport, type Version } from '../registry/module.ts'
import { measureImportance } from './importance.ts'
import { unitOfRows } from './log-unit.ts'
import * as q from './queries/endpoints.ts'

const mostRows = 200_000
/** When a reference row happened; it tells the unit of evidence and is no feature. */
const timeColumn = 'event_time'

/** A column of the training data as it was, with how much it moves the model's answers where that could be measured. */
export type FrozenColumn = ReferenceColumn & { importance?: number }

/**
 * Freezes the reference of a version from the training rows that its run logged, once; without such rows the
 * version has no reference, and its columns say so.
 */
export async function ensureReference(
  ctx: Ctx,
  { home, analytics }: { home: string; analytics: Analytics },
  model: string,
  version: number,
): Promise<void> {
  if ((await q.findReference(ctx.db, model, version)) !== undefined) return
  const row = await getVersion(ctx, model, version)
  if (row.reference_digest === null) return
  const exported = row.tree === null ? undefined : await findExport(ctx.db, row.tree)
  const kinds = kindsOf(exported?.signature ?? undefined)
  const rows = await readRows(ctx, analytics, row, kinds)
  const names = Object.keys(rows[0] ?? {}).filter((name) => name !== timeColumn)
  const unit = unitOfRows(rows, timeColumn) ?? null
  const importance = await importanceOf(ctx, home, exported, rows)
  const columns: Record<string, FrozenColumn> = {}
  for (const name of names) {
    const isText = kinds.get(name) === 'string'
    const reference = buildReference(
      rows.map((cells) => cellOf(cells[name] as CellValue, isText)),
      isText ? { kind: 'category' } : {},
    )
    const share = importance.get(name)
    if (reference) columns[name] = share === undefined ? reference : { ...reference, importance: share }
  }
  const { digest } = await ctx.blobs.putBytes(JSON.stringify(columns))
  await ctx.tx((ctx) => q.insertReference(ctx.db, { model, version, digest, rows: rows.length, unit }))
}

/** Unknown for a model that cannot be asked: the reference is frozen without it. */
async function importanceOf(
  ctx: Ctx,
  home: string,
  exported: ModelExport | undefined,
  rows: readonly Record<string, unknown>[],
): Promise<ReadonlyMap<string, number>> {
  const { onnx, signature } = exported ?? {}
  if (!onnx || !signature) return new Map()
  return await measureImportance(ctx, home, { onnxDigest: onnx, signature }, rows).catch((error: unknown) => {
    ctx.log.warn({ onnx, err: error }, 'the importance of the inputs could not be measured')
    return new Map<string, number>()
  })
}

/** Kinds by column as requests bring them; `prediction` is what the model answers, whatever its graph calls it. */
function kindsOf(signature: Signature | undefined): ReadonlyMap<string, ColumnKind> {
  const { inputs = [], outputs = [] } = signature ?? {}
  const answer = outputs[0] ? [['prediction', outputs[0].kind] as const] : []
  return new Map([...answer, ...[...inputs, ...outputs].map(({ name, kind }) => [name, kind] as const)])
}

/** A cell as the data plane counts it: texts stay texts, truth values are 1 and 0. */
function cellOf(value: CellValue, isText: boolean): CellValue {
  if (value === null || value === undefined) return null
  if (isText) return String(value)
  return typeof value === 'boolean' ? Number(value) : value
}

async function readRows(
  ctx: Ctx,
  analytics: Analytics,
  row: Version,
  kinds: ReadonlyMap<string, ColumnKind>,
): Promise<Record<string, unknown>[]> {
  const path = literal(fileURLToPath(ctx.blobs.urlOf(row.reference_digest ?? '')))
  const source = row.reference_format === 'parquet' ? `read_parquet(${path})` : await csvSource(analytics, path, kinds)
  const rows = await analytics.query<Record<string, unknown>>(`select * from ${source} limit ${mostRows}`)
  return rows.map(plainCells)
}

/** Codes that look like numbers are read as the texts that they are: 007 is not 7. */
async function csvSource(analytics: Analytics, path: string, kinds: ReadonlyMap<string, ColumnKind>): Promise<string> {
  const options = `${path}, header = true, sample_size = -1`
  const columns = await analytics.query<{ column_name: string }>(
    `select column_name from (describe select * from read_csv(${options}))`,
  )
  const texts = columns.flatMap(({ column_name: name }) => (kinds.get(name) === 'string' ? [name] : []))
  const types = texts.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ')
  return `read_csv(${options}${texts.length > 0 ? `, types = {${types}}` : ''})`
}

function plainCells(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]),
  )
}
