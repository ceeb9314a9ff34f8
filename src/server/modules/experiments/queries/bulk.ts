import { CompiledQuery } from 'kysely'
import type { Dialect } from '../../../platform/db/columns.ts'
import type { Db } from '../../../platform/db/db.ts'

const chunks = [100, 25, 5, 1]
const texts = new Map<string, string>()

/** `insert into table (…) values (…), (…) tail` with placeholders; few texts, so that statements stay prepared. */
function insertText(dialect: Dialect, table: string, columns: readonly string[], rows: number, tail: string): string {
  const key = `${dialect} ${table} ${rows} ${tail}`
  const known = texts.get(key)
  if (known !== undefined) return known
  let n = 0
  const cell = (): string => (dialect === 'postgres' ? `$${(n += 1)}` : '?')
  const row = (): string => `(${columns.map(cell).join(', ')})`
  const quoted = columns.map((column) => `"${column}"`).join(', ')
  const text = `insert into "${table}" (${quoted}) values ${Array.from({ length: rows }, row).join(', ')} ${tail}`
  texts.set(key, text)
  return text
}

/** Inserts many rows in few statements of fixed sizes; building each row through the query builder costs ten times more. */
export async function insertMany(
  db: Db,
  dialect: Dialect,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
  tail: string,
): Promise<void> {
  let at = 0
  for (const size of chunks) {
    while (rows.length - at >= size) {
      const values: unknown[] = []
      for (let i = at; i < at + size; i += 1) values.push(...(rows[i] ?? []))
      await db.executeQuery(CompiledQuery.raw(insertText(dialect, table, columns, size, tail), values))
      at += size
    }
  }
}
