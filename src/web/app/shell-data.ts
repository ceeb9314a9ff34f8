import { useQueries } from '@tanstack/react-query'
import { listIncidents } from '../../contract/monitoring.ts'
import { read } from '../lib/api.ts'

/** What the shell says beside the page: whose it is, and how many incidents are open (undefined while not known). */
export interface ShellData {
  project: string
  user: string
  role: string
  openIncidents: number | undefined
}

/** A recovering incident is open: it closes when the follow-up has held. */
export function useShellData(): ShellData {
  const openIncidents = useQueries({
    queries: [read(listIncidents, { state: 'open' }), read(listIncidents, { state: 'recovering' })],
    combine: ([open, recovering]) =>
      open?.data && recovering?.data ? open.data.items.length + recovering.data.items.length : undefined,
  })
  // @NOTE the contract does not yet say whose token this is, nor the project's name
  return { project: 'default', user: 'local', role: 'admin', openIncidents }
}
