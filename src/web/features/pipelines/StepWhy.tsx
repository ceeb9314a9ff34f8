import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { why, type PipelineNode, type PipelineRun } from '../../../contract/pipelines.ts'
import type { Output } from '../../../contract/endpoint.ts'
import { read } from '../../lib/api.ts'
import { CodeBlock } from '../../ui/CodeBlock.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Mono } from '../../ui/Time.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import type { Column } from '../../ui/table-model.ts'
import { nodeState, shortRun } from './run-words.ts'

type Why = Output<typeof why>
type Field = Why['fields'][number]

const begins: Readonly<Record<Why['verdict'], string>> = {
  hit: 'Taken from the cache',
  miss: 'Not in the cache',
  off: 'The cache is off',
  skipped: 'Skipped',
  waiting: 'Waits',
  unknown: 'Not known',
}

function short(value: string | null): string {
  if (value === null) return '—'
  const plain = value.replace(/^"(.*)"$/, '$1')
  return /^[0-9a-f]{64}$/.test(plain) ? plain.slice(0, 12) : plain
}

const valueColumn = (id: 'before' | 'now', head: string): Column<Field> => ({
  id,
  head,
  width: 150,
  cell: (field) => (
    <span title={field[id] ?? 'absent'}>
      <Mono>{short(field[id])}</Mono>
    </span>
  ),
  value: (field) => field[id],
})

/** The cache's decision, field by field against the nearest earlier run. */
export function StepWhy({ run, node }: { run: PipelineRun; node: PipelineNode }) {
  const { data } = useSuspenseQuery(read(why, { run: run.id, node: node.name }))
  const { compared_with: compared } = data
  const columns: Column<Field>[] = [
    {
      id: 'field',
      head: 'Part of the key',
      width: 150,
      cell: ({ field }) => <span title={field}>{field}</span>,
      value: ({ field }) => field,
    },
    ...(compared ? [valueColumn('before', 'Before')] : []),
    valueColumn('now', 'Now'),
    ...(compared
      ? [
          {
            id: 'same',
            head: 'Same',
            width: 90,
            cell: ({ same }: Field) => (same ? 'same' : <b>changed</b>),
            value: ({ same }: Field) => (same ? 1 : 0),
          },
        ]
      : []),
  ]
  return (
    <>
      <Verdict
        state={nodeState(node).state}
        numbers={
          compared ? (
            <>
              Compared with{' '}
              <Link
                to="/pipelines/runs/$run"
                params={{ run: compared.run }}
                search={{ step: compared.node, part: 'why' }}
              >
                <Mono>{shortRun(compared.run)}</Mono>
              </Link>
              .
            </>
          ) : undefined
        }
      >
        {begins[data.verdict]}: {data.sentence}.
      </Verdict>
      {data.fields.length > 0 ? (
        <DataTable
          name="parts of the cache key"
          rows={data.fields.toSorted((a, b) => Number(a.same) - Number(b.same))}
          columns={columns}
          rowKey={({ field }) => field}
          height={320}
        />
      ) : null}
      <CodeBlock code={`mainstay why ${run.id} ${node.name}`} />
    </>
  )
}
