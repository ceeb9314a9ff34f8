import type { Insertable, Selectable, Updateable } from 'kysely'
import type { RunState } from '../../../../contract/pipelines.ts'
import { chunks } from '../../../platform/db/chunks.ts'
import type { Db } from '../../../platform/db/db.ts'
import type {
  PipelineAttemptTable,
  PipelineCacheTable,
  PipelineNodeTable,
  PipelineRunTable,
  PipelineTable,
  PipelineVersionTable,
} from '../tables.ts'

export type PipelineRow = Selectable<PipelineTable>
export type VersionRow = Selectable<PipelineVersionTable>
export type RunRow = Selectable<PipelineRunTable>
export type NodeRow = Selectable<PipelineNodeTable>
export type AttemptRow = Selectable<PipelineAttemptTable>
export type CacheRow = Selectable<PipelineCacheTable>

export async function findPipeline(db: Db, project: string, name: string): Promise<PipelineRow | undefined> {
  return await db
    .selectFrom('pipeline')
    .selectAll()
    .where('project_id', '=', project)
    .where('name', '=', name)
    .executeTakeFirst()
}

export async function listPipelines(db: Db, project: string): Promise<PipelineRow[]> {
  return await db.selectFrom('pipeline').selectAll().where('project_id', '=', project).orderBy('name').execute()
}

export async function upsertPipeline(db: Db, row: PipelineRow): Promise<void> {
  const { version, updated_at } = row
  await db
    .insertInto('pipeline')
    .values(row)
    .onConflict((conflict) => conflict.columns(['project_id', 'name']).doUpdateSet({ version, updated_at }))
    .execute()
}

/** Whoever has changed the row decides about the pipeline's runs until its transaction ends. */
export async function lockPipeline(db: Db, project: string, name: string): Promise<PipelineRow | undefined> {
  return await db
    .updateTable('pipeline')
    .set(({ eb }) => ({ turn: eb('turn', '+', 1) }))
    .where('project_id', '=', project)
    .where('name', '=', name)
    .returningAll()
    .executeTakeFirst()
}

