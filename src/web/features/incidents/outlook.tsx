import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { listActions } from '../../../contract/automation.ts'
import type { Incident } from '../../../contract/monitoring.ts'
import { listRollouts } from '../../../contract/rollouts.ts'
import { read } from '../../lib/api.ts'
import { asSentence } from '../../lib/format.ts'
import type { State } from '../../ui/state.ts'
import type { Happening } from '../../ui/Timeline.tsx'

interface Outlook {
  title: string
  text: ReactNode
  state: State
  word: string
}

const waits = { state: 'unknown', word: 'waits' } as const
const runs = { state: 'running', word: 'running' } as const

/** What an open incident waits for, as the last line of its story; undefined while that is not known, and once it is closed. */
export function useOutlook(incident: Incident): Happening | undefined {
  const { endpoint, id } = incident
  const isOpen = incident.state !== 'closed'
  const { data: actions } = useQuery({ ...read(listActions, { incident: id }), enabled: isOpen })
  const { data: rollouts } = useQuery({ ...read(listRollouts, { endpoint }), enabled: isOpen })
  if (!isOpen || !actions || !rollouts) return undefined
  const action = actions.items.find((one) => ['proposed', 'waiting', 'running', 'verifying'].includes(one.state))
  const rollout = rollouts.items.find((one) => one.incident === id && one.ended_at === null)
  const outlook = ((): Outlook => {
    if (rollout)
      return {
        ...runs,
        title: `Version ${rollout.candidate} is being tried`,
        text: (
          <>
            {asSentence(rollout.sentence)}{' '}
            <Link to="/endpoints/$name" params={{ name: endpoint }}>
              rollout
            </Link>
          </>
        ),
      }
    if (action?.state === 'proposed')
      return {
        ...waits,
        title: 'Waits for a person',
        text: 'What is proposed below is done when somebody approves it.',
      }
    if (action?.state === 'verifying')
      return { ...waits, title: 'Follow-up', text: 'The next two judged windows say whether it helped.' }
    if (action) return { ...runs, title: 'Under way', text: asSentence(action.sentence) }
    return {
      ...waits,
      title: 'Nothing is under way',
      text: 'It closes by itself when the signal has been sound for two windows in a row, or by hand with a reason.',
    }
  })()
  return { id: 'now', when: 'now', ...outlook }
}
