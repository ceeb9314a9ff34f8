import { useQuery } from '@tanstack/react-query'
import { listActions } from '../../../contract/automation.ts'
import type { RunTrigger } from '../../../contract/pipelines.ts'
import { read } from '../../lib/api.ts'
import { IncidentLink } from '../../lib/IncidentLink.tsx'
import { triggerWords } from './run-words.ts'

/** What started a run; for a rule's action the rule, and the incident that it answers. */
export function StartedBy({ trigger }: { trigger: RunTrigger }) {
  const { data } = useQuery({ ...read(listActions, {}), enabled: trigger.kind === 'automation' })
  const action = data?.items.find(({ id }) => id === trigger.ref)
  if (!action) return triggerWords(trigger)
  return (
    <>
      by rule “{action.rule}”
      {action.incident ? (
        <>
          {' ('}
          <IncidentLink id={action.incident} />)
        </>
      ) : null}
    </>
  )
}
