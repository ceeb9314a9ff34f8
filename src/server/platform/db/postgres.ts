import { PostgresDialect } from 'kysely'
import pg from 'pg'

const int8 = 20

/** A pool of at most ten connections; 64-bit integers arrive as numbers (all of ours are below 2^53). */
export function openPostgres(url: string): PostgresDialect {
  const { searchParams } = new URL(url)
  const schema = searchParams.get('schema')
  pg.types.setTypeParser(int8, Number)
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    ...(schema === null ? {} : { options: `-c search_path=${schema}` }),
  })
  return new PostgresDialect({ pool })
}
