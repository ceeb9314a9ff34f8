import type { Incident, IncidentEntry } from '../../../contract/monitoring.ts'
import { clock, day } from '../../lib/format.ts'
import type { Said } from '../../lib/verdict-words.ts'

export function saidOfIncident({ state, severity }: Pick<Incident, 'state' | 'severity'>): Said {
  if (state === 'closed') return { state: 'ok', word: 'Closed' }
  if (state === 'recovering') return { state: 'warn', word: 'Recovering' }
  return { state: severity === 'critical' ? 'crit' : 'warn', word: 'Open' }
}

const dayWithoutYear = (at: number): string => day(at).replace(/ \d{4}$/, '')

/** The event's day, with the hour where it is not midnight and the year where it is another than the one before. */
export function whenOf(entry: IncidentEntry, before: IncidentEntry | undefined): string {
  const at = entry.event_time ?? entry.at
  const year = (one: IncidentEntry): number => new Date(one.event_time ?? one.at).getUTCFullYear()
  const time = entry.event_time === null ? '00:00' : clock(at)
  if (time !== '00:00') return `${dayWithoutYear(at)} ${time}`
  return before && year(before) === year(entry) ? dayWithoutYear(at) : day(at)
}
