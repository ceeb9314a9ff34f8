import { Link } from '@tanstack/react-router'
import type { Rollout } from '../../../contract/rollouts.ts'
import type { ServedEndpoint } from '../../../contract/serving.ts'
import { asSentence, day, duration, exact, plain } from '../../lib/format.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { TwoLines } from '../../ui/TwoLines.tsx'
import type { Column } from '../../ui/table-model.ts'
import { saidOfRollout } from './endpoint-words.ts'

const startOf = (row: Rollout): number => row.started_event_time ?? row.started_at

const columns: readonly Column<Rollout>[] = [
  {
    id: 'started',
    head: 'Started',
    width: 100,
    value: startOf,
    cell: (row) => (
      <span title={`event time ${exact(startOf(row))}; by the clock ${exact(row.started_at)}`}>
        {day(startOf(row))}
      </span>
    ),
  },
  {
    id: 'versions',
    head: 'Versions',
    width: 100,
    value: (row) => row.candidate,
    cell: (row) => <code>{row.champion === null ? `v${row.candidate}` : `v${row.champion} → v${row.candidate}`}</code>,
  },
  {
    id: 'state',
    head: 'How it ended',
    width: 130,
    value: (row) => saidOfRollout(row).word,
    cell: (row) => <StateBadge {...saidOfRollout(row)} />,
  },
  {
    id: 'took',
    head: 'Took',
    width: 76,
    right: true,
    drop: 2,
    value: (row) => (row.ended_event_time === null ? null : row.ended_event_time - startOf(row)),
    cell: (row) =>
      row.ended_event_time === null ? (
        <Quiet>{row.ended_at === null ? 'under way' : 'at once'}</Quiet>
      ) : (
        duration(row.ended_event_time - startOf(row))
      ),
  },
  {
    id: 'reason',
    head: 'Why it was started',
    width: 220,
    drop: 3,
    value: (row) => row.reason,
    cell: (row) =>
      row.incident === null ? (
        <Reason reason={row.reason} />
      ) : (
        <Link to="/incidents/$id" params={{ id: row.incident }}>
          <TwoLines text={asSentence(row.reason)} />
        </Link>
      ),
  },
  {
    id: 'sentence',
    head: 'What decided',
    width: 400,
    value: (row) => row.sentence,
    cell: (row) => <TwoLines text={asSentence(row.sentence)} />,
  },
  {
    id: 'id',
    head: 'Id',
    width: 90,
    drop: 1,
    value: (row) => row.id,
    cell: (row) => <code title={row.id}>{plain(row.id)}</code>,
  },
]

/** A pipeline says its run, a person in words why. */
function Reason({ reason }: { reason: string }) {
  const run = /^pipeline run (prun_\w+)$/.exec(reason)?.[1]
  return run ? (
    <Link to="/pipelines/runs/$run" params={{ run }}>
      {asSentence(reason)}
    </Link>
  ) : (
    <TwoLines text={asSentence(reason)} />
  )
}

/** Every version that was tried here, and how it ended. */
export function HistoryTab({ endpoint, rollouts }: { endpoint: ServedEndpoint; rollouts: readonly Rollout[] }) {
  if (rollouts.length === 0) {
    return (
      <Empty title="No rollout so far" command={`mainstay deploy MODEL/VERSION --endpoint ${endpoint.name} --wait`}>
        Each new version and how it ended stands here, with the evidence that decided.
      </Empty>
    )
  }
  return <DataTable name="rollouts" rows={rollouts} columns={columns} rowKey={(row) => row.id} rowHeight={44} />
}
