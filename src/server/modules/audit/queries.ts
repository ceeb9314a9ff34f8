import { sql, type Selectable } from 'kysely'
import type { AuditRecord } from '../../../contract/audit.ts'
import type { Dialect } from '../../platform/db/columns.ts'
import type { Db } from '../../platform/db/db.ts'
import type { AuditRecordTable } from './tables.ts'

export type ChainRow = Selectable<AuditRecordTable>

export const toRecord = (row: ChainRow): AuditRecord => ({
  id: row.id,
  at: row.at,
  actor: row.actor,
  action: row.action,
  subject: row.subject,
  details: JSON.parse(row.details) as Record<string, unknown>,
  digest: row.digest,
})

/** Two writers must not extend the same end. SQLite has one writer; PostgreSQL needs the table lock. */
export async function lockChain(db: Db, dialect: Dialect): Promise<void> {
  if (dialect === 'postgres') await sql`lock table audit_record in exclusive mode`.execute(db)
}

export async function newestRow(db: Db): Promise<ChainRow | undefined> {
  return await db.selectFrom('audit_record').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirst()
}

export async function insertRow(db: Db, row: ChainRow): Promise<void> {
  await db.insertInto('audit_record').values(row).execute()
}

export async function rowsAfter(db: Db, id: number, limit: number): Promise<ChainRow[]> {
  return await db.selectFrom('audit_record').selectAll().where('id', '>', id).orderBy('id').limit(limit).execute()
}

interface RecordFilter {
  /** Older than this one. */
  before?: number | undefined
  subject?: string | undefined
  /** Each stands somewhere in the record. */
  words: readonly string[]
}

export async function newestFirst(db: Db, filter: RecordFilter, limit: number): Promise<ChainRow[]> {
  let query = db.selectFrom('audit_record').selectAll().orderBy('id', 'desc').limit(limit)
  if (filter.before !== undefined) query = query.where('id', '<', filter.before)
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject)
  for (const word of filter.words) {
    const pattern = `%${word.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`
    query = query.where(
      sql<boolean>`lower(actor || ' ' || action || ' ' || subject || ' ' || details) like ${pattern} escape '\\'`,
    )
  }
  return await query.execute()
}
