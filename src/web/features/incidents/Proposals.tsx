import { useSuspenseQuery } from '@tanstack/react-query'
import { listActions } from '../../../contract/automation.ts'
import { read } from '../../lib/api.ts'
import { ProposedAction } from '../../ui/ProposedAction.tsx'

/** What Mainstay asks for in this incident. */
export function Proposals({ incident }: { incident: string }) {
  const { data } = useSuspenseQuery(read(listActions, { incident, state: 'proposed' }))
  return data.items.map((action) => <ProposedAction key={action.id} action={action} />)
}
