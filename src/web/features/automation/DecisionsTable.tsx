import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { listDecisions } from '../../../contract/automation.ts'
import { endpointColumn } from '../../lib/endpoint-column.tsx'
import { saidOfDecision, type DecisionShown } from '../../lib/action-words.ts'
import { read } from '../../lib/api.ts'
import { day, exact, plain, relative } from '../../lib/format.ts'
import { useTableUrl } from '../../lib/table-url.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Drawer } from '../../ui/Drawer.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { JsonTree } from '../../ui/JsonTree.tsx'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'
import type { Column } from '../../ui/table-model.ts'
import { Verdict } from '../../ui/Verdict.tsx'

const columns: readonly Column<DecisionShown>[] = [
  {
    id: 'event_time',
    head: 'Event time',
    width: 96,
    value: (row) => row.event_time,
    cell: (row) => <span title={exact(row.event_time)}>{day(row.event_time)}</span>,
  },
  {
    id: 'at',
    head: 'Decided',
    width: 96,
    drop: 2,
    value: (row) => row.at,
    cell: (row) => <span title={exact(row.at)}>{relative(row.at)}</span>,
  },
  {
    id: 'verdict',
    head: 'Decision',
    width: 116,
    value: (row) => row.verdict,
    cell: (row) => <StateWord {...saidOfDecision(row)} />,
  },
  endpointColumn,
  {
    id: 'sentence',
    head: 'Why',
    width: 640,
    value: (row) => row.sentence,
    cell: (row) => <span title={row.sentence}>{plain(row.sentence)}</span>,
  },
  {
    id: 'rule',
    head: 'Rule',
    width: 200,
    drop: 1,
    value: (row) => row.rule,
    cell: (row) => <span title={row.rule}>{row.rule}</span>,
  },
]

/** Every decision, also those to do nothing; a row opens the numbers it rests on. */
export function DecisionsTable() {
  const { data } = useSuspenseQuery(read(listDecisions, {}))
  const [state, setState] = useTableUrl()
  const [open, setOpen] = useState<DecisionShown>()
  if (data.items.length === 0) {
    return (
      <Empty title="No decision yet" command="mainstay automation list">
        A rule decides when a window is judged. What it decided and why stands here, also when it held.
      </Empty>
    )
  }
  return (
    <>
      <DataTable
        name="decisions"
        rows={data.items}
        columns={columns}
        rowKey={(row) => row.id}
        state={state}
        onState={setState}
        onOpen={setOpen}
      />
      <Drawer title="Why it was decided so" open={open !== undefined} onClose={() => setOpen(undefined)}>
        {open ? (
          <>
            <Section name={saidOfDecision(open).word} about={exact(open.event_time)}>
              <Verdict state={saidOfDecision(open).state}>{plain(open.sentence)}</Verdict>
            </Section>
            <Section name="Decision">
              <KeyValue
                facts={[
                  { key: 'Rule', value: open.rule },
                  { key: 'Endpoint', value: open.endpoint },
                  { key: 'Decided', value: exact(open.at) },
                  { key: 'Action', value: open.action === null ? 'none' : <code>{open.action}</code> },
                  { key: 'Id', value: <code>{open.id}</code> },
                ]}
              />
            </Section>
            <Section name="Its numbers">
              <JsonTree value={open.numbers} />
            </Section>
          </>
        ) : null}
      </Drawer>
    </>
  )
}
