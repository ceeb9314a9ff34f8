import type { ColumnVerdict, MonitorDetail } from '../../../contract/monitoring.ts'
import { fixed, number, percent, spanOf } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { numberIn } from '../../lib/verdict-words.ts'
import { TextButton } from '../../ui/Button.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Distribution, DistributionLegend } from '../../ui/Distribution.tsx'
import { Drawer } from '../../ui/Drawer.tsx'
import { Section } from '../../ui/Page.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { StateBadge } from '../../ui/StateBadge.tsx'
import type { State } from '../../ui/state.ts'
import type { Column } from '../../ui/table-model.ts'
import { ColumnFacts } from './ColumnFacts.tsx'

const states: Record<ColumnVerdict['state'], { state: State; word: string }> = {
  ok: { state: 'ok', word: 'Stable' },
  drifted: { state: 'warn', word: 'Drifted' },
  insufficient: { state: 'unknown', word: 'Not enough data' },
  empty: { state: 'unknown', word: 'No values' },
  constant: { state: 'unknown', word: 'One value only' },
  schema_changed: { state: 'crit', word: 'Another type' },
  warming_up: { state: 'unknown', word: 'Warming up' },
  no_reference: { state: 'unknown', word: 'No reference' },
}

function columnsOf(current: string, open: (column: ColumnVerdict) => void): Column<ColumnVerdict>[] {
  return [
    {
      id: 'column',
      head: 'Input',
      width: 110,
      value: (row) => row.column,
      cell: (row) => <TextButton onClick={() => open(row)}>{row.column}</TextButton>,
    },
    {
      id: 'what',
      head: 'What',
      width: 230,
      value: (row) => row.what,
      cell: (row) => <span title={row.what}>{row.what}</span>,
    },
    {
      id: 'effect',
      head: 'Effect size',
      width: 84,
      right: true,
      value: (row) => row.effect,
      cell: (row) => (
        <span title={`${row.method}${row.q === null ? '' : `; q = ${number(row.q)}`}`}>{number(row.effect, 2)}</span>
      ),
    },
    {
      id: 'impact',
      head: 'Impact',
      width: 84,
      right: true,
      drop: 3,
      value: (row) => row.impact,
      cell: (row) => (
        <span title={`effect size × importance ${number(row.importance, 2)}`}>{number(row.impact, 2)}</span>
      ),
    },
    {
      id: 'outside',
      head: 'Outside range',
      width: 92,
      right: true,
      value: (row) => row.outside,
      cell: (row) => (
        <span title="share of the values beyond the smallest and largest in training">{percent(row.outside)}</span>
      ),
    },
    {
      id: 'psi',
      head: 'PSI',
      width: 60,
      right: true,
      drop: 2,
      value: (row) => row.psi,
      cell: (row) => (
        <span title="population stability index over the bins; said for comparison, not judged by">
          {fixed(row.psi, 2)}
        </span>
      ),
    },
    {
      id: 'state',
      head: 'State',
      width: 146,
      value: (row) => states[row.state].word,
      cell: (row) => <StateBadge {...states[row.state]} />,
    },
    {
      id: 'bins',
      head: 'Distribution',
      headShown: <DistributionLegend reference="training" current={current} />,
      width: 232,
      cell: (row) =>
        row.bins.length === 0 ? (
          <Quiet>no bins</Quiet>
        ) : (
          <Distribution
            reference={row.bins.map((bin) => bin.reference)}
            current={row.bins.map((bin) => bin.current)}
            height={38}
            label={`${row.column}: training against ${current}. ${row.method}`}
          />
        ),
    },
  ]
}

/** The inputs of the last two weeks against the training data, what moved most first. */
export function Changes({ monitor }: { monitor: MonitorDetail }) {
  const { columns, columns_window: window } = monitor
  const [name, setName] = useUrl('column', '')
  const open = columns.find(({ column }) => column === name)
  const setOpen = ({ column }: ColumnVerdict): void => setName(column)
  const current = window ? spanOf(window) : 'now'
  const judged = monitor.windows.findLast((one) => numberIn(one.numbers, 'value') !== null)
  return (
    <Section
      name="What changed"
      about={
        window
          ? `${current} against the training data of the live version, what drifted first, then by ${columns.some(({ impact }) => impact !== null) ? 'impact' : 'effect'}`
          : 'waits for rows to compare'
      }
    >
      {columns.length === 0 ? (
        <Quiet>
          {judged
            ? 'The live version was registered without a profile of its training data.'
            : 'No input has been compared yet.'}
        </Quiet>
      ) : (
        <DataTable
          name="inputs"
          rows={columns}
          columns={columnsOf(current, setOpen).filter(
            ({ id }) => id !== 'impact' || columns.some((column) => column.impact !== null),
          )}
          rowKey={(row) => row.column}
          rowHeight={48}
          onOpen={setOpen}
        />
      )}
      <Drawer title={open?.column ?? ''} open={open !== undefined} onClose={() => setName('')}>
        {open ? <ColumnFacts column={open} said={states[open.state]} current={current} /> : null}
      </Drawer>
    </Section>
  )
}
