import type { WindowJudgement } from '../../../contract/monitoring.ts'
import { count, day, interval, number } from '../../lib/format.ts'
import { metricName, saidOf } from '../../lib/verdict-words.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'

/** Every judged window of the range, newest first. */
export function WindowsTable({ windows, metric }: { windows: readonly WindowJudgement[]; metric: string }) {
  return (
    <DataTable
      name="windows"
      rows={windows.toReversed()}
      rowKey={(row) => String(row.start)}
      columns={[
        {
          id: 'start',
          head: 'Window',
          width: 110,
          value: (row) => row.start,
          cell: (row) => <span title={row.sentence}>{`${day(row.start)}`}</span>,
        },
        {
          id: 'state',
          head: 'State',
          width: 118,
          value: (row) => row.state,
          cell: (row) => <StateWord {...saidOf(row.state)} />,
        },
        {
          id: 'value',
          head: metricName(metric),
          width: 60,
          right: true,
          value: (row) => row.value,
          cell: (row) => number(row.value),
        },
        {
          id: 'interval',
          head: '95 %',
          width: 104,
          right: true,
          cell: (row) => <Quiet>{row.value === null ? '—' : interval(row.lower, row.upper)}</Quiet>,
        },
        {
          id: 'labelled',
          head: 'Labelled',
          width: 84,
          right: true,
          value: (row) => row.labelled,
          cell: (row) => `${count(row.labelled)} / ${count(row.rows)}`,
        },
      ]}
    />
  )
}
