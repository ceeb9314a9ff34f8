import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { searchRuns, type Run } from '../../../contract/experiments.ts'
import { read } from '../../lib/api.ts'
import { slotAt } from '../../lib/colour.ts'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/Button.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Page.tsx'
import { runColumns } from './run-columns.tsx'
import { bestOf, measureOf } from './run-words.ts'

const most = 200
const mostCompared = 8

/** Runs that this one started, such as the trials of a search. */
export function NestedRuns({ run }: { run: Run }) {
  const navigate = useNavigate()
  const { data } = useSuspenseQuery(
    read(searchRuns, {
      experiment: run.experiment,
      filter: `tags.\`mlflow.parentRunId\` = '${run.id}'`,
      limit: most,
    }),
  )
  if (data.items.length === 0) return null
  const measure = measureOf(data.items, '')
  const columns = runColumns({
    runs: data.items,
    measure,
    best: bestOf(data.items, measure),
    slotOf: () => slotAt(0),
    onToggle: () => undefined,
  })
  const compared = data.items.slice(0, mostCompared)
  return (
    <Section
      name="Nested runs"
      about={`${data.next ? 'more than ' : ''}${count(data.items.length)}`}
      actions={
        <Button
          refused={compared.length < 2 ? 'There is only one.' : undefined}
          onClick={() => void navigate({ to: '/compare', search: { runs: compared.map(({ id }) => id).join(',') } })}
        >
          Compare {compared.length}
        </Button>
      }
    >
      <DataTable
        name="nested runs"
        rows={data.items}
        columns={columns.filter(({ id }) => id !== 'chosen')}
        rowKey={({ id }) => id}
        onOpen={({ id }) => void navigate({ to: '/runs/$id', params: { id } })}
        height={360}
      />
    </Section>
  )
}
