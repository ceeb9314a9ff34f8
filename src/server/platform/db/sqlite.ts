import { SqliteAdapter, SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely'
import { MainstayError } from '../../../contract/errors.ts'
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite'

/** node:sqlite where Node has it, else the package with the same API and prebuilt binaries (Node 20). */
async function driver(): Promise<new (path: string) => DatabaseSyncInstance> {
  try {
    const builtIn = 'node:sqlite'
    return ((await import(builtIn)) as typeof import('@photostructure/sqlite')).DatabaseSync
  } catch {
    const { DatabaseSync } = await import('@photostructure/sqlite')
    return DatabaseSync
  }
}

type Bindable = null | number | bigint | string | Uint8Array

function bind(value: unknown): Bindable {
  if (value === undefined) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  // The package takes what lies less than an epsilon above a whole number for that number; SQLite reads the text exactly.
  if (typeof value === 'number' && value > 0 && value < Number.EPSILON) return String(value)
  return value as Bindable
}

const cacheSize = 500

/** SQLite makes tables in transactions; kysely has it otherwise, and a start that was killed between two could not go on. */
class WholeMigrations extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class Dialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new WholeMigrations()
  }
}

/** Gives a node:sqlite handle the shape that kysely wants and keeps prepared statements. */
class Adapter implements SqliteDatabase {
  readonly #handle: DatabaseSyncInstance
  readonly #cache = new Map<string, SqliteStatement>()

  constructor(handle: DatabaseSyncInstance) {
    this.#handle = handle
  }

  /** After this the one file holds everything, for those who copy it. */
  close(): void {
    this.#cache.clear()
    try {
      this.#handle.exec('pragma wal_checkpoint(truncate)')
    } finally {
      this.#handle.close()
    }
  }

  prepare(sql: string): SqliteStatement {
    const cached = this.#cache.get(sql)
    if (cached) return cached
    const statement = wrap(this.#handle.prepare(sql))
    if (this.#cache.size >= cacheSize) this.#cache.clear()
    this.#cache.set(sql, statement)
    return statement
  }
}

function wrap(statement: StatementSyncInstance): SqliteStatement {
  const names = statement.columns().map(({ name }) => name)
  const all = rowsOf(statement, names)
  return {
    reader: names.length > 0,
    all,
    run(parameters) {
      const { changes, lastInsertRowid } = statement.run(...parameters.map(bind))
      return { changes: BigInt(changes), lastInsertRowid: BigInt(lastInsertRowid) }
    },
    // A cached statement cannot be iterated by two readers at once, so a stream is read whole.
    iterate: (parameters) => all(parameters)[Symbol.iterator](),
  }
}

/** A row that comes as a list costs half of one that the driver makes an object of. Node 22 knows no lists. */
function rowsOf(
  statement: StatementSyncInstance,
  names: readonly string[],
): (parameters: readonly unknown[]) => unknown[] {
  if (typeof statement.setReturnArrays !== 'function') return (parameters) => statement.all(...parameters.map(bind))
  statement.setReturnArrays(true)
  const toRow = (cells: readonly unknown[]): Record<string, unknown> => {
    const row: Record<string, unknown> = {}
    for (let i = 0; i < names.length; i += 1) row[names[i] as string] = cells[i]
    return row
  }
  return (parameters) => (statement.all(...parameters.map(bind)) as unknown[][]).map(toRow)
}

// Result codes of SQLite.
const corrupt = 11
const notADatabase = 26

/** Opens the file (or `:memory:`) with one writer connection, WAL and foreign keys. */
export async function openSqlite(path: string, synchronous: 'normal' | 'full'): Promise<SqliteDialect> {
  const Database = await driver()
  const handle = new Database(path)
  try {
    for (const pragma of [
      'busy_timeout = 5000',
      'journal_mode = wal',
      `synchronous = ${synchronous}`,
      'cache_size = -32768',
      'temp_store = memory',
    ]) {
      handle.exec(`pragma ${pragma}`)
    }
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number }
    if (errcode !== corrupt && errcode !== notADatabase) throw error
    throw new MainstayError('platform.database_damaged', `${path} cannot be read: ${message}`, {}, { cause: error })
  }
  return new Dialect({ database: new Adapter(handle) })
}

/** Holds an exclusive lock on a file as long as the process lives; undefined if another process holds it. */
export async function lockFile(path: string): Promise<{ release(): void } | undefined> {
  const Database = await driver()
  const handle = new Database(path)
  try {
    handle.exec('pragma busy_timeout = 0; begin exclusive')
  } catch {
    handle.close()
    return undefined
  }
  return { release: () => handle.close() }
}

/** Writes a whole and compact copy of a database that others may be writing to, as it stands at one moment. */
export async function snapshotSqlite(path: string, target: string): Promise<void> {
  const Database = await driver()
  const handle = new Database(path)
  try {
    handle.exec('pragma busy_timeout = 5000')
    handle.prepare('vacuum into ?').run(target)
  } finally {
    handle.close()
  }
}

/** What SQLite complains of in a database; undefined if it is sound. */
export async function checkSqlite(path: string): Promise<string | undefined> {
  const Database = await driver()
  const handle = new Database(path)
  try {
    const { integrity_check: said } = handle.prepare('pragma integrity_check').get() as { integrity_check: string }
    return said === 'ok' ? undefined : said
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    handle.close()
  }
}