export async function insertVersion(db: Db, row: VersionRow): Promise<void> {
  await db
    .insertInto('pipeline_version')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function getVersion(db: Db, project: string, pipeline: string, digest: string): Promise<VersionRow> {
  return await db
    .selectFrom('pipeline_version')
    .selectAll()
    .where('project_id', '=', project)
    .where('pipeline', '=', pipeline)
    .where('digest', '=', digest)
    .executeTakeFirstOrThrow()
}

export async function findRun(db: Db, id: string): Promise<RunRow | undefined> {
  return await db.selectFrom('pipeline_run').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function getRun(db: Db, id: string): Promise<RunRow> {
  return await db.selectFrom('pipeline_run').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

export async function findRunByKey(
  db: Db,
  project: string,
  pipeline: string,
  key: string,
): Promise<RunRow | undefined> {
  return await db
    .selectFrom('pipeline_run')
    .selectAll()
    .where('project_id', '=', project)
    .where('pipeline', '=', pipeline)
    .where('key', '=', key)
    .executeTakeFirst()
}

export async function insertRun(db: Db, row: RunRow, nodes: readonly NodeRow[]): Promise<void> {
  await db.insertInto('pipeline_run').values(row).execute()
  for (const some of chunks(nodes, 50)) await db.insertInto('pipeline_node').values(some).execute()
}

export async function updateRun(db: Db, id: string, values: Updateable<PipelineRunTable>): Promise<void> {
  await db.updateTable('pipeline_run').set(values).where('id', '=', id).execute()
}

export async function countRuns(db: Db, project: string, pipeline: string, state: RunState): Promise<number> {
  const row = await db
    .selectFrom('pipeline_run')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('project_id', '=', project)
    .where('pipeline', '=', pipeline)
    .where('state', '=', state)
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

export async function countRunsByState(db: Db): Promise<{ pipeline: string; state: RunState; n: number }[]> {
  const rows = await db
    .selectFrom('pipeline_run')
    .select(({ fn }) => ['pipeline', 'state', fn.countAll<number>().as('n')])
    .groupBy(['pipeline', 'state'])
    .execute()
  return rows.map((row) => ({ ...row, n: Number(row.n) }))
}

export async function oldestQueued(db: Db, project: string, pipeline: string): Promise<RunRow | undefined> {
  return await db
    .selectFrom('pipeline_run')
    .selectAll()
    .where('project_id', '=', project)
    .where('pipeline', '=', pipeline)
    .where('state', '=', 'queued')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

export interface RunFilter {
  pipeline: string | undefined
  state: RunState | undefined
  before: string | undefined
}

export async function newestRuns(db: Db, project: string, filter: RunFilter, limit: number): Promise<RunRow[]> {
  let query = db
    .selectFrom('pipeline_run')
    .selectAll()
    .where('project_id', '=', project)
    .orderBy('id', 'desc')
    .limit(limit)
  if (filter.pipeline !== undefined) query = query.where('pipeline', '=', filter.pipeline)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.before !== undefined) query = query.where('id', '<', filter.before)
  return await query.execute()
}

/** Holds the run until the transaction ends, and says how many of its nodes have not ended. */
export async function takeFromRemaining(db: Db, id: string, ended: number): Promise<RunRow> {
  return await db
    .updateTable('pipeline_run')
    .set(({ eb }) => ({ remaining: eb('remaining', '-', ended) }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function listNodes(db: Db, run: string, names?: readonly string[]): Promise<NodeRow[]> {
  if (names?.length === 0) return []
  let query = db.selectFrom('pipeline_node').selectAll().where('run_id', '=', run)
  if (names) query = query.where('name', 'in', [...names])
  return await query.execute()
}

export async function findNode(db: Db, run: string, name: string): Promise<NodeRow | undefined> {
  return (await listNodes(db, run, [name]))[0]
}

/** Changes a node only in the state and at the fence that the caller knows; false if it has moved on. */
export async function changeNode(
  db: Db,
  node: { run_id: string; name: string; fence: number },
  from: readonly NodeRow['state'][],
  values: Updateable<PipelineNodeTable>,
): Promise<boolean> {
  const result = await db
    .updateTable('pipeline_node')
    .set(values)
    .where('run_id', '=', node.run_id)
    .where('name', '=', node.name)
    .where('fence', '=', node.fence)
    .where('state', 'in', [...from])
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Holds a node that still belongs to the attempt until the transaction ends. */
export async function holdNode(
  db: Db,
  held: { run_id: string; name: string; fence: number },
): Promise<NodeRow | undefined> {
  return await db
    .updateTable('pipeline_node')
    .set({ fence: held.fence })
    .where('run_id', '=', held.run_id)
    .where('name', '=', held.name)
    .where('fence', '=', held.fence)
    .where('state', 'in', ['running', 'cancelling'])
    .returningAll()
    .executeTakeFirst()
}

/** A new beginning; the fence goes on, so that attempts of before stay old. */
export async function resetNode(db: Db, node: NodeRow, pending: number): Promise<void> {
  const fresh = { user_failures: 0, infra_failures: 0, backoff_ms: 0, passed: null, outputs: '{}' }
  const unset = { sentence: null, refused_by: null, why: null, ready_at: null, started_at: null, ended_at: null }
  await changeNode(db, node, [node.state], { state: 'waiting', pending, ...fresh, ...unset })
}

/** Tells dependents that one need has ended; returns those that wait for nothing more. */
export async function countDown(db: Db, run: string, names: readonly string[]): Promise<NodeRow[]> {
  if (names.length === 0) return []
  const rows = await db
    .updateTable('pipeline_node')
    .set(({ eb }) => ({ pending: eb('pending', '-', 1) }))
    .where('run_id', '=', run)
    .where('state', '=', 'waiting')
    .where('name', 'in', [...names])
    .returningAll()
    .execute()
  return rows.filter(({ pending }) => pending === 0)
}

/** Command steps that may start now, longest ready first. */
export async function listReadyCommands(db: Db, limit: number): Promise<NodeRow[]> {
  return await db
    .selectFrom('pipeline_node')
    .selectAll()
    .where('state', '=', 'ready')
    .where('kind', '=', 'run')
    .where('backoff_ms', '=', 0)
    .orderBy('ready_at')
    .limit(limit)
    .execute()
}

/** Platform steps that are ready, and all that pauses before another attempt. */
export async function listReadyOthers(db: Db): Promise<NodeRow[]> {
  return await db
    .selectFrom('pipeline_node')
    .selectAll()
    .where('state', '=', 'ready')
    .where(({ or, eb }) => or([eb('kind', '!=', 'run'), eb('backoff_ms', '>', 0)]))
    .orderBy('ready_at')
    .execute()
}

export async function insertAttempt(db: Db, row: Insertable<PipelineAttemptTable>): Promise<void> {
  await db.insertInto('pipeline_attempt').values(row).execute()
}

export async function updateAttempt(db: Db, id: string, values: Updateable<PipelineAttemptTable>): Promise<void> {
  await db.updateTable('pipeline_attempt').set(values).where('id', '=', id).where('state', '=', 'running').execute()
}

export async function listAttempts(db: Db, run: string, node?: string): Promise<AttemptRow[]> {
  let query = db.selectFrom('pipeline_attempt').selectAll().where('run_id', '=', run).orderBy('fence')
  if (node !== undefined) query = query.where('node', '=', node)
  return await query.execute()
}

export async function findAttempt(db: Db, id: string): Promise<AttemptRow | undefined> {
  return await db.selectFrom('pipeline_attempt').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function runningAttempts(db: Db, holder: string): Promise<AttemptRow[]> {
  return await db
    .selectFrom('pipeline_attempt')
    .selectAll()
    .where('state', '=', 'running')
    .where('holder', '=', holder)
    .execute()
}

/** Of the given attempts those that have ended: none of their processes should live. */
export async function endedAmong(db: Db, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('pipeline_attempt')
    .select('id')
    .where('state', '=', 'ended')
    .where('id', 'in', [...ids])
    .execute()
  return rows.map(({ id }) => id)
}

export async function findCached(db: Db, project: string, key: string): Promise<CacheRow | undefined> {
  return await db
    .selectFrom('pipeline_cache')
    .selectAll()
    .where('project_id', '=', project)
    .where('key', '=', key)
    .executeTakeFirst()
}

export async function newestCached(
  db: Db,
  project: string,
  pipeline: string,
  node: string,
): Promise<CacheRow | undefined> {
  return await db
    .selectFrom('pipeline_cache')
    .selectAll()
    .where('project_id', '=', project)
    .where('pipeline', '=', pipeline)
    .where('node', '=', node)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The first result of a key stays. */
export async function insertCached(db: Db, row: CacheRow): Promise<void> {
  await db
    .insertInto('pipeline_cache')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function deleteCached(db: Db, project: string, key: string): Promise<void> {
  await db.deleteFrom('pipeline_cache').where('project_id', '=', project).where('key', '=', key).execute()
}
