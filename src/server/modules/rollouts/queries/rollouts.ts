import type { Selectable } from 'kysely'
import type { RolloutVerdict } from '../../../../contract/rollouts.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { ReplayResult } from '../rules.ts'
import type { RolloutTable, RolloutVerdictTable } from '../tables.ts'

/** What the steps have brought so far, for the page and for recomputing. */
export interface Progress {
  steps: { name: string; startedAt: number | null; endedAt: number | null; facts: string[] }[]
  replay?: ReplayResult
  errorState?: unknown
  /** How far both versions' answers to the same requests lie apart. */
  predictions?: { distance: number; n: number }
  /** Entities that each version was given in the present step, as last counted. */
  split?: { counts: readonly [champion: number, candidate: number]; weight: number; at: number }
  trip?: unknown
  /** A person was told that it is not worse and outside the limit. */
  toldOutside?: boolean
  /** Event time since when it has been so without a break. */
  outsideSince?: number
}

export type RolloutRow = Omit<Selectable<RolloutTable>, 'progress' | 'answers_drift'> & {
  progress: Progress
  answersDrift: boolean
}

const toRollout = ({ progress, answers_drift, ...row }: Selectable<RolloutTable>): RolloutRow => ({
  ...row,
  progress: JSON.parse(progress) as Progress,
  answersDrift: answers_drift === 1,
})

export async function insertRollout(db: Db, row: Selectable<RolloutTable>): Promise<void> {
  await db.insertInto('rollout').values(row).execute()
}

export async function findRollout(db: Db, id: string): Promise<RolloutRow | undefined> {
  const row = await db.selectFrom('rollout').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toRollout(row)
}

export async function activeRollout(db: Db, endpoint: string): Promise<RolloutRow | undefined> {
  const row = await db
    .selectFrom('rollout')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return row && toRollout(row)
}

export async function listRollouts(db: Db, endpoint: string | undefined, limit: number): Promise<RolloutRow[]> {
  let query = db.selectFrom('rollout').selectAll().orderBy('started_at', 'desc').orderBy('id', 'desc').limit(limit)
  if (endpoint !== undefined) query = query.where('endpoint', '=', endpoint)
  return (await query.execute()).map(toRollout)
}

export async function updateRollout(
  db: Db,
  id: string,
  values: Partial<Omit<Selectable<RolloutTable>, 'progress'>> & { progress?: Progress },
): Promise<void> {
  const { progress, ...rest } = values
  await db
    .updateTable('rollout')
    .set({ ...rest, ...(progress === undefined ? {} : { progress: JSON.stringify(progress) }) })
    .where('id', '=', id)
    .execute()
}

/** One verdict per rollout and event time: a decision that runs again replaces nothing. */
export async function insertVerdict(db: Db, row: Selectable<RolloutVerdictTable>): Promise<void> {
  const { verdict, sentence, checks, stage, weight, at } = row
  await db
    .insertInto('rollout_verdict')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['rollout', 'event_time']).doUpdateSet({ verdict, sentence, checks, stage, weight, at }),
    )
    .execute()
}

const toVerdict = (row: Selectable<RolloutVerdictTable>): RolloutVerdict => ({
  id: row.id,
  at: row.at,
  event_time: row.event_time,
  stage: row.stage,
  weight: row.weight,
  verdict: row.verdict,
  sentence: row.sentence,
  checks: JSON.parse(row.checks) as RolloutVerdict['checks'],
})

export async function listVerdicts(db: Db, rollout: string): Promise<RolloutVerdict[]> {
  const rows = await db
    .selectFrom('rollout_verdict')
    .selectAll()
    .where('rollout', '=', rollout)
    .orderBy('event_time')
    .execute()
  return rows.map(toVerdict)
}

export async function newestVerdict(db: Db, rollout: string): Promise<RolloutVerdict | undefined> {
  const row = await db
    .selectFrom('rollout_verdict')
    .selectAll()
    .where('rollout', '=', rollout)
    .orderBy('event_time', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toVerdict(row)
}

export interface Promoted {
  version: number
  model: string
  at: number
}

/** Versions that were live before, newest first: where a rollback can go. */
export async function promotedVersions(db: Db, endpoint: string): Promise<Promoted[]> {
  const rows = await db
    .selectFrom('rollout')
    .select(['candidate', 'model', 'ended_at'])
    .where('endpoint', '=', endpoint)
    .where('stage', '=', 'promoted')
    .orderBy('ended_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map((row) => ({ version: row.candidate, model: row.model, at: row.ended_at ?? 0 }))
}

/** A version that was taken back is no healthy version to return to, and its promotion no longer counts as a change. */
export async function undoPromotion(
  db: Db,
  endpoint: string,
  version: number,
  why: { sentence: string; at: number },
): Promise<void> {
  await db
    .updateTable('rollout')
    .set({ stage: 'rolled_back', weight: 0, sentence: why.sentence, ended_event_time: why.at })
    .where('endpoint', '=', endpoint)
    .where('candidate', '=', version)
    .where('stage', '=', 'promoted')
    .execute()
}

/** When the live version of an endpoint was promoted, and whether there is another to go back to. */
export async function liveSince(
  db: Db,
  endpoint: string,
): Promise<{ at: number; version: number; hasPrevious: boolean } | undefined> {
  const row = await db
    .selectFrom('rollout')
    .select(['ended_event_time', 'candidate'])
    .where('endpoint', '=', endpoint)
    .where('stage', '=', 'promoted')
    .orderBy('ended_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return undefined
  const others = await promotedVersions(db, endpoint)
  const hasPrevious = others.some((known) => known.version !== row.candidate)
  return { at: row.ended_event_time ?? 0, version: row.candidate, hasPrevious }
}
