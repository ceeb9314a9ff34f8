import { useQueries, useQuery } from '@tanstack/react-query'
import { listIncidents } from '../../contract/monitoring.ts'
import { about } from '../../contract/system.ts'
import { read } from '../lib/api.ts'

/** What the shell says beside the page: whose it is, and how many incidents are open (undefined while not known). */
export interface ShellData {
  project: string
  user: string
  role: string
  /** Whether this browser holds a session, which one can end. */
  isSignedIn: boolean
  openIncidents: number | undefined
}

/** A recovering incident is open: it closes when the follow-up has held. */
export function useShellData(): ShellData {
  const openIncidents = useQueries({
    queries: [read(listIncidents, { state: 'open' }), read(listIncidents, { state: 'recovering' })],
    combine: ([open, recovering]) =>
      open?.data && recovering?.data ? open.data.items.length + recovering.data.items.length : undefined,
  })
  const { data } = useQuery(read(about, {}))
  const { kind, name, role } = data?.caller ?? { kind: 'anonymous', name: '', role: '' }
  return { project: data?.project ?? '', user: name, role, isSignedIn: kind === 'token', openIncidents }
}
