import {
  PostgresDialect,
  sql,
  type DatabaseIntrospector,
  type Kysely,
  type SchemaMetadata,
  type TableMetadata,
} from 'kysely'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { MainstayError } from '../../../contract/errors.ts'
import type { Logger } from '../log.ts'

const int8 = 20

function connectionOf(url: string): pg.ClientConfig {
  const schema = new URL(url).searchParams.get('schema')
  return { connectionString: url, ...(schema === null ? {} : { options: `-c search_path=${schema}` }) }
}

/** A pool of at most ten connections; 64-bit integers arrive as numbers (all of ours are below 2^53). */
export function openPostgres(url: string, log: Logger): PostgresDialect {
  pg.types.setTypeParser(int8, Number)
  const pool = new pg.Pool({ ...connectionOf(url), max: 10 })
  // A connection that waited for work; the next query opens another.
  pool.on('error', (error) => log.warn({ why: error.message }, 'an idle connection to PostgreSQL was lost'))
  return new OwnSchemaDialect({ pool })
}

/**
 * Migrations ask which tables there are, and Kysely asks that of every schema of the database: what others make and drop
 * there meanwhile would break our start.
 */
class OwnSchemaDialect extends PostgresDialect {
  override createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    const getSchemas = async (): Promise<SchemaMetadata[]> =>
      (await sql<SchemaMetadata>`select current_schema() as name`.execute(db)).rows
    const getTables = async (): Promise<TableMetadata[]> => {
      const { rows } = await sql<{ name: string; schema: string }>`
        select tablename as name, schemaname as schema from pg_tables where schemaname = current_schema()`.execute(db)
      return rows.map((row) => ({ ...row, isView: false, columns: [] }))
    }
    return { getSchemas, getTables, getMetadata: async () => ({ tables: await getTables() }) }
  }
}

const lockSpace = 7070_0002
const tries = 20
const pauseMs = 250

/** Says where, and never with which password. */
function unreachable(url: string, cause: Error): MainstayError {
  const { hostname, port } = new URL(url)
  const message = `PostgreSQL at ${hostname}:${port || 5432} cannot be used: ${cause.message}`
  return new MainstayError('platform.database_unreachable', message, {}, { cause })
}

/**
 * Keeps a second control process away from a schema as long as this one lives: spool, data planes and tokens belong to
 * one home. The server lets go when the connection ends; one that was just killed is waited for.
 */
export async function holdPostgres(url: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ ...connectionOf(url), keepAlive: true })
  // With the connection goes the lock: this process must not work on, and its next start takes the lock again.
  client.on('error', (error) => {
    throw unreachable(url, error)
  })
  await client.connect().catch((error: Error) => {
    throw unreachable(url, error)
  })
  for (let i = 0; i < tries; i += 1) {
    const { rows } = await client.query<{ held: boolean }>(
      'select pg_try_advisory_lock($1, hashtext(current_schema())) as held',
      [lockSpace],
    )
    if (rows[0]?.held === true) return { release: () => client.end() }
    await sleep(pauseMs)
  }
  await client.end()
  throw new MainstayError('platform.database_in_use', 'another Mainstay works on this PostgreSQL database')
}
