import { Link } from '@tanstack/react-router'
import type { ServedEndpoint } from '../../../contract/serving.ts'
import { count, exact, number, percent, relative } from '../../lib/format.ts'
import { Quiet } from '../../ui/Quiet.tsx'
import { StateBadge } from '../../ui/StateBadge.tsx'
import type { Column } from '../../ui/table-model.ts'
import { answering, saidOfEndpoint, sumOf } from './endpoint-words.ts'

const p99Of = (row: ServedEndpoint): number | null => {
  const known = row.variants.flatMap((variant) => (variant.p99 === null ? [] : [variant.p99]))
  return known.length === 0 ? null : Math.max(...known)
}

/** The list of endpoints: who answers, how often, how fast, and how much of it is labelled. */
export const endpointColumns: readonly Column<ServedEndpoint>[] = [
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
    value: (row) =>
      answering(row)
        .map((variant) => `${variant.model} v${variant.version}`)
        .join(' '),
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
    cell: (row) => (
      <span title="99 of 100 requests are answered within this time; the slowest variant">{number(p99Of(row))}</span>
    ),
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
      <span
        title={`${count(row.captured.labels)} labels found their prediction, ${count(row.captured.pending_labels)} wait for theirs`}
      >
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
    cell: (row) =>
      row.watermark === null ? (
        <Quiet>none yet</Quiet>
      ) : (
        <span title={exact(row.watermark)}>{relative(row.watermark)}</span>
      ),
  },
]
