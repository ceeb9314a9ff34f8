import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { listRunKeys, type Run } from '../../../contract/experiments.ts'
import { read } from '../../lib/api.ts'
import { count } from '../../lib/format.ts'
import { useConnected } from '../../lib/live.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import type { TableState } from '../../ui/table-model.ts'
import type { useChosenRuns } from './chosen-runs.ts'
import { runColumns } from './run-columns.tsx'
import type { useRunList } from './run-list.ts'
import { filterWord, type Measure } from './run-words.ts'
import { RunFilter } from './RunFilter.tsx'

interface RunsTableProps {
  experiment: string
  /** All runs of the experiment; undefined until it is known. */
  total: number | undefined
  list: ReturnType<typeof useRunList>
  measure: Measure | undefined
  best: Run | undefined
  choice: ReturnType<typeof useChosenRuns>
  state: TableState
  onState: (state: TableState) => void
}

const attributes = ['run_name', 'status', 'start_time', 'end_time', 'user_id', 'run_id'].map(
  (key) => `attributes.${key}`,
)
const words = ['and', 'or', 'ilike', 'datasets.name', 'datasets.digest']

/** `20,000 runs`, `200 of 20,000 runs loaded`, `200 runs loaded, more below`. */
function loadedWords(loaded: number, isMore: boolean, all: number | undefined): string {
  if (!isMore) return `${count(loaded)} ${loaded === 1 ? 'run' : 'runs'}`
  return all === undefined
    ? `${count(loaded)} runs loaded, more below`
    : `${count(loaded)} of ${count(all)} runs loaded`
}

export function RunsTable({ experiment, total, list, measure, best, choice, state, onState }: RunsTableProps) {
  const { runs, more, problem, loadingMore } = list
  const { data: known } = useQuery(read(listRunKeys, { id: experiment }))
  const connected = useConnected()
  const navigate = useNavigate()
  const tags = [...new Set(runs.flatMap((run) => run.tags.map(({ key }) => key)))]
  const all = state.filter === '' ? total : undefined
  const shown = [
    loadedWords(runs.length, more !== undefined, all),
    `${count(choice.chosen.length)} chosen`,
    ...(connected ? ['live'] : []),
  ].join(' · ')
  return (
    <DataTable
      name="runs"
      rows={runs}
      columns={runColumns({ runs, known, measure, best, slotOf: choice.slotOf, onToggle: choice.toggle })}
      rowKey={(run) => run.id}
      served
      total={all}
      onNearEnd={more}
      state={state}
      onState={onState}
      height={420}
      onOpen={(run) => void navigate({ to: '/runs/$id', params: { id: run.id } })}
      tools={{
        filter: (
          <RunFilter
            value={state.filter}
            onChange={(filter) => onState({ ...state, filter })}
            problem={problem}
            words={[
              ...(known?.metrics ?? []).map((key) => filterWord('metrics', key)),
              ...(known?.params ?? []).map((key) => filterWord('params', key)),
              ...tags.map((key) => filterWord('tags', key)),
              ...attributes,
              ...words,
            ]}
          />
        ),
        shown: loadingMore ? `${shown} · loading more` : shown,
      }}
    />
  )
}
