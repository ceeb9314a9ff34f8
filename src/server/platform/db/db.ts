import { AsyncLocalStorage } from 'node:async_hooks'
import { Kysely, sql, type Dialect as KyselyDialect, type Driver, type Transaction } from 'kysely'
import { MainstayError } from '../../../contract/errors.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Dialect } from './columns.ts'
import { holdPostgres, openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import type { Tables } from './tables.ts'

/** The handle every query takes first: the database, or the transaction that is open on it. */
export type Db = Kysely<Tables> | Transaction<Tables>
export type Trx = Transaction<Tables>

const warnAfterMs = 1_000
const refuseAfterMs = 5_000

/** One open database with the guard against queries that escape their transaction. */
export class Database {
  readonly db: Kysely<Tables>
  readonly dialect: Dialect
  readonly #inside: AsyncLocalStorage<true>
  readonly #clock: Clock
  readonly #log: Logger
  readonly #release: () => Promise<void>

  private constructor(
    dialect: Dialect,
    driver: KyselyDialect,
    clock: Clock,
    log: Logger,
    release: () => Promise<void>,
  ) {
    this.#release = release
    this.#inside = new AsyncLocalStorage()
    this.#clock = clock
    this.#log = log
    this.dialect = dialect
    this.db = new Kysely<Tables>({ dialect: guarded(driver, this.#inside) })
  }

  /** `sqlite:PATH`, `sqlite::memory:` or `postgres://…`, with `?schema=` for tests that share a server. */
  static async open(
    url: string,
    options: { clock: Clock; log: Logger; synchronous: 'normal' | 'full' },
  ): Promise<Database> {
    const isSqlite = url.startsWith('sqlite:')
    const { clock, log } = options
    if (isSqlite) {
      const driver = await openSqlite(url.slice('sqlite:'.length), options.synchronous)
      return new Database('sqlite', driver, clock, log, () => Promise.resolve())
    }
    const held = await holdPostgres(url)
    return new Database('postgres', openPostgres(url, log), clock, log, () => held.release())
  }

  /** Throws if the database cannot be asked, or has not been migrated. */
  async ping(): Promise<void> {
    await sql`select name from schema_migration limit 1`.execute(this.db)
  }

  /** Whether it was never migrated: this is the first start, or the file was lost. */
  async isNew(): Promise<boolean> {
    const tables = await this.db.introspection.getTables()
    return !tables.some(({ name }) => name === 'schema_migration')
  }

  /** Runs database calls, and nothing else, in one transaction. */
  async transaction<T>(run: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return await this.db.transaction().execute((trx) =>
      this.#inside.run(true, async () => {
        const started = this.#clock.monotonic()
        const result = await run(trx)
        const took = this.#clock.monotonic() - started
        if (took > refuseAfterMs) {
          throw new MainstayError('platform.transaction_too_long', `a transaction was open for ${Math.round(took)} ms`)
        }
        if (took > warnAfterMs)
          this.#log.warn({ took: Math.round(took) }, 'a transaction was open for more than a second')
        return result
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.destroy()
    await this.#release()
  }
}

/**
 * Inside a transaction, asking the pool for another connection is a mistake on both dialects:
 * on SQLite it would wait for itself, on PostgreSQL it would silently write outside the transaction.
 */
function guarded(dialect: KyselyDialect, inside: AsyncLocalStorage<true>): KyselyDialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => {
      const driver: Driver = dialect.createDriver()
      const acquire = driver.acquireConnection.bind(driver)
      driver.acquireConnection = async () => {
        if (inside.getStore() === true) {
          throw new MainstayError('platform.transaction_escaped', 'a query inside a transaction did not use its handle')
        }
        return await acquire()
      }
      return driver
    },
  }
}
