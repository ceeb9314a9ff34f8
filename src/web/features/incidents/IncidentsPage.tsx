import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { listIncidents, type Incident } from '../../../contract/monitoring.ts'
import { endpointColumn } from '../../lib/endpoint-column.tsx'
import { read } from '../../lib/api.ts'
import { day, duration, exact, sentenceCase } from '../../lib/format.ts'
import { useTableUrl } from '../../lib/table-url.ts'
import { inWords, signalWords } from '../../lib/verdict-words.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Page } from '../../ui/Page.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { StateBadge } from '../../ui/StateBadge.tsx'
import type { Column } from '../../ui/table-model.ts'
import { saidOfIncident } from './incident-words.ts'

const lasted = (incident: Incident): number | null =>
  incident.closed_event_time === null ? null : incident.closed_event_time - incident.opened_event_time

const columns: readonly Column<Incident>[] = [
  {
    id: 'number',
    head: '#',
    width: 36,
    right: true,
    value: (row) => row.number,
    cell: (row) => (
      <Link to="/incidents/$id" params={{ id: row.id }}>
        {row.number}
      </Link>
    ),
  },
  {
    id: 'state',
    head: 'State',
    width: 112,
    value: (row) => saidOfIncident(row).word,
    cell: (row) => <StateBadge {...saidOfIncident(row)} />,
  },
  endpointColumn,
  {
    id: 'signal',
    head: 'Signal',
    width: 120,
    drop: 3,
    value: (row) => signalWords[row.signal],
    cell: (row) => signalWords[row.signal],
  },
  {
    id: 'title',
    head: 'What happened',
    width: 340,
    value: (row) => row.title,
    cell: (row) => <span title={`${row.title}\n${row.cause}`}>{row.title}</span>,
  },
  {
    id: 'opened',
    head: 'Opened',
    width: 96,
    value: (row) => row.opened_event_time,
    cell: (row) => (
      <span title={`event time ${exact(row.opened_event_time)}; noticed ${exact(row.opened_at)}`}>
        {day(row.opened_event_time)}
      </span>
    ),
  },
  {
    id: 'lasted',
    head: 'Lasted',
    width: 80,
    right: true,
    drop: 2,
    value: lasted,
    cell: (row) => (lasted(row) === null ? <Quiet>still open</Quiet> : duration(lasted(row))),
  },
  {
    id: 'reason',
    head: 'Closed because',
    width: 280,
    drop: 1,
    value: (row) => row.closed_reason,
    cell: (row) => (
      <span title={row.closed_reason ?? undefined}>
        <Quiet>{row.closed_reason ?? '—'}</Quiet>
      </span>
    ),
  },
]

function titleOf(incidents: readonly Incident[]): string {
  const open = incidents.filter((incident) => incident.state !== 'closed')
  if (open.length === 0) return 'No incident is open.'
  const [first] = open
  if (open.length === 1 && first)
    return `One incident is open, at ${first.endpoint} since ${day(first.opened_event_time)}.`
  const places = new Set(open.map((incident) => incident.endpoint))
  return `${sentenceCase(inWords(open.length))} incidents are open, at ${[...places]
    .slice(0, 3)
    .join(', ')
    .replace(/, ([^,]*)$/, ' and $1')}.`
}

export function IncidentsPage() {
  const { data } = useSuspenseQuery(read(listIncidents, {}))
  const [state, setState] = useTableUrl()
  const navigate = useNavigate()
  if (data.items.length === 0) {
    return (
      <Page title="Incidents" facts="What went wrong, what Mainstay did about it, and whether it helped.">
        <Empty title="No incident so far" command="mainstay monitor list">
          An incident opens when a model leaves its limit for two windows, when its inputs break, or when requests fail.
          It closes by itself when the follow-up has held, or by hand with a reason.
        </Empty>
      </Page>
    )
  }
  return (
    <Page
      title={titleOf(data.items)}
      facts="Open ones first. An incident opens on evidence and closes when the follow-up has held, or by hand with a reason."
      actions={<CopyButton word="Copy as CLI" text="mainstay incidents list" />}
    >
      <DataTable
        name="incidents"
        rows={data.items}
        columns={columns}
        rowKey={(row) => row.id}
        state={state}
        onState={setState}
        onOpen={({ id }) => void navigate({ to: '/incidents/$id', params: { id } })}
      />
    </Page>
  )
}
