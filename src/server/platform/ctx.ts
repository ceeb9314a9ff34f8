import type { Role } from '../../contract/permissions.ts'
import type { Blobs } from './blobs/blobs.ts'
import type { Clock } from './clock.ts'
import type { Dialect } from './db/columns.ts'
import type { Database, Db, Trx } from './db/db.ts'
import { GroupCommit } from './db/group-commit.ts'
import { insertEvents, type DomainEvent } from './events/outbox.ts'
import { insertJob, type JobRequest } from './jobs/queue.ts'
import type { Logger } from './log.ts'

/** Who is asking: a person on this machine, the holder of a token, Mainstay itself, or somebody who did not say. */
export interface Actor {
  kind: 'local' | 'token' | 'system' | 'anonymous'
  name: string
  role: Role | 'nobody'
  /** Set when the token belongs to a pipeline attempt: what it creates is the step's. */
  attempt?: string
}

export const anonymous: Actor = { kind: 'anonymous', name: 'anonymous', role: 'nobody' }

export const systemActor: Actor = { kind: 'system', name: 'mainstay', role: 'admin' }

/** Technology that a use case may need; no product words. */
export interface Ctx {
  readonly db: Db
  readonly dialect: Dialect
  readonly clock: Clock
  readonly blobs: Blobs
  readonly log: Logger
  readonly actor: Actor
  readonly project: string
  /** One transaction; events and jobs made in it exist if and only if it commits. Nested calls join. */
  tx<T>(run: (ctx: TxCtx) => Promise<T>): Promise<T>
  /** Like `tx`, but shares its commit with writes that arrive together: for hot ingest. */
  groupTx<T>(run: (ctx: TxCtx) => Promise<T>): Promise<T>
  as(actor: Actor): Ctx
}

export interface TxCtx extends Ctx {
  emit(event: DomainEvent): void
  enqueue(job: JobRequest): Promise<void>
}

export interface CtxParts {
  database: Database
  clock: Clock
  blobs: Blobs
  log: Logger
  /** Called after a commit that made events or jobs, to wake their runners. */
  wake(what: 'events' | 'jobs'): void
}

interface Pending {
  events: DomainEvent[]
  jobs: number
}

/** Builds the root context; every request and job gets one with its own actor. */
export function createCtx(parts: CtxParts, actor: Actor, project = 'default'): Ctx {
  const groups = groupCommitOf(parts.database)
  const base = {
    dialect: parts.database.dialect,
    clock: parts.clock,
    blobs: parts.blobs,
    log: parts.log,
    actor,
    project,
  }

  const inside = async <T>(trx: Trx, pending: Pending, run: (ctx: TxCtx) => Promise<T>): Promise<T> => {
    const ctx: TxCtx = {
      ...base,
      db: trx,
      tx: (nested) => nested(ctx),
      groupTx: (nested) => nested(ctx),
      as: () => ctx,
      emit: (event) => pending.events.push(event),
      enqueue: async (job) => {
        pending.jobs += 1
        await insertJob(trx, base.clock.now(), project, job)
      },
    }
    const result = await run(ctx)
    await insertEvents(trx, parts.database.dialect, base.clock.now(), project, pending.events)
    return result
  }

  const wake = (pending: Pending): void => {
    if (pending.events.length > 0) parts.wake('events')
    if (pending.jobs > 0) parts.wake('jobs')
  }

  return {
    ...base,
    db: parts.database.db,
    async tx(run) {
      const pending: Pending = { events: [], jobs: 0 }
      const result = await parts.database.transaction((trx) => inside(trx, pending, run))
      wake(pending)
      return result
    },
    async groupTx(run) {
      const pending: Pending = { events: [], jobs: 0 }
      const result = await groups.write((trx) => inside(trx, pending, run))
      wake(pending)
      return result
    },
    as: (other) => createCtx(parts, other, project),
  }
}

const groupCommits = new WeakMap<Database, GroupCommit>()

function groupCommitOf(database: Database): GroupCommit {
  const known = groupCommits.get(database)
  if (known) return known
  const made = new GroupCommit(database)
  groupCommits.set(database, made)
  return made
}
