import { Link } from '@tanstack/react-router'
import type { Rule } from '../../../contract/automation.ts'
import { exact, plain, relative } from '../../lib/format.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'
import { TwoLines } from '../../ui/TwoLines.tsx'
import type { Column } from '../../ui/table-model.ts'
import { ModeControl } from './ModeControl.tsx'

const columnsOf = (enabled: boolean): Column<Rule>[] => [
  {
    id: 'sentence',
    head: 'Rule',
    width: 400,
    value: (row) => row.sentence,
    cell: (row) => <TwoLines text={row.sentence} />,
  },
  {
    id: 'name',
    head: 'Name',
    width: 180,
    drop: 1,
    value: (row) => row.name,
    cell: (row) => <Quiet>{row.name}</Quiet>,
  },
  {
    id: 'endpoint',
    head: 'Endpoint',
    width: 92,
    drop: 3,
    value: (row) => row.spec.endpoint,
    cell: ({ spec }) => (
      <Link to="/endpoints/$name" params={{ name: spec.endpoint }}>
        {spec.endpoint}
      </Link>
    ),
  },
  { id: 'mode', head: 'Mode', width: 208, value: (row) => row.spec.mode, cell: (row) => <ModeControl rule={row} /> },
  {
    id: 'effective',
    head: 'Does now',
    width: 128,
    value: (row) => row.effective_mode,
    cell: ({ effective_mode: mode, spec }) =>
      !enabled ? (
        <StateWord state="skipped" word="nothing: off" />
      ) : mode === spec.mode ? (
        <StateWord
          state={mode === 'auto' ? 'ok' : 'unknown'}
          word={{ auto: 'acts by itself', propose: 'proposes', observe: 'only observes' }[mode]}
        />
      ) : (
        <span title="A rule only proposes after two actions without recovery, until a person sets its mode again, and while its monitor declares no limit.">
          <StateWord state="warn" word={mode === 'propose' ? 'only proposes' : 'only observes'} />
        </span>
      ),
  },
  {
    id: 'last',
    head: 'Last decision',
    width: 205,
    drop: 2,
    value: (row) => row.last_decision?.at,
    cell: ({ last_decision: last }) =>
      last === null ? (
        <Quiet>none yet</Quiet>
      ) : (
        <Quiet>
          <TwoLines
            text={`${relative(last.at)}: ${plain(last.sentence)}`}
            title={`${plain(last.sentence)} ${exact(last.at)}`}
          />
        </Quiet>
      ),
  },
]

/** What will be done by itself, in words. */
export function RulesTable({ rules, enabled }: { rules: readonly Rule[]; enabled: boolean }) {
  return <DataTable name="rules" rows={rules} columns={columnsOf(enabled)} rowKey={(row) => row.name} rowHeight={44} />
}
