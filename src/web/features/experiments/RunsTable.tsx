import { useNavigate } from '@tanstack/react-router'
import type { Run } from '../../../contract/experiments.ts'
import { count } from '../../lib/format.ts'
import { useConnected } from '../../lib/live.ts'
import { TextButton } from '../../ui/Button.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import type { TableState } from '../../ui/table-model.ts'
import type { useChosenRuns } from './chosen-runs.ts'
import { runColumns } from './run-columns.tsx'
import type { useRunList } from './run-list.ts'
import { filterWord, keysOf, type Measure } from './run-words.ts'
import { RunFilter } from './RunFilter.tsx'

interface RunsTableProps {
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

export function RunsTable({ list, measure, best, choice, state, onState }: RunsTableProps) {
  const { runs, more, problem, loadingMore } = list
  const connected = useConnected()
  const navigate = useNavigate()
  const tags = [...new Set(runs.flatMap((run) => run.tags.map(({ key }) => key)))]
  const shown = [
    `${count(runs.length)} ${more ? 'loaded' : runs.length === 1 ? 'run' : 'runs'}`,
    `${count(choice.chosen.length)} chosen`,
    ...(connected ? ['live'] : []),
  ].join(' · ')
  return (
    <DataTable
      name="runs"
      rows={runs}
      columns={runColumns({ runs, measure, best, slotOf: choice.slotOf, onToggle: choice.toggle })}
      rowKey={(run) => run.id}
      served
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
              ...keysOf(runs, 'metrics').map((key) => filterWord('metrics', key)),
              ...keysOf(runs, 'params').map((key) => filterWord('params', key)),
              ...tags.map((key) => filterWord('tags', key)),
              ...attributes,
              ...words,
            ]}
          />
        ),
        shown: (
          <>
            {shown}
            {more ? (
              <>
                {' · '}
                <TextButton onClick={more}>{loadingMore ? 'loading…' : 'load more'}</TextButton>
              </>
            ) : null}
          </>
        ),
      }}
    />
  )
}
