import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { listEndpoints, type ServedEndpoint } from '../../../contract/serving.ts'
import { emptyRooms } from '../../app/empty-rooms.ts'
import { read } from '../../lib/api.ts'
import { count, exact, number, percent, relative } from '../../lib/format.ts'
import { inWords, sentenceCase } from '../../lib/verdict-words.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Page } from '../../ui/Page.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { StateBadge } from '../../ui/StateBadge.tsx'
import type { Column } from '../../ui/table-model.ts'
import { answering, saidOfEndpoint, sumOf } from './endpoint-words.ts'

const p99Of = (row: ServedEndpoint): number | null => {
  const known = row.variants.flatMap((variant) => (variant.p99 === null ? [] : [variant.p99]))
  return known.length === 0 ? null : Math.max(...known)
}

const columns: readonly Column<ServedEndpoint>[] = [
  {
    id: 'name',
    head: 'Endpoint',
    width: 130,
    value: (row) => row.name,
    cell: ({ name }) => (
      <Link to="/endpoints/$name" params={{ name }}>
        {name}
      </Link>
    ),
  },
  {
    id: 'state',
    head: 'State',
    width: 130,
    value: (row) => saidOfEndpoint(row).word,
    cell: (row) => <StateBadge {...saidOfEndpoint(row)} />,
  },
  {
    id: 'serves',
    head: 'Who answers',
    width: 280,
    value: (row) => answering(row).map((variant) => `${variant.model} v${variant.version}`).join(' '),
    cell: (row) =>
      answering(row).length === 0 ? (
        <Quiet>no version yet</Quiet>
      ) : (
        answering(row).map((variant, index) => (
          <span key={variant.name}>
            {index > 0 ? ' · ' : ''}
            {variant.model} <code>{`v${variant.version}`}</code> {percent(variant.weight)}
          </span>
        ))
      ),
  },
  {
    id: 'requests',
    head: 'Requests',
    width: 92,
    right: true,
    drop: 4,
    value: (row) => sumOf(row, 'requests'),
    cell: (row) => <span title="since the data plane started">{count(sumOf(row, 'requests'))}</span>,
  },
  {
    id: 'errors',
    head: 'Failed',
    width: 72,
    right: true,
    value: (row) => sumOf(row, 'errors'),
    cell: (row) => <span title="since the data plane started">{count(sumOf(row, 'errors'))}</span>,
  },
  {
    id: 'p99',
    head: 'p99',
    unit: 'ms',
    width: 76,
    right: true,
    value: p99Of,
    cell: (row) => <span title="99 of 100 requests are answered within this time; the slowest variant">{number(p99Of(row))}</span>,
  },
  {
    id: 'captured',
    head: 'Captured rows',
    width: 100,
    right: true,
    drop: 3,
    value: (row) => row.captured.rows,
    cell: (row) => count(row.captured.rows),
  },
  {
    id: 'labels',
    head: 'Labelled',
    width: 90,
    right: true,
    drop: 2,
    value: (row) => row.captured.labels,
    cell: (row) => (
      <span title={`${count(row.captured.labels)} labels found their prediction, ${count(row.captured.pending_labels)} wait for theirs`}>
        {row.captured.rows === 0 ? '—' : percent(row.captured.labels / row.captured.rows)}
      </span>
    ),
  },
  {
    id: 'watermark',
    head: 'Newest event',
    width: 110,
    drop: 1,
    value: (row) => row.watermark,
    cell: (row) => (row.watermark === null ? <Quiet>none yet</Quiet> : <span title={exact(row.watermark)}>{relative(row.watermark)}</span>),
  },
]

function titleOf(endpoints: readonly ServedEndpoint[]): string {
  const serving = endpoints.filter((endpoint) => endpoint.state === 'serving').length
  const down = endpoints.filter((endpoint) => endpoint.state === 'unreachable').map((endpoint) => endpoint.name)
  const moving = endpoints.filter((endpoint) => endpoint.rollout !== null).length
  const all = endpoints.length
  const first =
    serving === all
      ? all === 1
        ? `${endpoints[0]?.name ?? ''} answers`
        : `All ${inWords(all)} endpoints answer`
      : `${sentenceCase(inWords(serving))} of ${inWords(all)} endpoints ${serving === 1 ? 'answers' : 'answer'}`
  const rest = down.length > 0 ? `; ${down.join(', ')} cannot be reached` : moving > 0 ? `; ${inWords(moving)} ${moving === 1 ? 'has' : 'have'} a rollout under way` : ''
  return `${first}${rest}.`
}

export function EndpointsPage() {
  const { data } = useSuspenseQuery(read(listEndpoints, {}))
  const navigate = useNavigate()
  if (data.items.length === 0) {
    const { title, text, command } = emptyRooms.endpoints
    return (
      <Page title="Endpoints" facts="Where predictions come from, and which version answers.">
        <Empty title={title} command={command}>
          {text}
        </Empty>
      </Page>
    )
  }
  return (
    <Page
      title={titleOf(data.items)}
      facts="Where predictions come from, and which version answers. Requests, failures and times are counted since the data plane started."
      actions={<CopyButton word="Copy as CLI" text="mainstay endpoints list" />}
    >
      <DataTable
        name="endpoints"
        rows={data.items}
        columns={columns}
        rowKey={(row) => row.name}
        onOpen={({ name }) => void navigate({ to: '/endpoints/$name', params: { name } })}
      />
    </Page>
  )
}
