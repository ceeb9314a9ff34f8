import { useState } from 'react'
import type { Output } from '../../../contract/endpoint.ts'
import type { getRollout, RolloutVerdict } from '../../../contract/rollouts.ts'
import { asWords, day, exact, percent } from '../../lib/format.ts'
import { asNumbers, saidOfCheck } from '../../lib/verdict-words.ts'
import { TextButton } from '../../ui/Button.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Drawer } from '../../ui/Drawer.tsx'
import { JsonTree } from '../../ui/JsonTree.tsx'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { Verdict } from '../../ui/Verdict.tsx'

/** Each reason for or against going on; the drawer has every verdict with what it was computed from. */
export function Checks({ rollout }: { rollout: Output<typeof getRollout> }) {
  const [open, setOpen] = useState(false)
  const checks = rollout.verdict?.checks ?? []
  return (
    <Section
      name="Checks"
      about="every verdict is stored and can be recomputed"
      actions={<TextButton onClick={() => setOpen(true)}>All verdicts</TextButton>}
    >
      {checks.length === 0 ? (
        <Verdict state="unknown">No verdict yet: the first comes with the first captured rows.</Verdict>
      ) : (
        <KeyValue
          facts={checks.map((check) => ({
            key: check.name,
            value: <span title={asNumbers(check.numbers) || 'no numbers yet'}>{asWords(check.sentence)}</span>,
            state: saidOfCheck(check.state),
          }))}
        />
      )}
      <Drawer title="Verdicts" open={open} onClose={() => setOpen(false)}>
        <Verdicts verdicts={rollout.verdicts} />
      </Drawer>
    </Section>
  )
}

function Verdicts({ verdicts }: { verdicts: readonly RolloutVerdict[] }) {
  const [chosen, setChosen] = useState(verdicts[0]?.id)
  const shown = verdicts.find((verdict) => verdict.id === chosen)
  return (
    <>
      <DataTable
        name="verdicts"
        rows={verdicts}
        rowKey={(row) => row.id}
        chosen={new Set(chosen === undefined ? [] : [chosen])}
        onOpen={(row) => setChosen(row.id)}
        height={240}
        columns={[
          {
            id: 'at',
            head: 'Event time',
            width: 90,
            value: (row) => row.event_time,
            cell: (row) => <span title={exact(row.at)}>{day(row.event_time)}</span>,
          },
          {
            id: 'stage',
            head: 'Step',
            width: 96,
            value: (row) => row.stage,
            cell: (row) => (row.weight === 0 ? row.stage : `${row.stage} ${percent(row.weight)}`),
          },
          { id: 'verdict', head: 'Verdict', width: 70, value: (row) => row.verdict, cell: (row) => row.verdict },
          { id: 'sentence', head: 'Why', width: 240, cell: (row) => <span title={row.sentence}>{row.sentence}</span> },
        ]}
      />
      {shown ? (
        <Section name="What it rests on" about={shown.id}>
          <Quiet>{shown.sentence}</Quiet>
          <JsonTree value={Object.fromEntries(shown.checks.map((check) => [check.name, check.numbers]))} />
        </Section>
      ) : null}
    </>
  )
}
