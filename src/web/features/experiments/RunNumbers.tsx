import type { MetricPoint, Run } from '../../../contract/experiments.ts'
import { count, number } from '../../lib/format.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Page.tsx'
import { Num, Time } from '../../ui/Time.tsx'
import type { Column } from '../../ui/table-model.ts'
import { NotFinite } from './NotFinite.tsx'
import { paramValue, paramWord } from './run-words.ts'

const metricColumns: readonly Column<MetricPoint>[] = [
  { id: 'key', head: 'Metric', width: 200, cell: ({ key }) => <span title={key}>{key}</span>, value: ({ key }) => key },
  {
    id: 'value',
    head: 'Newest value',
    right: true,
    width: 110,
    cell: ({ value }) => (value === null ? <NotFinite /> : <Num text={number(value, 4)} full={value} />),
    value: ({ value }) => value,
  },
  {
    id: 'step',
    head: 'Step',
    right: true,
    width: 80,
    drop: 2,
    cell: ({ step }) => count(step),
    value: ({ step }) => step,
  },
  {
    id: 'at',
    head: 'Logged',
    right: true,
    width: 110,
    drop: 1,
    cell: ({ timestamp }) => <Time at={timestamp} />,
    value: ({ timestamp }) => timestamp,
  },
]

export function MetricTable({ run }: { run: Run }) {
  return (
    <Section name="Metrics" about={`${count(run.metrics.length)}, the newest value of each`}>
      {run.metrics.length === 0 ? (
        <p>This run has logged no metrics.</p>
      ) : (
        <DataTable name="metrics" rows={run.metrics} columns={metricColumns} rowKey={({ key }) => key} height={420} />
      )}
    </Section>
  )
}

type Param = Run['params'][number]

const paramColumns: readonly Column<Param>[] = [
  {
    id: 'key',
    head: 'Parameter',
    width: 150,
    cell: ({ key }) => <span title={key}>{key}</span>,
    value: ({ key }) => key,
  },
  {
    id: 'value',
    head: 'Value',
    right: true,
    width: 200,
    cell: ({ value }) => <span title={value}>{paramWord(value)}</span>,
    value: ({ value }) => paramValue(value),
  },
]

export function ParamTable({ run }: { run: Run }) {
  return (
    <Section name="Parameters" about={count(run.params.length)}>
      {run.params.length === 0 ? (
        <p>This run has logged no parameters.</p>
      ) : (
        <DataTable name="parameters" rows={run.params} columns={paramColumns} rowKey={({ key }) => key} height={420} />
      )}
    </Section>
  )
}
