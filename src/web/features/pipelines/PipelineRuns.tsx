import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { listRuns, type PipelineRun } from '../../../contract/pipelines.ts'
import { read } from '../../lib/api.ts'
import { duration } from '../../lib/format.ts'
import { BarStrip } from '../../ui/Bars.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Page.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'
import { Mono, Time } from '../../ui/Time.tsx'
import type { Column } from '../../ui/table-model.ts'
import { useUrl } from '../../lib/url.ts'
import { PickMenu } from '../../ui/PickMenu.tsx'
import { runStates, shortRun, tookOf, triggerWords } from './run-words.ts'

/** One bar per run, the newest at the right; its height is its time. */
export function EarlierRuns({ runs }: { runs: readonly PipelineRun[] }) {
  const navigate = useNavigate()
  return (
    <BarStrip
      label="Earlier runs"
      bars={runs.toReversed().map((run) => ({
        id: run.id,
        value: tookOf(run) ?? 0,
        state: runStates[run.state].state,
        title: `${shortRun(run.id)}: ${run.state}, ${duration(tookOf(run))}`,
      }))}
      onChoose={(run) => void navigate({ to: '/pipelines/runs/$run', params: { run } })}
    />
  )
}

const columns: readonly Column<PipelineRun>[] = [
  {
    id: 'id',
    head: 'Run',
    width: 110,
    cell: ({ id }) => (
      <Link to="/pipelines/runs/$run" params={{ run: id }}>
        <Mono>{shortRun(id)}</Mono>
      </Link>
    ),
    value: ({ id }) => id,
  },
  {
    id: 'state',
    head: 'State',
    width: 110,
    cell: ({ state }) => <StateWord {...runStates[state]} />,
    value: ({ state }) => state,
  },
  {
    id: 'sentence',
    head: 'What happened',
    width: 240,
    drop: 1,
    cell: ({ sentence }) => <span title={sentence ?? ''}>{sentence ?? '—'}</span>,
    value: ({ sentence }) => sentence,
  },
  {
    id: 'why',
    head: 'Started',
    width: 130,
    drop: 2,
    cell: ({ trigger }) => triggerWords(trigger),
    value: ({ trigger }) => triggerWords(trigger),
  },
  { id: 'took', head: 'Took', width: 80, right: true, cell: (run) => duration(tookOf(run)), value: tookOf },
  {
    id: 'when',
    head: 'Began',
    width: 100,
    right: true,
    cell: ({ created_at }) => <Time at={created_at} />,
    value: ({ created_at }) => created_at,
  },
]

const states = [{ id: 'any', word: 'Any state' }, ...Object.entries(runStates).map(([id, { word }]) => ({ id, word }))]

/** Runs of one pipeline, newest first. */
export function RunTable({ pipeline }: { pipeline: string }) {
  const [state, setState] = useUrl('state', 'any')
  const { data } = useQuery({
    ...read(listRuns, { pipeline, limit: 200, ...(state === 'any' ? {} : { state: state as PipelineRun['state'] }) }),
    placeholderData: keepPreviousData,
  })
  const navigate = useNavigate()
  return (
    <Section
      name="Runs"
      about={data?.next ? 'the newest 200' : 'newest first'}
      actions={<PickMenu label="State" choices={states} chosen={state} onChoose={setState} />}
    >
      {data ? (
        <DataTable
          name="runs"
          rows={data.items}
          columns={columns}
          rowKey={({ id }) => id}
          onOpen={({ id }) => void navigate({ to: '/pipelines/runs/$run', params: { run: id } })}
          height={420}
        />
      ) : (
        <Skeleton rows={6} />
      )}
    </Section>
  )
}
