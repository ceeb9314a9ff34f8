import { Link } from '@tanstack/react-router'
import type { Run } from '../../../contract/experiments.ts'
import { slotAt, type Slot } from '../../lib/colour.ts'
import { number } from '../../lib/format.ts'
import { SelectBox } from '../../ui/SelectBox.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'
import { Mono, Num, Time } from '../../ui/Time.tsx'
import type { Column } from '../../ui/table-model.ts'
import {
  differingParams,
  keysOf,
  metricOf,
  paramOf,
  paramValue,
  paramWord,
  runStates,
  shortId,
  tookWord,
  type Measure,
} from './run-words.ts'

interface RunColumnsInput {
  runs: readonly Run[]
  measure: Measure | undefined
  best: Run | undefined
  slotOf: (id: string) => Slot | undefined
  onToggle: (id: string) => void
}

const usualMetrics = 3
const usualParams = 3
const widthFor = (key: string): number => Math.max(64, Math.min(150, key.length * 7 + 24))

/** Params and metrics of the runs that are here; the first few are shown, the others can be chosen. */
export function runColumns({ runs, measure, best, slotOf, onToggle }: RunColumnsInput): Column<Run>[] {
  const keys = keysOf(runs, 'metrics')
  const metrics = measure ? [measure.key, ...keys.filter((key) => key !== measure.key)] : keys
  const differing = differingParams(runs)
  const params = [...differing, ...keysOf(runs, 'params').filter((key) => !differing.includes(key))]
  return [
    {
      id: 'chosen',
      head: '',
      width: 24,
      cell: (run) => {
        const slot = slotOf(run.id)
        return (
          <SelectBox
            label={run.name}
            chosen={slot !== undefined}
            slot={slot ?? slotAt(0)}
            onChange={() => onToggle(run.id)}
          />
        )
      },
    },
    {
      id: 'name',
      head: 'Run',
      width: 168,
      cell: (run) => (
        <Link to="/runs/$id" params={{ id: run.id }} title={run.name}>
          {run.name || shortId(run.id)}
        </Link>
      ),
      value: (run) => run.name,
    },
    {
      id: 'state',
      head: 'State',
      width: 88,
      drop: 30,
      cell: (run) => <StateWord {...runStates[run.status]} />,
      value: (run) => run.status,
    },
    ...metrics.map((key, index): Column<Run> => ({
      id: `metrics.${key}`,
      head: key,
      right: true,
      width: widthFor(key),
      ...(index === 0 ? {} : { drop: 20 - index }),
      extra: index >= usualMetrics,
      cell: (run) => {
        const text = <Num text={number(metricOf(run, key))} full={metricOf(run, key)} />
        return run.id === best?.id && key === measure?.key ? <b>{text}</b> : text
      },
      value: (run) => metricOf(run, key),
    })),
    ...params.map((key, index): Column<Run> => ({
      id: `params.${key}`,
      head: key,
      right: true,
      width: widthFor(key),
      drop: 12 - index,
      extra: index >= usualParams,
      cell: (run) => <span title={paramOf(run, key) ?? 'not set'}>{paramWord(paramOf(run, key))}</span>,
      value: (run) => paramValue(paramOf(run, key)),
    })),
    { id: 'took', head: 'Time', right: true, width: 64, drop: 11, cell: tookWord },
    {
      id: 'started',
      head: 'Started',
      width: 96,
      extra: true,
      drop: 2,
      cell: (run) => <Time at={run.started_at} />,
      value: (run) => run.started_at,
    },
    { id: 'user', head: 'User', width: 90, extra: true, drop: 1, cell: (run) => run.user, value: (run) => run.user },
    { id: 'id', head: 'Id', width: 64, drop: 2, cell: (run) => <Mono>{shortId(run.id)}</Mono>, value: (run) => run.id },
  ]
}
