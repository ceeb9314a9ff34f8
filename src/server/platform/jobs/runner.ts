import type { Ctx, TxCtx } from '../ctx.ts'
import { buryJob, claimJob, deferJob, finishJob, releaseExpired, renewJob, sweepDone, type Job } from './queue.ts'

/** What a handler says at its end: done, or not yet. */
export type JobOutcome = { again: number } | undefined | void

export interface JobHandler {
  kind: string
  /**
   * Must be idempotent: it may run again after a crash. Effects on the database that must happen once go
   * through `finish`, which commits them together with the job's end.
   */
  run(ctx: Ctx, job: Job, finish: (effects: (ctx: TxCtx) => Promise<void>) => Promise<void>): Promise<JobOutcome>
  maxAttempts?: number
}

const leaseMs = 45_000
const idleMs = 500
const dayMs = 86_400_000
const longestBackoffMs = 300_000

/** Exponential from half a second, capped at five minutes. */
function backoffMs(attempts: number): number {
  return Math.min(longestBackoffMs, 500 * 2 ** (attempts - 1))
}

/** Claims leased jobs and runs them, a few at a time. */
export class JobRunner {
  readonly #ctx: Ctx
  readonly #handlers: ReadonlyMap<string, JobHandler>
  readonly #width: number
  readonly #active = new Map<string, Promise<void>>()
  #wake: (() => void) | undefined
  #dirty = false
  #stopped = false
  #loop: Promise<void> | undefined

  constructor(ctx: Ctx, handlers: readonly JobHandler[], width = 6) {
    this.#ctx = ctx
    this.#handlers = new Map(handlers.map((handler) => [handler.kind, handler]))
    this.#width = width
  }

  start(): void {
    this.#loop = this.#run()
  }

  nudge(): void {
    this.#dirty = true
    this.#wake?.()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#wake?.()
    await this.#loop
    await Promise.all(this.#active.values())
  }

  async #run(): Promise<void> {
    const kinds = [...this.#handlers.keys()]
    let swept = 0
    // A SQLite file has one control process: whoever held a lease before was killed. (And the fence guards if not.)
    if (this.#ctx.dialect === 'sqlite')
      await releaseExpired(this.#ctx.db, Number.MAX_SAFE_INTEGER, this.#ctx.clock.now())
    while (!this.#stopped) {
      this.#dirty = false
      const now = this.#ctx.clock.now()
      if (now - swept > 5_000) {
        swept = now
        await releaseExpired(this.#ctx.db, now, now)
        await sweepDone(this.#ctx.db, now - dayMs)
      }
      const job =
        this.#active.size < this.#width && kinds.length > 0
          ? await claimJob(this.#ctx.db, kinds, now, leaseMs)
          : undefined
      if (job) this.#begin(job)
      else if (!this.#dirty) await this.#sleep()
    }
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, idleMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #begin(job: Job): void {
    const work = this.#attempt(job).finally(() => {
      this.#active.delete(job.id)
      this.nudge()
    })
    this.#active.set(job.id, work)
  }

  async #attempt(job: Job): Promise<void> {
    const handler = this.#handlers.get(job.kind)
    if (!handler) return
    const ctx = this.#ctx
    const renewal = setInterval(() => {
      renewJob(ctx.db, job, ctx.clock.now() + leaseMs).catch((error: unknown) =>
        ctx.log.warn({ job: job.id, err: error }, 'lease not renewed'),
      )
    }, leaseMs / 3)
    let finished = false
    const finish = async (effects: (ctx: TxCtx) => Promise<void>): Promise<void> => {
      await ctx.tx(async (ctx) => {
        if (!(await finishJob(ctx.db, job, ctx.clock.now()))) throw new LostLease(job.id)
        await effects(ctx)
      })
      finished = true
    }
    try {
      const outcome = await handler.run(ctx, job, finish)
      if (finished) return
      if (outcome) await deferJob(ctx.db, job, outcome.again, null)
      else await finishJob(ctx.db, job, ctx.clock.now())
    } catch (error) {
      await this.#failed(handler, job, error)
    } finally {
      clearInterval(renewal)
    }
  }

  async #failed(handler: JobHandler, job: Job, error: unknown): Promise<void> {
    const { db, clock, log } = this.#ctx
    if (error instanceof LostLease) {
      log.warn({ job: job.id, kind: job.kind }, 'lease lost; another holder has the job')
      return
    }
    const text = error instanceof Error ? error.message : String(error)
    if (job.attempts >= (handler.maxAttempts ?? 8)) {
      log.error({ job: job.id, kind: job.kind, err: error }, 'job is dead after its last attempt')
      await buryJob(db, job, clock.now(), text)
    } else {
      log.warn(
        { job: job.id, kind: job.kind, attempts: job.attempts, err: error },
        'job failed; it will be tried again',
      )
      await deferJob(db, job, clock.now() + backoffMs(job.attempts), text)
    }
  }
}

class LostLease extends Error {}
