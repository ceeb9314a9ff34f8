import type { Selectable } from 'kysely'
import type { Incident, IncidentEntry } from '../../../../contract/monitoring.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { IncidentEntryTable, IncidentTable } from '../tables.ts'

export const toIncident = (row: Selectable<IncidentTable>): Incident => {
  const { project_id: _, numbers: __, ...incident } = row
  return incident
}

const toEntry = (row: Selectable<IncidentEntryTable>): IncidentEntry => ({
  at: row.at,
  event_time: row.event_time,
  kind: row.kind,
  state: row.state,
  title: row.title,
  text: row.body,
  link: row.link,
  numbers: JSON.parse(row.numbers) as Record<string, unknown>,
})

export async function findOpen(db: Db, endpoint: string, signal: Incident['signal']): Promise<Incident | undefined> {
  const row = await db
    .selectFrom('incident')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('signal', '=', signal)
    .where('state', '<>', 'closed')
    .executeTakeFirst()
  return row && toIncident(row)
}

export async function newestNumber(db: Db): Promise<number> {
  const row = await db
    .selectFrom('incident')
    .select(({ fn }) => fn.max('number').as('number'))
    .executeTakeFirst()
  return Number(row?.number ?? 0)
}

export async function insertIncident(db: Db, row: Selectable<IncidentTable>): Promise<void> {
  await db.insertInto('incident').values(row).execute()
}

export async function updateIncident(db: Db, id: string, values: Partial<Selectable<IncidentTable>>): Promise<void> {
  await db.updateTable('incident').set(values).where('id', '=', id).execute()
}

export async function findIncident(db: Db, id: string): Promise<Incident | undefined> {
  const row = await db.selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toIncident(row)
}

export async function findNumbered(db: Db, number: number): Promise<Incident | undefined> {
  const row = await db.selectFrom('incident').selectAll().where('number', '=', number).executeTakeFirst()
  return row && toIncident(row)
}

export async function incidentNumbers(db: Db, id: string): Promise<Record<string, unknown>> {
  const row = await db.selectFrom('incident').select('numbers').where('id', '=', id).executeTakeFirst()
  return row ? (JSON.parse(row.numbers) as Record<string, unknown>) : {}
}

export async function listIncidents(
  db: Db,
  filter: { endpoint?: string | undefined; state?: Incident['state'] | undefined },
): Promise<Incident[]> {
  let query = db
    .selectFrom('incident')
    .selectAll()
    .orderBy(({ eb }) => eb.case().when('state', '=', 'closed').then(1).else(0).end())
    .orderBy('number', 'desc')
  if (filter.endpoint !== undefined) query = query.where('endpoint', '=', filter.endpoint)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  return (await query.execute()).map(toIncident)
}

export async function insertEntry(db: Db, row: Selectable<IncidentEntryTable>): Promise<void> {
  await db
    .insertInto('incident_entry')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function listEntries(db: Db, incident: string): Promise<IncidentEntry[]> {
  const rows = await db
    .selectFrom('incident_entry')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('at')
    .orderBy('id')
    .execute()
  return rows.map(toEntry)
}

export async function countOpenBySignal(
  db: Db,
): Promise<{ endpoint: string; signal: Incident['signal']; n: number }[]> {
  const rows = await db
    .selectFrom('incident')
    .select(({ fn }) => ['endpoint', 'signal', fn.countAll<number>().as('n')])
    .where('state', '<>', 'closed')
    .groupBy(['endpoint', 'signal'])
    .execute()
  return rows.map((row) => ({ ...row, n: Number(row.n) }))
}

export async function countOpen(db: Db, endpoint: string): Promise<number> {
  const row = await db
    .selectFrom('incident')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('endpoint', '=', endpoint)
    .where('state', '<>', 'closed')
    .executeTakeFirst()
  return Number(row?.n ?? 0)
}
