import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listActions } from '../../../contract/automation.ts'
import type { Incident } from '../../../contract/monitoring.ts'
import { listRollouts } from '../../../contract/rollouts.ts'
import { actionTitle } from '../../lib/action-words.ts'
import { read } from '../../lib/api.ts'
import { plain } from '../../lib/format.ts'
import { KeyValue, type Fact } from '../../ui/KeyValue.tsx'

const stageWords: Record<string, string> = {
  replay: 'in replay',
  shadow: 'in shadow',
  canary: 'in canary',
  promoted: 'promoted',
  rolled_back: 'rolled back',
  paused: 'paused',
}

/** The things this incident reached: one row each, all links. */
export function Touched({ incident }: { incident: Incident }) {
  const { endpoint, id } = incident
  const { data: actions } = useSuspenseQuery(read(listActions, { incident: id }))
  const { data: rollouts } = useSuspenseQuery(read(listRollouts, { endpoint }))
  const own = rollouts.items.filter((rollout) => rollout.incident === id)
  const facts: Fact[] = [
    {
      key: 'Endpoint',
      value: (
        <Link to="/endpoints/$name" params={{ name: endpoint }}>
          {endpoint}
        </Link>
      ),
    },
    ...[...new Set(actions.items.map((action) => action.rule))].map((rule) => ({
      key: 'Rule',
      value: <Link to="/automation">{rule}</Link>,
    })),
    ...actions.items
      .filter((action) => action.run !== null)
      .map((action) => ({
        key: 'Pipeline run',
        value: (
          <Link to="/pipelines/runs/$run" params={{ run: action.run ?? '' }}>
            <code>{plain(action.run ?? '')}</code>
          </Link>
        ),
        note: actionTitle(
          action,
          own.some(({ ended_at }) => ended_at === null),
        ),
      })),
    ...own.map((rollout) => ({
      key: 'Versions',
      value: (
        <Link to="/endpoints/$name" params={{ name: endpoint }} search={{ tab: 'history' } as never}>
          {rollout.champion === null ? '' : `v${rollout.champion} → `}v{rollout.candidate}
        </Link>
      ),
      note: stageWords[rollout.stage] ?? rollout.stage,
    })),
  ]
  return <KeyValue facts={facts} />
}
