import type { Selectable } from 'kysely'
import type { Db } from '../db/db.ts'
import type { Migration } from '../db/migrate.ts'
import { newId } from '../ids.ts'

export type JobState = 'ready' | 'running' | 'done' | 'dead'

interface JobTable {
  id: string
  project_id: string
  kind: string
  /** At most one job of a kind and key waits at a time. */
  key: string | null
  /** Jobs of one lane never run at the same time. */
  lane: string | null
  payload: string
  state: JobState
  run_at: number
  attempts: number
  /** Attempts in a row that were cut off: whoever ran them was killed, which is not the job's failure unless it repeats. */
  cut_off: number
  fence: number
  lease_until: number | null
  error: string | null
  created_at: number
  ended_at: number | null
}

declare module '../db/tables.ts' {
  interface Tables {
    job: JobTable
  }
}

export const jobMigrations: Migration[] = [
  {
    name: '2026-11-21-job',
    async up({ createTable, createIndex }) {
      await createTable(
        'job',
        {
          id: 'text',
          project_id: 'text',
          kind: 'text',
          key: 'text?',
          lane: 'text?',
          payload: 'json',
          state: 'text',
          run_at: 'millis',
          attempts: 'int',
          fence: 'int',
          lease_until: 'millis?',
          error: 'text?',
          created_at: 'millis',
          ended_at: 'millis?',
        },
        ['id'],
      )
      await createIndex('job_ready', 'job', ['run_at'], { where: `state = 'ready'` })
      await createIndex('job_waiting_key', 'job', ['kind', 'key'], {
        unique: true,
        where: `state = 'ready' and key is not null`,
      })
      await createIndex('job_running_lane', 'job', ['lane'], {
        unique: true,
        where: `state = 'running' and lane is not null`,
      })
    },
  },
  {
    name: '2026-11-21-job-cut-off',
    async up({ addColumn }) {
      await addColumn('job', 'cut_off', 'int', 0)
    },
  },
]

export interface JobRequest {
  kind: string
  payload?: unknown
  key?: string
  lane?: string
  /** Not before this time, ms UTC. */
  runAt?: number
}

export interface Job {
  id: string
  project: string
  kind: string
  payload: unknown
  attempts: number
  fence: number
  lane: string | null
}

const toJob = (row: Selectable<JobTable>): Job => ({
  id: row.id,
  project: row.project_id,
  kind: row.kind,
  payload: JSON.parse(row.payload),
  attempts: row.attempts,
  fence: row.fence,
  lane: row.lane,
})

/** A request whose kind and key wait already changes nothing. */
export async function insertJob(db: Db, now: number, project: string, job: JobRequest): Promise<void> {
  await db
    .insertInto('job')
    .values({
      id: newId('job', now),
      project_id: project,
      kind: job.kind,
      key: job.key ?? null,
      lane: job.lane ?? null,
      payload: JSON.stringify(job.payload ?? {}),
      state: 'ready',
      run_at: job.runAt ?? now,
      attempts: 0,
      cut_off: 0,
      fence: 0,
      lease_until: null,
      error: null,
      created_at: now,
      ended_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Takes the oldest due job whose lane is free; the lane's unique index settles a race. */
export async function claimJob(
  db: Db,
  kinds: readonly string[],
  now: number,
  leaseMs: number,
): Promise<Job | undefined> {
  const row = await db
    .updateTable('job')
    .set(({ eb }) => ({
      state: 'running' as const,
      attempts: eb('attempts', '+', 1),
      fence: eb('fence', '+', 1),
      lease_until: now + leaseMs,
      key: null,
    }))
    .where('state', '=', 'ready')
    .where('id', '=', (query) =>
      query
        .selectFrom('job as candidate')
        .select('candidate.id')
        .where('candidate.state', '=', 'ready')
        .where('candidate.run_at', '<=', now)
        .where('candidate.kind', 'in', [...kinds])
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('job as busy')
                .select('busy.id')
                .whereRef('busy.lane', '=', 'candidate.lane')
                .where('busy.state', '=', 'running'),
            ),
          ),
        )
        .orderBy('candidate.run_at')
        .orderBy('candidate.id')
        .limit(1),
    )
    .returningAll()
    .executeTakeFirst()
  return row && toJob(row)
}

/** The fence makes a late finisher of a lost lease change nothing. */
async function endAttempt(db: Db, job: Job, values: Partial<Selectable<JobTable>>): Promise<boolean> {
  const result = await db
    .updateTable('job')
    .set({ ...values, cut_off: 0, lease_until: null })
    .where('id', '=', job.id)
    .where('fence', '=', job.fence)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export const finishJob = (db: Db, job: Job, now: number) =>
  endAttempt(db, job, { state: 'done', ended_at: now, error: null })

export const deferJob = (db: Db, job: Job, runAt: number, error: string | null) =>
  endAttempt(db, job, { state: 'ready', run_at: runAt, error })

export const buryJob = (db: Db, job: Job, now: number, error: string) =>
  endAttempt(db, job, { state: 'dead', ended_at: now, error })

export async function renewJob(db: Db, job: Job, until: number): Promise<boolean> {
  const result = await db
    .updateTable('job')
    .set({ lease_until: until })
    .where('id', '=', job.id)
    .where('fence', '=', job.fence)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** As often a holder may die over one job before the job is taken to be what kills it. */
const mostCutOff = 10

/**
 * Jobs whose holder is gone become ready again, and the attempt that was cut off is not counted: a killed server is no failure
 * of what it did. One that is cut off ten times in a row is dead, since it may be what kills the server.
 */
export async function releaseExpired(db: Db, expiredBy: number, now: number): Promise<void> {
  const expired = db.updateTable('job').where('state', '=', 'running').where('lease_until', '<', expiredBy)
  const error = `the server was killed ${mostCutOff} times in a row while it ran`
  await expired
    .set({ state: 'dead', lease_until: null, ended_at: now, error, cut_off: mostCutOff })
    .where('cut_off', '>=', mostCutOff - 1)
    .execute()
  await expired
    .set(({ eb }) => ({
      state: 'ready' as const,
      lease_until: null,
      attempts: eb('attempts', '-', 1),
      cut_off: eb('cut_off', '+', 1),
    }))
    .execute()
}

/** Work of a lane (or of lanes that start alike) that is due or running now. */
export async function countPending(db: Db, lanePrefix: string, now: number): Promise<number> {
  const row = await db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('lane', 'like', `${lanePrefix}%`)
    .where(({ or, and, eb }) =>
      or([eb('state', '=', 'running'), and([eb('state', '=', 'ready'), eb('run_at', '<=', now)])]),
    )
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

export interface DeadJob {
  id: string
  kind: string
  error: string | null
  attempts: number
  ended_at: number | null
}

export async function listDeadJobs(db: Db, limit: number): Promise<DeadJob[]> {
  return await db
    .selectFrom('job')
    .select(['id', 'kind', 'error', 'attempts', 'ended_at'])
    .where('state', '=', 'dead')
    .orderBy('ended_at', 'desc')
    .limit(limit)
    .execute()
}

export async function countJobs(db: Db): Promise<{ kind: string; state: JobState; n: number }[]> {
  const rows = await db
    .selectFrom('job')
    .select(({ fn }) => ['kind', 'state', fn.countAll<number>().as('n')])
    .groupBy(['kind', 'state'])
    .execute()
  return rows.map((row) => ({ ...row, n: Number(row.n) }))
}

/** Finished jobs are of no use after a day. */
export async function sweepDone(db: Db, before: number): Promise<void> {
  await db.deleteFrom('job').where('state', '=', 'done').where('ended_at', '<', before).execute()
}
