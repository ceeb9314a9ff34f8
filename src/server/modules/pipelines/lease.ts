import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ctx } from '../../platform/ctx.ts'
import { finishWithin, listUnfinished } from './attempt.ts'
import { durable } from './durable.ts'
import * as h from './queries/holders.ts'

export const beatMs = 10_000
const leaseMs = 45_000
const marginMs = 10_000

/** The name under which the servers of one home, one after the other, hold attempts. */
export async function holderOf(home: string): Promise<string> {
  const path = join(home, 'pipelines', 'holder')
  await mkdir(join(home, 'pipelines'), { recursive: true })
  await writeFile(path, `holder_${randomBytes(8).toString('hex')}`, { flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    },
  )
  return (await readFile(path, 'utf8')).trim()
}

/**
 * Signs of life without any wall clock: a holder counts up, and the others measure with their own monotonic
 * clock how long its number stands still. A jump of the date neither ends nor prolongs a lease.
 */
export class Leases {
  readonly #ctx: Ctx
  readonly #holder: string
  readonly #seen = new Map<string, { beat: number; at: number }>()
  #renewed: number

  constructor(ctx: Ctx, holder: string) {
    this.#ctx = ctx
    this.#holder = holder
    this.#renewed = ctx.clock.monotonic()
  }

  async renew(): Promise<void> {
    await durable(this.#ctx, 'pipelines.lease', (ctx) => h.beat(ctx.db, ctx.project, this.#holder))
    this.#renewed = this.#ctx.clock.monotonic()
  }

  /** True when others may by now believe that we are gone: our processes must then end. */
  hasLapsed(): boolean {
    return this.#ctx.dialect === 'postgres' && this.#ctx.clock.monotonic() - this.#renewed > leaseMs - marginMs
  }

  /** Gives up the attempts of holders that have shown no sign of life for the lease's length. */
  async takeFromTheDead(): Promise<boolean> {
    const now = this.#ctx.clock.monotonic()
    let taken = false
    for (const { id, beat } of await h.listOthersAtWork(this.#ctx.db, this.#holder)) {
      const seen = this.#seen.get(id)
      if (seen?.beat !== beat) this.#seen.set(id, { beat, at: now })
      else if (now - seen.at > leaseMs) taken = (await this.#giveUp(id, beat)) || taken
    }
    return taken
  }

  async #giveUp(holder: string, beat: number): Promise<boolean> {
    const attempts = await listUnfinished(this.#ctx, holder)
    await durable(this.#ctx, 'pipelines.lease', async (ctx) => {
      if ((await h.findHolder(ctx.db, holder))?.beat !== beat) return
      for (const attempt of attempts) {
        await finishWithin(ctx, attempt, () =>
          Promise.resolve({ kind: 'lost', sentence: 'its server has shown no sign of life' }),
        )
      }
    })
    return attempts.length > 0
  }
}
