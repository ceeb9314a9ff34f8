import type { Db } from '../../../platform/db/db.ts'

export async function countActiveRuns(db: Db): Promise<{ experiment: number; runs: number }[]> {
  return await db
    .selectFrom('run')
    .select(({ fn }) => ['experiment', fn.countAll<number>().as('runs')])
    .where('lifecycle', '=', 'active')
    .groupBy('experiment')
    .execute()
}

const newest = 1_000

const newestRuns = (db: Db, experiment: number) =>
  db
    .selectFrom('run')
    .select('id')
    .where('experiment', '=', experiment)
    .where('lifecycle', '=', 'active')
    .orderBy('start_time', 'desc')
    .limit(newest)

/** The metrics that the newest runs logged, by name. */
export async function metricKeys(db: Db, experiment: number): Promise<string[]> {
  const rows = await db
    .selectFrom('latest_metric')
    .innerJoin(newestRuns(db, experiment).as('newest'), 'newest.id', 'latest_metric.run')
    .select('latest_metric.key')
    .distinct()
    .orderBy('latest_metric.key')
    .execute()
  return rows.map(({ key }) => key)
}

/** The params that the newest runs have, by name. */
export async function paramKeys(db: Db, experiment: number): Promise<string[]> {
  const rows = await db
    .selectFrom('run_param')
    .innerJoin(newestRuns(db, experiment).as('newest'), 'newest.id', 'run_param.run')
    .select('run_param.key')
    .distinct()
    .orderBy('run_param.key')
    .execute()
  return rows.map(({ key }) => key)
}
