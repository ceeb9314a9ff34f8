import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { countRuns, listExperiments, searchRuns, type Experiment } from '../../../contract/experiments.ts'
import { read } from '../../lib/api.ts'
import { count, number } from '../../lib/format.ts'
import { useTableUrl } from '../../lib/table-url.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { EmptyRoom } from '../../ui/EmptyRoom.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'
import { Time } from '../../ui/Time.tsx'
import type { Column } from '../../ui/table-model.ts'
import { measureOf, metricOf, runStates } from './run-words.ts'

/** The newest run of one experiment; asked for by the row, so that the list does not wait for it. */
const useNewestRun = (id: string) => useQuery(read(searchRuns, { experiment: id, limit: 1 }))

function NewestRun({ id }: { id: string }) {
  const { data, isPending } = useNewestRun(id)
  const run = data?.items[0]
  if (!run) return isPending ? null : 'no runs'
  return (
    <Link to="/runs/$id" params={{ id: run.id }}>
      {run.name}
    </Link>
  )
}

/** An experiment without runs is not counted. */
function RunCount({ id }: { id: string }) {
  const { data } = useQuery(read(countRuns, {}))
  return data ? count(data.items.find(({ experiment }) => experiment === id)?.runs ?? 0) : '—'
}

function NewestState({ id }: { id: string }) {
  const run = useNewestRun(id).data?.items[0]
  return run ? <StateWord {...runStates[run.status]} /> : '—'
}

function NewestMeasure({ id }: { id: string }) {
  const run = useNewestRun(id).data?.items[0]
  const measure = run ? measureOf([run], '') : undefined
  return run && measure ? `${measure.key} ${number(metricOf(run, measure.key))}` : '—'
}

function NewestTime({ id }: { id: string }) {
  const run = useNewestRun(id).data?.items[0]
  return run ? <Time at={run.started_at} /> : '—'
}

const columns: readonly Column<Experiment>[] = [
  {
    id: 'name',
    head: 'Experiment',
    width: 220,
    cell: ({ id, name }) => (
      <Link to="/experiments/$id" params={{ id }}>
        {name}
      </Link>
    ),
    value: ({ name }) => name,
  },
  { id: 'runs', head: 'Runs', width: 70, right: true, cell: ({ id }) => <RunCount id={id} /> },
  { id: 'newest', head: 'Newest run', width: 200, cell: ({ id }) => <NewestRun id={id} /> },
  { id: 'state', head: 'State', width: 110, cell: ({ id }) => <NewestState id={id} /> },
  { id: 'measure', head: 'Measure', width: 180, right: true, drop: 3, cell: ({ id }) => <NewestMeasure id={id} /> },
  { id: 'started', head: 'Last run', width: 110, right: true, cell: ({ id }) => <NewestTime id={id} /> },
  {
    id: 'created',
    head: 'Created',
    width: 110,
    right: true,
    drop: 2,
    cell: ({ created_at }) => (created_at === 0 ? '—' : <Time at={created_at} />),
    value: ({ created_at }) => created_at,
  },
  {
    id: 'tags',
    head: 'Tags',
    width: 180,
    extra: true,
    drop: 1,
    cell: ({ tags }) => tags.map(({ key, value }) => `${key}=${value}`).join(', ') || '—',
    value: ({ tags }) => tags.map(({ key, value }) => `${key}=${value}`).join(', '),
  },
  { id: 'id', head: 'Id', width: 70, drop: 1, cell: ({ id }) => <code>{id}</code>, value: ({ id }) => Number(id) },
]

export function ExperimentsPage() {
  const { data } = useSuspenseQuery(read(listExperiments, { limit: 1000 }))
  const [table, setTable] = useTableUrl()
  const navigate = useNavigate()
  const own = data.items.filter((experiment) => experiment.name !== 'Default')
  const first = useNewestRun(data.items[0]?.id ?? '0')
  if (own.length === 0 && (first.data?.items.length ?? 0) === 0) {
    return first.isPending ? null : <EmptyRoom id="experiments" />
  }
  const more = data.next ? 'More than ' : ''
  return (
    <Page
      title={`${more}${count(data.items.length)} experiments; ${data.items[0]?.name ?? ''} is the newest.`}
      facts="Runs with their parameters, metrics and artifacts, by the question they answer."
    >
      <DataTable
        name="experiments"
        rows={data.items}
        columns={columns}
        rowKey={({ id }) => id}
        state={table}
        onState={setTable}
        onOpen={({ id }) => void navigate({ to: '/experiments/$id', params: { id } })}
      />
    </Page>
  )
}
