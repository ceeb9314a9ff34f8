import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { verifyAudit } from '../../../contract/audit.ts'
import type { ServedEndpoint } from '../../../contract/serving.ts'
import { about, deadJobs } from '../../../contract/system.ts'
import { read } from '../../lib/api.ts'
import { count, number } from '../../lib/format.ts'
import { KeyValue, type Fact } from '../../ui/KeyValue.tsx'

/** A row of its own: while it loads, or when it is refused, it is not known, and the others stay. */
function factOf<T>(key: string, { data, error }: UseQueryResult<T>, say: (data: T) => Omit<Fact, 'key'>): Fact {
  if (data !== undefined) return { key, ...say(data) }
  return { key, value: '—', note: error ? 'not answered' : 'asking', state: { state: 'unknown', word: 'not known' } }
}

function latency(endpoints: readonly ServedEndpoint[]): Fact {
  const slowest = endpoints
    .flatMap((endpoint) => endpoint.variants.map((variant) => ({ endpoint: endpoint.name, p99: variant.p99 })))
    .filter((one): one is { endpoint: string; p99: number } => one.p99 !== null)
    .toSorted((a, b) => b.p99 - a.p99)[0]
  if (!slowest)
    return {
      key: 'Prediction p99, slowest',
      value: '—',
      note: 'no requests',
      state: { state: 'unknown', word: 'not known' },
    }
  return {
    key: 'Prediction p99, slowest',
    value: (
      <span title="99 of 100 requests are answered within this time, since the data plane started">
        {number(slowest.p99)} ms
      </span>
    ),
    note: (
      <Link to="/endpoints/$name" params={{ name: slowest.endpoint }}>
        {slowest.endpoint}
      </Link>
    ),
    state: { state: 'ok', word: 'ok' },
  }
}

export function Platform({ endpoints }: { endpoints: readonly ServedEndpoint[] }) {
  const server = useQuery(read(about, {}))
  const jobs = useQuery(read(deadJobs, {}))
  const audit = useQuery(read(verifyAudit, {}))
  const down = endpoints.filter((endpoint) => endpoint.state === 'unreachable').map((endpoint) => endpoint.name)
  return (
    <KeyValue
      figures
      facts={[
        {
          key: 'Data plane',
          value: down.length === 0 ? 'answers' : `${count(down.length)} unreachable`,
          note: down.length === 0 ? '' : down.join(', '),
          state: down.length === 0 ? { state: 'ok', word: 'ok' } : { state: 'crit', word: 'critical' },
        },
        latency(endpoints),
        factOf('Jobs given up', jobs, ({ items }) => ({
          value: (
            <span title={items.map((job) => `${job.kind}: ${job.error ?? 'no reason'}`).join('\n')}>
              {count(items.length)}
            </span>
          ),
          note: items[0]?.kind ?? '',
          state: items.length === 0 ? { state: 'ok', word: 'ok' } : { state: 'crit', word: 'critical' },
        })),
        factOf('Audit chain', audit, ({ records, intact, broken_at }) => ({
          value: `${count(records)} records`,
          note: intact ? 'whole' : `breaks at ${broken_at ?? '?'}`,
          state: intact ? { state: 'ok', word: 'ok' } : { state: 'crit', word: 'critical' },
        })),
        factOf('Automation', server, ({ automation }) => ({
          value: <Link to="/automation">{automation ? 'acts where a rule says so' : 'switched off'}</Link>,
          note: '',
          state: automation ? { state: 'ok', word: 'ok' } : { state: 'warn', word: 'warning' },
        })),
        factOf('Version', server, ({ version, database }) => ({ value: <code>{version}</code>, note: database })),
      ]}
    />
  )
}
