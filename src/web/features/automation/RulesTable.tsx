import { Link } from '@tanstack/react-router'
import type { Rule } from '../../../contract/automation.ts'
import { exact, relative } from '../../lib/format.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'
import type { Column } from '../../ui/table-model.ts'
import { ModeControl } from './ModeControl.tsx'

const columns: readonly Column<Rule>[] = [
  {
    id: 'sentence',
    head: 'Rule',
    width: 460,
    value: (row) => row.sentence,
    cell: (row) => (
      <div title={`${row.sentence}\n${row.name}`} style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
        {row.sentence}
        <br />
        <Quiet>{row.name}</Quiet>
      </div>
    ),
  },
  {
    id: 'endpoint',
    head: 'Endpoint',
    width: 100,
    drop: 2,
    value: (row) => row.spec.endpoint,
    cell: ({ spec }) => (
      <Link to="/endpoints/$name" params={{ name: spec.endpoint }}>
        {spec.endpoint}
      </Link>
    ),
  },
  { id: 'mode', head: 'Mode', width: 216, value: (row) => row.spec.mode, cell: (row) => <ModeControl rule={row} /> },
  {
    id: 'effective',
    head: 'Does now',
    width: 148,
    value: (row) => row.effective_mode,
    cell: ({ effective_mode: mode, spec }) =>
      mode === spec.mode ? (
        <StateWord
          state={mode === 'auto' ? 'ok' : 'unknown'}
          word={{ auto: 'acts by itself', propose: 'proposes', observe: 'only observes' }[mode]}
        />
      ) : (
        <span title="After two actions without recovery a rule only proposes, until a person sets its mode again.">
          <StateWord state="warn" word={mode === 'propose' ? 'only proposes' : 'only observes'} />
        </span>
      ),
  },
  {
    id: 'last',
    head: 'Last decision',
    width: 260,
    drop: 1,
    value: (row) => row.last_decision?.at,
    cell: ({ last_decision: last }) =>
      last === null ? (
        <Quiet>none yet</Quiet>
      ) : (
        <span title={`${last.sentence} ${exact(last.at)}`}>
          <Quiet>
            {relative(last.at)}: {last.sentence}
          </Quiet>
        </span>
      ),
  },
]

/** What will be done by itself, in words. */
export function RulesTable({ rules }: { rules: readonly Rule[] }) {
  return <DataTable name="rules" rows={rules} columns={columns} rowKey={(row) => row.name} rowHeight={44} />
}
