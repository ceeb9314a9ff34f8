import { createHash } from 'node:crypto'
import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type { listAudit, verifyAudit } from '../../../contract/audit.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { fromPageToken, toPage } from '../../platform/db/paging.ts'
import * as q from './queries.ts'

const genesis = '0'.repeat(64)

/** Everything a record says goes into its digest, with the digest of the record before it. */
function digestOf(row: Omit<q.ChainRow, 'digest'>): string {
  const { id, project_id, at, actor, action, subject, details, previous } = row
  return createHash('sha256')
    .update(JSON.stringify([previous, id, project_id, at, actor, action, subject, details]))
    .digest('hex')
}

/** Appends to the record of who did what, in the transaction of the deed itself. */
export async function audit(
  ctx: TxCtx,
  action: string,
  subject: string,
  details: Record<string, unknown> = {},
): Promise<void> {
  await q.lockChain(ctx.db, ctx.dialect)
  const newest = await q.newestRow(ctx.db)
  const row = {
    id: (newest?.id ?? 0) + 1,
    project_id: ctx.project,
    at: ctx.clock.now(),
    actor: ctx.actor.name,
    action,
    subject,
    details: JSON.stringify(details),
    previous: newest?.digest ?? genesis,
  }
  await q.insertRow(ctx.db, { ...row, digest: digestOf(row) })
}

export async function listRecords(ctx: Ctx, input: Parsed<typeof listAudit>): Promise<Output<typeof listAudit>> {
  const before = input.after === undefined ? undefined : Number(fromPageToken(input.after)[0])
  const words = (input.search ?? '').split(/\s+/).filter((word) => word !== '')
  const rows = await q.newestFirst(ctx.db, { before, subject: input.subject, words }, input.limit + 1)
  const page = toPage(rows, input.limit, (row) => [row.id])
  return { ...page, items: page.items.map(q.toRecord) }
}

const step = 1_000

export async function verifyChain(ctx: Ctx, { kept }: Parsed<typeof verifyAudit>): Promise<Output<typeof verifyAudit>> {
  let previous = genesis
  let id = 0
  let kept_at: number | null = null
  for (;;) {
    const rows = await q.rowsAfter(ctx.db, id, step)
    for (const row of rows) {
      if (row.id !== id + 1 || row.previous !== previous || digestOf(row) !== row.digest)
        return { records: id, intact: false, broken_at: id + 1, newest: previous, kept_at }
      previous = row.digest
      id = row.id
      if (row.digest === kept) kept_at = id
    }
    if (rows.length < step) {
      const intact = kept === undefined || kept_at !== null
      return { records: id, intact, broken_at: null, newest: previous, kept_at }
    }
  }
}
