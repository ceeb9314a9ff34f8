import type { Selectable } from 'kysely'
import { RuleSpec, type Action, type Decision } from '../../../../contract/automation.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { ActionTable, DecisionTable, RuleTable } from '../tables.ts'

export interface RuleRow {
  name: string
  endpoint: string
  spec: RuleSpec
  mode: 'observe' | 'propose' | 'auto'
}

const toRule = (row: Selectable<RuleTable>): RuleRow => ({
  name: row.name,
  endpoint: row.endpoint,
  spec: RuleSpec.parse(JSON.parse(row.spec)),
  mode: row.mode,
})

export async function upsertRule(db: Db, row: Selectable<RuleTable>): Promise<void> {
  const { spec, mode, endpoint, updated_at } = row
  await db
    .insertInto('rule')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ spec, mode, endpoint, updated_at }))
    .execute()
}

export async function listRules(db: Db): Promise<RuleRow[]> {
  return (await db.selectFrom('rule').selectAll().orderBy('name').execute()).map(toRule)
}

export async function findRule(db: Db, name: string): Promise<RuleRow | undefined> {
  const row = await db.selectFrom('rule').selectAll().where('name', '=', name).executeTakeFirst()
  return row && toRule(row)
}

export async function setRuleMode(db: Db, name: string, mode: RuleRow['mode'], now: number): Promise<void> {
  await db.updateTable('rule').set({ mode, updated_at: now }).where('name', '=', name).execute()
}

export async function isEnabled(db: Db): Promise<boolean> {
  const row = await db.selectFrom('automation_switch').select('enabled').where('id', '=', 1).executeTakeFirst()
  return row === undefined || row.enabled === 1
}

export async function setEnabled(db: Db, enabled: boolean, reason: string, at: number): Promise<void> {
  const values = { enabled: enabled ? 1 : 0, reason, at }
  await db
    .insertInto('automation_switch')
    .values({ id: 1, ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute()
}

const toDecision = (row: Selectable<DecisionTable>): Decision => {
  const { key: _, numbers, ...decision } = row
  return { ...decision, numbers: JSON.parse(numbers) as Record<string, unknown> }
}

/** False if this signal was decided on before. */
export async function insertDecision(db: Db, row: Selectable<DecisionTable>): Promise<boolean> {
  const result = await db
    .insertInto('decision')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function listDecisions(db: Db, endpoint: string | undefined, limit: number): Promise<Decision[]> {
  let query = db.selectFrom('decision').selectAll().orderBy('event_time', 'desc').orderBy('id', 'desc').limit(limit)
  if (endpoint !== undefined) query = query.where('endpoint', '=', endpoint)
  return (await query.execute()).map(toDecision)
}

export async function newestDecision(db: Db, rule: string): Promise<Decision | undefined> {
  const row = await db
    .selectFrom('decision')
    .selectAll()
    .where('rule', '=', rule)
    .orderBy('event_time', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toDecision(row)
}

export type ActionRow = Omit<Selectable<ActionTable>, 'params' | 'numbers'> & {
  params: Record<string, string | number | boolean>
  numbers: Record<string, unknown>
}

const toRow = (row: Selectable<ActionTable>): ActionRow => ({
  ...row,
  params: JSON.parse(row.params) as ActionRow['params'],
  numbers: JSON.parse(row.numbers) as Record<string, unknown>,
})

export const toAction = (row: ActionRow): Action => ({
  id: row.id,
  rule: row.rule,
  endpoint: row.endpoint,
  incident: row.incident,
  kind: row.kind,
  state: row.state,
  sentence: row.sentence,
  outcome: row.outcome,
  outcome_sentence: row.outcome_sentence,
  run: row.run,
  rollout: row.rollout,
  numbers: row.numbers,
  at: row.at,
  event_time: row.event_time,
  ended_at: row.ended_at,
})

export async function insertAction(db: Db, { params, numbers, ...row }: ActionRow): Promise<void> {
  await db
    .insertInto('automation_action')
    .values({ ...row, params: JSON.stringify(params), numbers: JSON.stringify(numbers) })
    .execute()
}

export async function updateAction(
  db: Db,
  id: string,
  values: Partial<Omit<Selectable<ActionTable>, 'params' | 'numbers'>>,
): Promise<void> {
  await db.updateTable('automation_action').set(values).where('id', '=', id).execute()
}

export async function findAction(db: Db, id: string): Promise<ActionRow | undefined> {
  const row = await db.selectFrom('automation_action').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toRow(row)
}

const inFlight = ['proposed', 'waiting', 'running', 'verifying'] as const

export async function actionInFlight(db: Db, endpoint: string): Promise<ActionRow | undefined> {
  const row = await db
    .selectFrom('automation_action')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('state', 'in', [...inFlight])
    .executeTakeFirst()
  return row && toRow(row)
}

export async function actionOfRollout(db: Db, rollout: string): Promise<ActionRow | undefined> {
  const row = await db.selectFrom('automation_action').selectAll().where('rollout', '=', rollout).executeTakeFirst()
  return row && toRow(row)
}

export async function listActions(
  db: Db,
  filter: {
    endpoint?: string | undefined
    incident?: string | undefined
    state?: Action['state'] | undefined
    rule?: string
  },
): Promise<ActionRow[]> {
  let query = db.selectFrom('automation_action').selectAll().orderBy('event_time', 'desc').orderBy('id', 'desc')
  if (filter.endpoint !== undefined) query = query.where('endpoint', '=', filter.endpoint)
  if (filter.incident !== undefined) query = query.where('incident', '=', filter.incident)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.rule !== undefined) query = query.where('rule', '=', filter.rule)
  return (await query.execute()).map(toRow)
}
