import type { Incident, IncidentEntry } from '../../../contract/monitoring.ts'
import { clock, day } from '../../lib/format.ts'
import type { Said } from '../../lib/verdict-words.ts'

export const signalWords: Record<Incident['signal'], string> = {
  performance: 'performance',
  inputs: 'broken inputs',
  errors: 'failed requests',
  capture: 'lost records',
  drift: 'drift',
}

export function saidOfIncident({ state, severity }: Pick<Incident, 'state' | 'severity'>): Said {
  if (state === 'closed') return { state: 'ok', word: 'Closed' }
  if (state === 'recovering') return { state: 'warn', word: 'Recovering' }
  return { state: severity === 'critical' ? 'crit' : 'warn', word: 'Open' }
}

/** The event's day, with the hour where it is not midnight; what has no event time is now. */
export function whenOf(entry: IncidentEntry, isLast: boolean): string {
  if (entry.event_time === null) return isLast ? 'now' : day(entry.at)
  const time = clock(entry.event_time)
  const when = day(entry.event_time)
  return time === '00:00' ? when : `${when.replace(/ \d{4}$/, '')} ${time}`
}
