import { useSuspenseQuery } from '@tanstack/react-query'
import { about, deadJobs } from '../../../contract/system.ts'
import { read } from '../../lib/api.ts'
import { fromHere } from '../../lib/url.ts'
import { count, relative } from '../../lib/format.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { Verdict } from '../../ui/Verdict.tsx'

const databases = { sqlite: 'SQLite, a file in its home', postgres: 'PostgreSQL' }

export function ServerFacts() {
  const { data } = useSuspenseQuery(read(about, {}))
  return (
    <KeyValue
      facts={[
        { key: 'Version', value: <code>{data.version}</code> },
        { key: 'Project', value: data.project },
        { key: 'MLflow', value: <code>{`MLFLOW_TRACKING_URI=${location.origin}`}</code> },
        { key: 'Predictions', value: <code>{fromHere(data.predict_url)}</code> },
        { key: 'Database', value: databases[data.database] },
        { key: 'Automation', value: data.automation ? 'acts by itself where a rule says so' : 'switched off' },
      ]}
    />
  )
}

/** Work that was given up after its last attempt. */
export function DeadJobs() {
  const { data } = useSuspenseQuery(read(deadJobs, {}))
  return (
    <Section name="Work that was given up" about="after its last attempt; the server’s log says more">
      {data.items.length === 0 ? (
        <Verdict state="ok">Nothing was given up.</Verdict>
      ) : (
        <DataTable
          name="jobs"
          rows={data.items}
          rowKey={(row) => row.id}
          columns={[
            { id: 'kind', head: 'Work', width: 130, value: (row) => row.kind, cell: (row) => <code>{row.kind}</code> },
            {
              id: 'error',
              head: 'Why',
              width: 260,
              value: (row) => row.error,
              cell: (row) => <span title={row.error ?? undefined}>{row.error ?? '—'}</span>,
            },
            {
              id: 'attempts',
              head: 'Tries',
              width: 56,
              right: true,
              value: (row) => row.attempts,
              cell: (row) => count(row.attempts),
            },
            {
              id: 'ended',
              head: 'Given up',
              width: 90,
              value: (row) => row.ended_at,
              cell: (row) => (row.ended_at === null ? '—' : relative(row.ended_at)),
            },
          ]}
        />
      )}
    </Section>
  )
}
