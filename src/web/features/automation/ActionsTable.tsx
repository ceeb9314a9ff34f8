import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listActions } from '../../../contract/automation.ts'
import { endpointColumn } from '../../lib/endpoint-column.tsx'
import { actionNoun, saidOfAction, type ActionShown } from '../../lib/action-words.ts'
import { read } from '../../lib/api.ts'
import { day, exact, plain } from '../../lib/format.ts'
import { useTableUrl } from '../../lib/table-url.ts'
import { asNumbers } from '../../lib/verdict-words.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'
import type { State } from '../../ui/state.ts'
import type { Column } from '../../ui/table-model.ts'

const outcomes: Record<NonNullable<ActionShown['outcome']>, { state: State; word: string }> = {
  recovered: { state: 'ok', word: 'recovered' },
  better_but_outside: { state: 'warn', word: 'better, but outside' },
  did_not_help: { state: 'crit', word: 'did not help' },
  unknown: { state: 'unknown', word: 'not known' },
}

const columns: readonly Column<ActionShown>[] = [
  {
    id: 'event_time',
    head: 'Event time',
    width: 96,
    value: (row) => row.event_time,
    cell: (row) => <span title={`${exact(row.event_time)}; by the clock ${exact(row.at)}`}>{day(row.event_time)}</span>,
  },
  { id: 'kind', head: 'Action', width: 84, value: (row) => row.kind, cell: (row) => actionNoun(row.kind) },
  {
    id: 'state',
    head: 'State',
    width: 116,
    value: (row) => row.state,
    cell: (row) => <StateWord {...saidOfAction(row)} />,
  },
  endpointColumn,
  {
    id: 'sentence',
    head: 'What',
    width: 360,
    value: (row) => row.sentence,
    cell: (row) => <span title={`${row.sentence}\n${asNumbers(row.numbers)}`}>{plain(row.sentence)}</span>,
  },
  {
    id: 'outcome',
    head: 'Did it help',
    width: 150,
    value: (row) => row.outcome,
    cell: (row) =>
      row.outcome === null ? (
        <Quiet>{row.state === 'done' ? 'waits for labels' : '—'}</Quiet>
      ) : (
        <span title={row.outcome_sentence ?? undefined}>
          <StateWord {...outcomes[row.outcome]} />
        </span>
      ),
  },
  {
    id: 'incident',
    head: 'Incident',
    width: 72,
    drop: 2,
    value: (row) => row.incident,
    cell: (row) =>
      row.incident === null ? (
        <Quiet>—</Quiet>
      ) : (
        <Link to="/incidents/$id" params={{ id: row.incident }}>
          open
        </Link>
      ),
  },
  {
    id: 'rule',
    head: 'Rule',
    width: 180,
    drop: 1,
    value: (row) => row.rule,
    cell: (row) => <span title={row.rule}>{row.rule}</span>,
  },
]

/** What was done, and whether it helped. */
export function ActionsTable() {
  const { data } = useSuspenseQuery(read(listActions, {}))
  const [state, setState] = useTableUrl()
  if (data.items.length === 0) {
    return (
      <Empty title="No action yet" command="mainstay automation list">
        A retraining, a rollback or a notice that a rule started stands here, with whether it helped.
      </Empty>
    )
  }
  return (
    <DataTable
      name="actions"
      rows={data.items}
      columns={columns}
      rowKey={(row) => row.id}
      state={state}
      onState={setState}
    />
  )
}
