import { sql, type Transaction } from 'kysely'
import type { Database } from './db.ts'
import type { Tables } from './tables.ts'

interface Waiting {
  run(trx: Transaction<Tables>): Promise<() => void>
  fail(error: unknown): void
}

const largestGroup = 256

/**
 * Writes that arrive together share one commit, each acknowledged after it.
 * Each runs under its own savepoint, so one that fails takes no other along.
 */
export class GroupCommit {
  readonly #database: Database
  #waiting: Waiting[] = []
  #running = false

  constructor(database: Database) {
    this.#database = database
  }

  write<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        run: async (trx) => {
          const result = await work(trx)
          return () => resolve(result)
        },
        fail: reject,
      })
      if (!this.#running) {
        this.#running = true
        setImmediate(() => void this.#drain())
      }
    })
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, largestGroup)
      await this.#commit(group)
    }
    this.#running = false
  }

  async #commit(group: Waiting[]): Promise<void> {
    const acknowledge: (() => void)[] = []
    try {
      await this.#database.transaction(async (trx) => {
        for (const write of group) {
          await sql`savepoint member`.execute(trx)
          try {
            acknowledge.push(await write.run(trx))
            await sql`release savepoint member`.execute(trx)
          } catch (error) {
            await sql`rollback to savepoint member`.execute(trx)
            acknowledge.push(() => write.fail(error))
          }
        }
      })
    } catch (error) {
      for (const write of group) write.fail(error)
      return
    }
    for (const tell of acknowledge) tell()
  }
}
