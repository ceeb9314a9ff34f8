import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { listMonitors, type MonitorSummary } from '../../../contract/monitoring.ts'
import { read } from '../../lib/api.ts'
import { count, day, exact, number } from '../../lib/format.ts'
import { headline, metricMeaning, metricName, saidOf } from '../../lib/verdict-words.ts'
import { LimitBar } from '../../ui/Bars.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { EmptyRoom } from '../../ui/EmptyRoom.tsx'
import { Page } from '../../ui/Page.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { StateBadge, StateWord } from '../../ui/StateBadge.tsx'
import { TwoLines } from '../../ui/TwoLines.tsx'
import type { Column } from '../../ui/table-model.ts'

const columns: readonly Column<MonitorSummary>[] = [
  {
    id: 'endpoint',
    head: 'Endpoint',
    width: 110,
    value: (row) => row.endpoint,
    cell: ({ endpoint }) => (
      <Link to="/monitoring/$endpoint" params={{ endpoint }}>
        {endpoint}
      </Link>
    ),
  },
  {
    id: 'state',
    head: 'State',
    width: 146,
    value: (row) => saidOf(row.state).word,
    cell: (row) => <StateBadge {...saidOf(row.state)} />,
  },
  {
    id: 'since',
    head: 'Since',
    width: 92,
    drop: 3,
    value: (row) => row.since,
    cell: (row) => (row.since === null ? <Quiet>—</Quiet> : <span title={exact(row.since)}>{day(row.since)}</span>),
  },
  {
    id: 'version',
    head: 'Version',
    width: 64,
    drop: 4,
    value: (row) => row.version,
    cell: (row) => (row.version === null ? <Quiet>—</Quiet> : <code>{`v${row.version}`}</code>),
  },
  {
    id: 'value',
    head: 'Performance',
    width: 98,
    right: true,
    value: (row) => row.value,
    cell: (row) => (
      <span title={`${metricMeaning(row.metric)}. ${row.facts}`}>
        {row.value === null ? '—' : `${metricName(row.metric)} ${number(row.value)}`}
      </span>
    ),
  },
  {
    id: 'limit',
    head: 'Against limit',
    width: 176,
    value: (row) => row.limit,
    cell: ({ value, limit, state }) => {
      if (value === null) return <Quiet>not enough data</Quiet>
      if (limit === null) return <Quiet>no limit declared</Quiet>
      return <LimitBar value={value} limit={limit} state={saidOf(state).state} word={`limit ${number(limit)}`} />
    },
  },
  {
    id: 'drift',
    head: 'Drifted inputs',
    width: 128,
    drop: 5,
    value: (row) => row.drifted?.columns,
    cell: ({ drifted }) =>
      drifted === null ? (
        <StateWord state="unknown" word="not judged" />
      ) : (
        <StateWord state={drifted.columns > 0 ? 'warn' : 'ok'} word={`${drifted.columns} of ${drifted.of} columns`} />
      ),
  },
  {
    id: 'incidents',
    head: 'Incidents',
    width: 72,
    right: true,
    value: (row) => row.open_incidents,
    cell: (row) =>
      row.open_incidents === 0 ? (
        <Quiet>none</Quiet>
      ) : (
        <Link to="/incidents" search={{ filter: `endpoint = ${row.endpoint}` } as never}>
          {count(row.open_incidents)}
        </Link>
      ),
  },
  {
    id: 'facts',
    head: 'Last window',
    width: 300,
    drop: 2,
    cell: (row) => (
      <Quiet>
        <TwoLines text={row.facts || row.sentence} />
      </Quiet>
    ),
  },
]

export function MonitorsPage() {
  const { data } = useSuspenseQuery(read(listMonitors, {}))
  const navigate = useNavigate()
  if (data.items.length === 0) return <EmptyRoom id="monitoring" />
  return (
    <Page
      title={headline(data.items)}
      facts={
        <>
          One row per endpoint, worst first; a state is kept until a window with enough labels says otherwise.{' '}
          <Link to="/incidents">All incidents</Link>
        </>
      }
      actions={<CopyButton word="Copy as CLI" text="mainstay monitor list" />}
    >
      <DataTable
        name="monitors"
        rows={data.items}
        columns={columns}
        rowKey={(row) => row.endpoint}
        rowHeight={44}
        onOpen={({ endpoint }) => void navigate({ to: '/monitoring/$endpoint', params: { endpoint } })}
      />
    </Page>
  )
}
