import type { Output, Parsed } from '../../../contract/endpoint.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type * as api from '../../../contract/monitoring.ts'
import type { Incident, IncidentEntry } from '../../../contract/monitoring.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { newId } from '../../platform/ids.ts'
import { audit } from '../audit/module.ts'
import * as q from './queries/incidents.ts'

export interface IncidentOpening {
  endpoint: string
  signal: Incident['signal']
  severity: Incident['severity']
  title: string
  cause: string
  eventTime: number
  numbers: Record<string, unknown>
}

/** One incident per endpoint and signal is open at a time; a second opening finds the first. */
export async function openIncident(
  ctx: TxCtx,
  opening: IncidentOpening,
): Promise<{ incident: Incident; isNew: boolean }> {
  const open = await q.findOpen(ctx.db, opening.endpoint, opening.signal)
  if (open) return { incident: open, isNew: false }
  const now = ctx.clock.now()
  const row = {
    id: newId('inc', now),
    project_id: ctx.project,
    number: (await q.newestNumber(ctx.db)) + 1,
    endpoint: opening.endpoint,
    signal: opening.signal,
    severity: opening.severity,
    state: 'open' as const,
    title: opening.title,
    cause: opening.cause,
    numbers: JSON.stringify(opening.numbers),
    opened_at: now,
    opened_event_time: opening.eventTime,
    closed_at: null,
    closed_event_time: null,
    closed_reason: null,
  }
  await q.insertIncident(ctx.db, row)
  ctx.emit({ type: 'monitoring.incident_opened', endpoint: opening.endpoint, incident: row.id, signal: opening.signal })
  return { incident: q.toIncident(row), isNew: true }
}

export interface EntryInput extends Omit<IncidentEntry, 'at'> {
  key: string
}

/** Adds a line to an incident's story; the same key again changes nothing. */
export async function tellIncident(ctx: TxCtx, incident: string, entry: EntryInput): Promise<void> {
  const { text, numbers, ...rest } = entry
  const now = ctx.clock.now()
  await q.insertEntry(ctx.db, {
    ...rest,
    id: newId('ent', now),
    incident,
    at: now,
    body: text,
    numbers: JSON.stringify(numbers),
  })
}

export async function findOpenIncident(
  db: Db,
  endpoint: string,
  signal: Incident['signal'],
): Promise<Incident | undefined> {
  return await q.findOpen(db, endpoint, signal)
}

export async function markRecovering(ctx: TxCtx, incident: string): Promise<void> {
  await q.updateIncident(ctx.db, incident, { state: 'recovering' })
}

export async function markOpen(ctx: TxCtx, incident: string): Promise<void> {
  await q.updateIncident(ctx.db, incident, { state: 'open' })
}

export async function endIncident(
  ctx: TxCtx,
  incident: Incident,
  eventTime: number | null,
  reason: string,
): Promise<void> {
  const now = ctx.clock.now()
  await q.updateIncident(ctx.db, incident.id, {
    state: 'closed',
    closed_at: now,
    closed_event_time: eventTime,
    closed_reason: reason,
  })
  await tellIncident(ctx, incident.id, {
    event_time: eventTime,
    kind: 'closed',
    state: 'ok',
    title: 'Closed',
    text: reason,
    link: null,
    numbers: {},
    key: 'closed',
  })
  ctx.emit({ type: 'monitoring.incident_closed', endpoint: incident.endpoint, incident: incident.id, reason })
}

export async function listIncidents(
  ctx: Ctx,
  input: Parsed<typeof api.listIncidents>,
): Promise<Output<typeof api.listIncidents>> {
  return { items: await q.listIncidents(ctx.db, input) }
}

/** By its id or, as people say it, by its number. */
export async function getIncidentRow(db: Db, id: string): Promise<Incident> {
  const number = /^#?(\d{1,9})$/.exec(id)?.[1]
  const incident = await (number === undefined ? q.findIncident(db, id) : q.findNumbered(db, Number(number)))
  if (!incident) throw new MainstayError('monitoring.incident_not_found', `there is no incident ${id}`)
  return incident
}

export async function incidentEntries(db: Db, id: string): Promise<IncidentEntry[]> {
  return await q.listEntries(db, id)
}

export function closeByHand(ctx: Ctx, { id, reason }: Parsed<typeof api.closeIncident>): Promise<Incident> {
  return ctx.tx(async (ctx) => {
    const incident = await getIncidentRow(ctx.db, id)
    if (incident.state === 'closed')
      throw new MainstayError('monitoring.incident_closed', `incident ${incident.number} is closed already`)
    await endIncident(ctx, incident, null, reason)
    await audit(ctx, 'monitoring.incident_closed', incident.id, { reason })
    return await getIncidentRow(ctx.db, incident.id)
  })
}
