import { Link } from '@tanstack/react-router'
import type { ServedEndpoint, Variant } from '../../../contract/serving.ts'
import { count, number, percent } from '../../lib/format.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Swatch } from '../../ui/SplitBar.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'
import type { State } from '../../ui/state.ts'
import { slotOf } from './endpoint-words.ts'

const loaded: Record<Variant['loaded'], { state: State; word: string }> = {
  inline: { state: 'ok', word: 'loaded' },
  worker: { state: 'ok', word: 'worker' },
  failed: { state: 'crit', word: 'failed' },
  unknown: { state: 'unknown', word: 'not known' },
}

/** Requests, failures and times of each version; a shadow answers the same requests unheard. */
export function VariantsTable({ endpoint }: { endpoint: ServedEndpoint }) {
  return (
    <DataTable
      name="variants"
      rows={endpoint.variants}
      rowKey={(row) => row.name}
      columns={[
        {
          id: 'version',
          head: 'Version',
          width: 84,
          value: (row) => row.version,
          cell: (row) => (
            <>
              <Swatch slot={slotOf(row.version)} />
              <Link to="/models/$name" params={{ name: row.model }} title={`${row.model} version ${row.version}`}>
                v{row.version}
              </Link>
            </>
          ),
        },
        {
          id: 'role',
          head: 'Role',
          width: 88,
          value: (row) => row.role,
          cell: (row) => (row.role === 'shadow' ? 'shadow' : `${row.role}, ${percent(row.weight)}`),
        },
        {
          id: 'requests',
          head: 'Requests',
          width: 76,
          right: true,
          value: (row) => row.requests,
          cell: (row) => count(row.requests),
        },
        {
          id: 'errors',
          head: 'Failed',
          width: 60,
          right: true,
          value: (row) => row.errors,
          cell: (row) => count(row.errors),
        },
        {
          id: 'p50',
          head: 'p50',
          unit: 'ms',
          width: 68,
          right: true,
          value: (row) => row.p50,
          cell: (row) => <span title="half of the requests are answered within this time">{number(row.p50)}</span>,
        },
        {
          id: 'p99',
          head: 'p99',
          unit: 'ms',
          width: 68,
          right: true,
          value: (row) => row.p99,
          cell: (row) => <span title="99 of 100 requests are answered within this time">{number(row.p99)}</span>,
        },
        {
          id: 'loaded',
          head: 'In memory',
          width: 90,
          drop: 1,
          value: (row) => row.loaded,
          cell: (row) => (
            <span title={row.error ?? undefined}>
              <StateWord {...loaded[row.loaded]} />
            </span>
          ),
        },
      ]}
    />
  )
}
