import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { listPipelines, type PipelineSummary } from '../../../contract/pipelines.ts'
import { read } from '../../lib/api.ts'
import { count, duration } from '../../lib/format.ts'
import { rooms } from '../../lib/rooms.ts'
import { useTableUrl } from '../../lib/table-url.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { EmptyRoom } from '../../ui/EmptyRoom.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'
import { Mono, Time } from '../../ui/Time.tsx'
import type { Column } from '../../ui/table-model.ts'
import { runStates, shortRun, tookOf, triggerWords } from './run-words.ts'

const columns: readonly Column<PipelineSummary>[] = [
  {
    id: 'name',
    head: 'Pipeline',
    width: 200,
    cell: ({ name }) => (
      <Link to="/pipelines/$name" params={{ name }}>
        {name}
      </Link>
    ),
    value: ({ name }) => name,
  },
  {
    id: 'state',
    head: 'Last run',
    width: 120,
    cell: ({ last_run }) =>
      last_run ? <StateWord {...runStates[last_run.state]} /> : <StateWord state="unknown" word="Never ran" />,
    value: ({ last_run }) => last_run?.state ?? 'never ran',
  },
  {
    id: 'run',
    head: 'Run',
    width: 110,
    cell: ({ last_run }) =>
      last_run ? (
        <Link to="/pipelines/runs/$run" params={{ run: last_run.id }}>
          <Mono>{shortRun(last_run.id)}</Mono>
        </Link>
      ) : (
        '—'
      ),
    value: ({ last_run }) => last_run?.id,
  },
  {
    id: 'took',
    head: 'Took',
    width: 90,
    right: true,
    cell: ({ last_run }) => duration(last_run ? tookOf(last_run) : null),
    value: ({ last_run }) => (last_run ? tookOf(last_run) : null),
  },
  {
    id: 'when',
    head: 'Began',
    width: 110,
    right: true,
    cell: ({ last_run }) => (last_run ? <Time at={last_run.created_at} /> : '—'),
    value: ({ last_run }) => last_run?.created_at,
  },
  {
    id: 'why',
    head: 'Started',
    width: 180,
    drop: 2,
    cell: ({ last_run }) => (last_run ? triggerWords(last_run.trigger) : '—'),
    value: ({ last_run }) => (last_run ? triggerWords(last_run.trigger) : ''),
  },
  {
    id: 'steps',
    head: 'Steps',
    width: 64,
    right: true,
    drop: 3,
    cell: ({ steps }) => count(steps),
    value: ({ steps }) => steps,
  },
  {
    id: 'next',
    head: 'Next',
    width: 110,
    right: true,
    drop: 4,
    cell: ({ next_fire_at }) => (next_fire_at === null ? 'no schedule' : <Time at={next_fire_at} />),
    value: ({ next_fire_at }) => next_fire_at,
  },
  {
    id: 'changed',
    head: 'Changed',
    width: 100,
    right: true,
    drop: 1,
    cell: ({ updated_at }) => <Time at={updated_at} />,
    value: ({ updated_at }) => updated_at,
  },
]

/** What failed first, then what runs, then how many are well. */
function titleOf(pipelines: readonly PipelineSummary[]): string {
  const named = (state: string): string[] =>
    pipelines.filter(({ last_run }) => last_run?.state === state).map(({ name }) => name)
  const [failed, running, good] = [named('failed'), named('running'), named('succeeded')]
  const all = pipelines.length
  if (failed.length === 1) return `${failed[0]} failed in its last run.`
  if (failed.length > 1) return `${count(failed.length)} of ${count(all)} pipelines failed in their last run.`
  if (running.length > 0)
    return `${running.join(' and ')} ${running.length === 1 ? 'is' : 'are'} running; nothing failed.`
  if (all === 1)
    return good.length === 1 ? `${good[0]} succeeded in its last run.` : `${pipelines[0]?.name} has not succeeded yet.`
  return `${good.length === all ? 'All' : `${count(good.length)} of`} ${count(all)} pipelines succeeded in their last run.`
}

export function PipelinesPage() {
  const { data } = useSuspenseQuery(read(listPipelines, {}))
  const [table, setTable] = useTableUrl()
  const navigate = useNavigate()
  if (data.items.length === 0) return <EmptyRoom id="pipelines" />
  return (
    <Page title={titleOf(data.items)} facts={rooms.pipelines.about}>
      <DataTable
        name="pipelines"
        rows={data.items}
        columns={columns}
        rowKey={({ name }) => name}
        state={table}
        onState={setTable}
        onOpen={({ name }) => void navigate({ to: '/pipelines/$name', params: { name } })}
      />
    </Page>
  )
}
