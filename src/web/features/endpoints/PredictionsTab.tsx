import { useSuspenseQuery } from '@tanstack/react-query'
import { useDeferredValue } from 'react'
import { getPredictions, getTraffic, type ServedEndpoint } from '../../../contract/serving.ts'
import { addressOf, read, readRows } from '../../lib/api.ts'
import { clock, day, exact, fixed, given } from '../../lib/format.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { Toolbar } from '../../ui/Toolbar.tsx'
import { widthFor, type Column } from '../../ui/table-model.ts'

type Logged = Readonly<Record<string, unknown>>

const hour = 3_600_000
const day2 = 48 * hour
const wanted = 200

/** The hour after which enough were captured, so that no more of the log is read than is shown. */
function startOf(hours: readonly { start: number; rows: number }[], watermark: number): number {
  let rows = 0
  for (const one of hours.toSorted((a, b) => b.start - a.start)) {
    rows += one.rows
    if (rows >= wanted) return one.start
  }
  return watermark - day2
}

const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** Four significant digits of the column's largest value, no more decimals than its values have; they stand under each other. */
function writerOf(values: readonly unknown[]): (value: number) => string {
  const numbers = values.filter((value) => typeof value === 'number')
  const largest = Math.max(...numbers.map(Math.abs), Number.MIN_VALUE)
  const room = Math.max(0, 3 - Math.floor(Math.log10(largest)))
  const needed = Math.max(0, ...numbers.map((value) => (given(value).split('.')[1] ?? '').length))
  return (value) => fixed(value, Math.min(room, needed))
}

function Shown({ value, write }: { value: unknown; write: (value: number) => string }) {
  if (value === null || value === undefined) return <Quiet>—</Quiet>
  if (typeof value === 'number') return <span title={String(value)}>{write(value)}</span>
  return <span title={text(value)}>{text(value)}</span>
}

const leading = new Set(['id', 'request_id', 'event_time', 'variant', 'version', 'label'])

/** Time and version first, then what was answered and what was true, then the inputs, as far as there is room. */
function columnsOf(rows: readonly Logged[], endpoint: ServedEndpoint): Column<Logged>[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => !leading.has(name))
  const outputs = new Set(endpoint.signature?.outputs.map((column) => column.name))
  const answers = names.filter((name) => outputs.has(name) || name.startsWith('prediction'))
  const inputs = names.filter((name) => !answers.includes(name))
  const writeLabel = writerOf(rows.map((row) => row['label']))
  const plain = (name: string, drop?: number): Column<Logged> => {
    const isNumber = rows.some((row) => typeof row[name] === 'number')
    const write = writerOf(rows.map((row) => row[name]))
    return {
      id: name,
      head: name,
      width: isNumber
        ? widthFor(name)
        : widthFor(
            name,
            rows.map((row) => text(row[name])),
          ),
      right: isNumber,
      value: (row) => row[name] as string | number | boolean | null,
      cell: (row) => <Shown value={row[name]} write={write} />,
      ...(drop === undefined ? {} : { drop }),
    }
  }
  return [
    {
      id: 'event_time',
      head: 'Event time',
      width: 116,
      value: (row) => Number(row['event_time']),
      cell: (row) => {
        const at = Number(row['event_time'])
        return <span title={exact(at)}>{`${day(at).replace(/ \d{4}$/, '')} ${clock(at)}`}</span>
      },
    },
    {
      id: 'variant',
      head: 'Version',
      width: 64,
      value: (row) => text(row['version']),
      cell: (row) => <code>{`v${text(row['version'])}`}</code>,
    },
    ...answers.map((name) => plain(name)),
    {
      id: 'label',
      head: 'Truth',
      width: 84,
      right: true,
      value: (row) => row['label'] as number | string | null,
      cell: (row) =>
        row['label'] === null || row['label'] === undefined ? (
          <Quiet>not yet</Quiet>
        ) : (
          <Shown value={row['label']} write={writeLabel} />
        ),
    },
    ...inputs.map((name, index) => plain(name, inputs.length - index)),
    {
      id: 'id',
      head: 'Id',
      width: 110,
      drop: 99,
      value: (row) => text(row['id']),
      cell: (row) => <code title={text(row['id'])}>{text(row['id'])}</code>,
    },
  ]
}

export function PredictionsTab({ endpoint }: { endpoint: ServedEndpoint }) {
  const { name, watermark } = endpoint
  if (watermark === null) {
    return (
      <Empty title="No prediction yet" command={`mainstay predict ${name} NAME=VALUE …`}>
        Every prediction is kept with its inputs, its version and, when it comes, the truth: the training data of
        tomorrow.
      </Empty>
    )
  }
  return <Newest endpoint={endpoint} watermark={watermark} />
}

function Newest({ endpoint, watermark }: { endpoint: ServedEndpoint; watermark: number }) {
  const { name } = endpoint
  // What is shown stays until the rows of the new hour have come.
  const until = useDeferredValue((Math.floor(watermark / hour) + 1) * hour)
  const { data: traffic } = useSuspenseQuery(read(getTraffic, { name, from: until - day2, to: until, bucket: 'hour' }))
  const from = startOf(traffic.items, until)
  const { data: newest } = useSuspenseQuery(readRows(getPredictions, { name, from, order: 'newest', limit: wanted }))
  return (
    <>
      <Toolbar shown={`the newest ${newest.length}, newest first`}>
        <Quiet>The whole log with its labels:</Quiet>
        {(['csv', 'parquet', 'jsonl'] as const).map((format) => (
          <a key={format} href={addressOf(getPredictions, { name, format })} download={`${name}.${format}`}>
            {{ csv: 'CSV', parquet: 'Parquet', jsonl: 'JSON lines' }[format]}
          </a>
        ))}
        <a
          href={addressOf(getPredictions, { name, format: 'parquet', labelled: 'true' })}
          download={`${name}-labelled.parquet`}
        >
          only labelled, Parquet
        </a>
      </Toolbar>
      <DataTable
        name="predictions"
        rows={newest}
        columns={columnsOf(newest, endpoint)}
        rowKey={(row) => text(row['id'])}
        height={560}
      />
    </>
  )
}
