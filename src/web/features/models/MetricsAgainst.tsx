import type { ModelVersion } from '../../../contract/registry.ts'
import { number, signed } from '../../lib/format.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Page.tsx'
import { Num } from '../../ui/Time.tsx'
import type { Column } from '../../ui/table-model.ts'
import { versionMetric } from './version-columns.tsx'

interface Row {
  key: string
  own: number | null
  other: number | null
}

const differenceOf = ({ own, other }: Row): number | null => (own === null || other === null ? null : own - other)

/** Metrics of the version's run, beside those of the champion. */
export function MetricsAgainst({ version, champion }: { version: ModelVersion; champion: ModelVersion | undefined }) {
  const against = champion && champion.version !== version.version ? champion : undefined
  const rows = version.run_metrics.map(({ key, value }): Row => ({
    key,
    own: value,
    other: against ? versionMetric(against, key) : null,
  }))
  const figure = (id: 'own' | 'other', head: string): Column<Row> => ({
    id,
    head,
    right: true,
    width: 100,
    cell: (row) => <Num text={number(row[id])} full={row[id]} />,
    value: (row) => row[id],
  })
  const columns: Column<Row>[] = [
    { id: 'key', head: 'Metric', width: 160, cell: ({ key }) => key, value: ({ key }) => key },
    figure('own', `v${version.version}`),
    ...(against
      ? [
          figure('other', `v${against.version}, champion`),
          {
            id: 'difference',
            head: 'Difference',
            right: true,
            width: 100,
            cell: (row: Row) => signed(differenceOf(row), number(differenceOf(row))),
            value: differenceOf,
          },
        ]
      : []),
  ]
  const about = against
    ? `of its run, against the champion`
    : champion
      ? 'of its run; it is the champion'
      : 'of its run; there is no champion'
  return (
    <Section name="Metrics" about={about}>
      {rows.length === 0 ? (
        <p>Its run logged no metrics.</p>
      ) : (
        <DataTable name="metrics" rows={rows} columns={columns} rowKey={({ key }) => key} height={360} />
      )}
    </Section>
  )
}
