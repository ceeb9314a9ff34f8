import { Link } from '@tanstack/react-router'
import type { MonitorSummary } from '../../../contract/monitoring.ts'
import type { ServedEndpoint } from '../../../contract/serving.ts'
import { count, exact, number, percent, relative } from '../../lib/format.ts'
import { metricMeaning, metricName, nameOf, saidOf } from '../../lib/verdict-words.ts'
import { LimitBar } from '../../ui/Bars.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { Sparkline } from '../../ui/Sparkline.tsx'
import { StateBadge, StateWord } from '../../ui/StateBadge.tsx'
import type { Column } from '../../ui/table-model.ts'

interface Row {
  monitor: MonitorSummary
  endpoint: ServedEndpoint | undefined
}

const answering = (endpoint: ServedEndpoint | undefined) =>
  (endpoint?.variants ?? []).filter((variant) => variant.role !== 'shadow').toSorted((a, b) => b.weight - a.weight)

const versions = ({ monitor, endpoint }: Row): string => {
  const named = answering(endpoint).map((variant) => `v${variant.version}`)
  if (named.length > 0) return named.join(' → ')
  return monitor.version === null ? '—' : `v${monitor.version}`
}

const split = ({ endpoint }: Row): string =>
  answering(endpoint)
    .map((variant) => percent(variant.weight).replace(' %', ''))
    .join(' / ')

/** Which rule it was is said on hover; there is no room for its name. */
const shortAction = (sentence: string): string =>
  sentence === 'Closed' ? 'Incident closed' : sentence.replace(/^Rule “[^”]+” /, 'Rule ')

const columns: readonly Column<Row>[] = [
  {
    id: 'model',
    head: 'Model',
    width: 110,
    value: ({ monitor }) => nameOf(monitor),
    cell: ({ monitor }) => (
      <Link to="/monitoring/$endpoint" params={{ endpoint: monitor.endpoint }} title={monitor.sentence}>
        {nameOf(monitor)}
      </Link>
    ),
  },
  {
    id: 'state',
    head: 'State',
    width: 146,
    value: ({ monitor }) => saidOf(monitor.state).word,
    cell: ({ monitor }) => (
      <span title={monitor.since === null ? monitor.sentence : `since ${exact(monitor.since)}. ${monitor.sentence}`}>
        <StateBadge {...saidOf(monitor.state)} />
      </span>
    ),
  },
  {
    id: 'endpoint',
    head: 'Endpoint',
    width: 94,
    drop: 4,
    value: ({ monitor }) => monitor.endpoint,
    cell: ({ monitor }) => (
      <Link to="/endpoints/$name" params={{ name: monitor.endpoint }}>
        {monitor.endpoint}
      </Link>
    ),
  },
  { id: 'version', head: 'Version', width: 70, cell: (row) => <code>{versions(row)}</code>, value: versions },
  {
    id: 'split',
    head: 'Traffic',
    unit: '%',
    width: 84,
    right: true,
    drop: 3,
    value: split,
    cell: (row) => <Quiet>{split(row) || '—'}</Quiet>,
  },
  {
    id: 'rows',
    head: 'Requests, 30 d',
    width: 118,
    drop: 5,
    value: ({ monitor }) => monitor.rows.reduce((sum, point) => sum + point.value, 0),
    cell: ({ monitor }) =>
      monitor.rows.length === 0 ? (
        <Quiet>none yet</Quiet>
      ) : (
        <span
          title={`${count(monitor.rows.reduce((sum, point) => sum + point.value, 0))} rows in 30 days of event time`}
        >
          <Sparkline
            values={monitor.rows.map((point) => point.value)}
            label={`${monitor.endpoint}: requests by day`}
            fromZero
          />
        </span>
      ),
  },
  {
    id: 'performance',
    head: 'Performance',
    width: 98,
    right: true,
    value: ({ monitor }) => monitor.value,
    cell: ({ monitor }) => (
      <span title={`${metricMeaning(monitor.metric)}. ${monitor.facts}`}>
        {monitor.value === null ? '—' : `${metricName(monitor.metric)} ${number(monitor.value)}`}
      </span>
    ),
  },
  { id: 'limit', head: 'Against limit', width: 162, cell: ({ monitor }) => <AgainstLimit monitor={monitor} /> },
  {
    id: 'drift',
    head: 'Drifted inputs',
    width: 124,
    value: ({ monitor }) => monitor.drifted?.columns,
    cell: ({ monitor: { drifted } }) =>
      drifted === null ? (
        <StateWord state="unknown" word="not judged" />
      ) : (
        <StateWord state={drifted.columns > 0 ? 'warn' : 'ok'} word={`${drifted.columns} of ${drifted.of} columns`} />
      ),
  },
  {
    id: 'action',
    head: 'Last action',
    width: 178,
    drop: 2,
    value: ({ monitor }) => monitor.last_action?.at,
    cell: ({ monitor: { last_action: action } }) =>
      action ? (
        <span title={`${action.sentence}, ${exact(action.at)}`}>
          <Quiet>
            {shortAction(action.sentence)}, {relative(action.at)}
          </Quiet>
        </span>
      ) : (
        <Quiet>none yet</Quiet>
      ),
  },
]

function AgainstLimit({ monitor }: { monitor: MonitorSummary }) {
  const { value, limit, state } = monitor
  if (value === null) return <Quiet>{state === 'insufficient' ? 'not enough data' : 'not judged'}</Quiet>
  if (limit === null) return <Quiet>no limit declared</Quiet>
  return <LimitBar value={value} limit={limit} state={saidOf(state).state} word={`limit ${number(limit)}`} />
}

/** One row per model, worst first. */
export function ModelsTable({
  monitors,
  endpoints,
}: {
  monitors: readonly MonitorSummary[]
  endpoints: readonly ServedEndpoint[]
}) {
  const rows = monitors.map((monitor) => ({
    monitor,
    endpoint: endpoints.find((endpoint) => endpoint.name === monitor.endpoint),
  }))
  return <DataTable name="models" rows={rows} columns={columns} rowKey={({ monitor }) => monitor.endpoint} />
}
