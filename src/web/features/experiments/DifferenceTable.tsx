import { useMemo } from 'react'
import type { Run } from '../../../contract/experiments.ts'
import { count, number } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { TextButton } from '../../ui/Button.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Page.tsx'
import { Swatch } from '../../ui/SplitBar.tsx'
import { Num } from '../../ui/Time.tsx'
import { TwoLines } from '../../ui/TwoLines.tsx'
import type { Column } from '../../ui/table-model.ts'
import { namesOf, type NamedRun } from './metric-lines.ts'
import { NotFinite } from './NotFinite.tsx'
import {
  bestOf,
  differingParams,
  directionOf,
  isNotFinite,
  keysOf,
  metricOf,
  paramOf,
  paramValue,
  paramWord,
} from './run-words.ts'

interface Difference {
  id: string
  kind: 'param' | 'metric'
  key: string
  differs: boolean
  best: string | undefined
}

const valueOf = (row: Difference, run: Run): string | number | null =>
  row.kind === 'metric' ? metricOf(run, row.key) : paramValue(paramOf(run, row.key))

/** More than one run has it, and not all the same. */
const isSeveral = (runs: readonly Run[], key: string): boolean =>
  new Set(runs.flatMap((run) => paramOf(run, key) ?? [])).size > 1

/** What has several values first, then metrics, then what some runs lack and what is equal. */
function differencesOf(runs: readonly Run[]): Difference[] {
  const rowOf = (kind: Difference['kind'], key: string): Difference => {
    const row = { id: `${kind} ${key}`, kind, key, differs: false, best: undefined }
    const values = new Set(runs.map((run) => valueOf(row, run)))
    const best = kind === 'metric' && values.size > 1 ? bestOf(runs, directionOf(key))?.id : undefined
    return { ...row, differs: values.size > 1, best }
  }
  const differing = differingParams(runs)
  const several = differing.filter((key) => isSeveral(runs, key))
  const rest = keysOf(runs, 'params').filter((key) => !several.includes(key))
  return [
    ...several.map((key) => rowOf('param', key)),
    ...keysOf(runs, 'metrics').map((key) => rowOf('metric', key)),
    ...rest
      .toSorted((a, b) => Number(differing.includes(b)) - Number(differing.includes(a)))
      .map((key) => rowOf('param', key)),
  ]
}

/** The columns of the runs share what the names leave; names and values may take two lines. */
const widthAmong = (runs: number): number => Math.max(76, Math.min(110, Math.floor(580 / runs)))

/** More letters than one line of a column among so many holds. */
const isWide = (text: string, among: number): boolean => text.length * 7 + 12 > widthAmong(among)

function columnOf({ run, slot }: NamedRun, name: string, among: number): Column<Difference> {
  return {
    id: run.id,
    head: name,
    headShown: <TwoLines text={name} title={run.name} mark={<Swatch slot={slot} />} />,
    right: true,
    width: widthAmong(among),
    cell: (row) => {
      if (row.kind === 'param')
        return <TwoLines text={paramWord(paramOf(run, row.key))} title={paramOf(run, row.key) ?? 'not set'} />
      if (isNotFinite(run, row.key)) return <NotFinite />
      const value = metricOf(run, row.key)
      const shown = <Num text={number(value)} full={value} />
      return row.best === run.id ? <b>{shown}</b> : shown
    },
    value: (row) => valueOf(row, run),
  }
}

/** Params and metrics side by side; equal ones are hidden until asked for. */
export function DifferenceTable({ runs }: { runs: readonly NamedRun[] }) {
  const [shown, setShown] = useUrl('equal', 'hidden')
  const rows = useMemo(() => differencesOf(runs.map(({ run }) => run)), [runs])
  const names = namesOf(runs)
  const differing = rows.filter((row) => row.differs)
  const params = rows.filter((row) => row.kind === 'param').length
  const columns: Column<Difference>[] = [
    {
      id: 'key',
      head: 'Parameter or metric',
      width: 150,
      cell: (row) => <span title={`${row.kind} ${row.key}`}>{row.key}</span>,
      value: (row) => row.key,
    },
    ...runs.map((one, index) => columnOf(one, names[index] ?? '', runs.length)),
  ]
  const hidden = shown === 'hidden'
  // Rows of a long table are all of one height.
  const isWordy =
    rows.length > 100 &&
    rows.some(({ kind, key }) =>
      runs.some(({ run }) => kind === 'param' && isWide(paramWord(paramOf(run, key)), runs.length)),
    )
  return (
    <Section
      name="What differs"
      about={`${count(differing.filter((row) => row.kind === 'param').length)} of ${count(params)} parameters; equal ones ${hidden ? 'hidden' : 'shown'}`}
      actions={
        rows.length === differing.length ? undefined : (
          <TextButton onClick={() => setShown(hidden ? 'shown' : 'hidden')}>
            {hidden ? `show ${rows.length - differing.length} equal` : 'hide equal'}
          </TextButton>
        )
      }
    >
      <DataTable
        name="differences"
        rows={hidden ? differing : rows}
        columns={columns}
        rowKey={(row) => row.id}
        rowHeight={isWordy ? 44 : 32}
      />
    </Section>
  )
}
