import {
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Driver,
  type Selectable,
} from 'kysely'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Dialect } from '../server/platform/db/columns.ts'
import type { Db } from '../server/platform/db/db.ts'
import type { Tables } from '../server/platform/db/tables.ts'

type Query = (db: Db, ...rest: never[]) => Promise<unknown>
type Call = (db: Db, dialect: Dialect) => Promise<unknown>

/** One call, or one for each form that a query takes, for every query of a file: none can be forgotten. */
export type Calls<Q> = { [K in keyof Q as Q[K] extends Query ? K : never]: Call | Record<string, Call> }

/** Ties a file of queries to calls of them; the compiler refuses a file of which a query is not called. */
export const callsOf = <Q>(_queries: Q, calls: Calls<Q>): Record<string, Call | Record<string, Call>> => calls

/**
 * Compares the SQL that the calls make on each dialect with what is checked in beside the module
 * (`queries.<dialect>.sql`). No database is asked. `npm run sql` writes the files.
 */
export function sqlIsCheckedIn(testFile: string, files: readonly Record<string, Call | Record<string, Call>>[]): void {
  test.each<Dialect>(['sqlite', 'postgres'])('the SQL of %s is the one that is checked in', async (dialect) => {
    const parts: string[] = []
    for (const [name, calls] of files.flatMap((file) => Object.entries(file))) {
      const forms = typeof calls === 'function' ? { '': calls } : calls
      for (const [form, call] of Object.entries(forms)) {
        const statements = await statementsOf(dialect, call)
        parts.push(`-- ${name}${form && `: ${form}`}\n${statements.map((sql) => `${sql};\n`).join('')}`)
      }
    }
    await expect(parts.join('\n')).toMatchFileSnapshot(fileURLToPath(new URL(`queries.${dialect}.sql`, testFile)))
  })
}

/** What a call asks when the database has nothing, and what more it asks when each answer is one row. */
async function statementsOf(dialect: Dialect, call: Call): Promise<string[]> {
  const recorded = new Set<string>()
  for (const rows of [[], [anyRow]]) {
    const db = new Kysely<Tables>({ dialect: cold(dialect, recorded, rows) })
    // What a query makes of an answer that no database gave says nothing about its SQL.
    await call(db, dialect).catch(() => undefined)
  }
  return [...recorded]
}

const anyRow: object = new Proxy({}, { get: () => 1 })

const compilers = {
  sqlite: {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  postgres: {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
}

/** Compiles and notes; every statement is answered with the same rows. */
function cold(dialect: Dialect, recorded: Set<string>, rows: readonly object[]) {
  const connection: DatabaseConnection = {
    executeQuery: <R>({ sql }: { sql: string }) => {
      recorded.add(sql.replace(/\s+/g, ' ').trim())
      return Promise.resolve({ rows: rows as R[], numAffectedRows: BigInt(rows.length) })
    },
    streamQuery: () => {
      throw new Error('queries are not streamed')
    },
  }
  const nothing = (): Promise<void> => Promise.resolve()
  const driver: Driver = {
    init: nothing,
    acquireConnection: () => Promise.resolve(connection),
    beginTransaction: nothing,
    commitTransaction: nothing,
    rollbackTransaction: nothing,
    releaseConnection: nothing,
    destroy: nothing,
  }
  return { ...compilers[dialect], createDriver: () => driver }
}

const schema = readFileSync(new URL('../server/platform/db/schema.sqlite.sql', import.meta.url), 'utf8')
const sample: Readonly<Record<string, unknown>> = { text: 'x', integer: 1, real: 0.5, blob: Buffer.alloc(1) }

/** A row with every column of a table, as the checked-in schema has it. */
export function rowOf<T extends keyof Tables>(table: T): Selectable<Tables[T]> {
  const columns = new RegExp(`^CREATE TABLE "?${String(table)}"? \\((.*)$`, 'ms').exec(schema)?.[1]?.split(';', 1)[0]
  if (columns === undefined) throw new Error(`the checked-in schema has no table ${String(table)}`)
  const found = columns.matchAll(/"?(\w+)"? (text|integer|real|blob)\b/g)
  return Object.fromEntries([...found].map(([, name, type]) => [name, sample[type ?? '']])) as Selectable<Tables[T]>
}

/** The same before the database has given it its number. */
export function newRowOf<T extends keyof Tables>(table: T): Omit<Selectable<Tables[T]>, 'id'> {
  return Object.fromEntries(Object.entries(rowOf(table)).filter(([name]) => name !== 'id')) as Omit<
    Selectable<Tables[T]>,
    'id'
  >
}
