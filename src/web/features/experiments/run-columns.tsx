import { Link } from '@tanstack/react-router'
import type { Run } from '../../../contract/experiments.ts'
import { slotAt, type Slot } from '../../lib/colour.ts'
import { number } from '../../lib/format.ts'
import { SelectBox } from '../../ui/SelectBox.tsx'
import { StateWord } from '../../ui/StateBadge.tsx'
import { Mono, Num, Time } from '../../ui/Time.tsx'
import { widthFor, type Column } from '../../ui/table-model.ts'
import { NotFinite } from './NotFinite.tsx'
import {
  differingParams,
  isNotFinite,
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

export interface RunKeys {
  metrics: readonly string[]
  params: readonly string[]
}

interface RunColumnsInput {
  runs: readonly Run[]
  /** Keys that runs have which are not here yet. */
  known?: RunKeys | undefined
  measure: Measure | undefined
  best: Run | undefined
  slotOf: (id: string) => Slot | undefined
  onToggle: (id: string) => void
}

const usualMetrics = 3
const usualParams = 3
/** Runs whose values decide how wide a column is. */
const sampled = 50

const none: RunKeys = { metrics: [], params: [] }

/** A column for each metric and param; the first few are shown, the others can be chosen. */
export function runColumns({ runs, known = none, measure, best, slotOf, onToggle }: RunColumnsInput): Column<Run>[] {
  const first = measure ? [measure.key] : []
  const metrics = [...new Set([...first, ...keysOf(runs, 'metrics'), ...known.metrics])]
  const params = [...new Set([...differingParams(runs), ...keysOf(runs, 'params'), ...known.params])]
  return [
    {
      id: 'chosen',
      head: '',
      headShown: <span className="out-of-sight">Chosen</span>,
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
        if (isNotFinite(run, key)) return <NotFinite />
        const text = <Num text={number(metricOf(run, key))} full={metricOf(run, key)} />
        return run.id === best?.id && key === measure?.key ? <b>{text}</b> : text
      },
      value: (run) => metricOf(run, key),
    })),
    ...params.map((key, index): Column<Run> => ({
      id: `params.${key}`,
      head: key,
      right: true,
      width: widthFor(
        key,
        runs.slice(0, sampled).map((run) => paramWord(paramOf(run, key))),
      ),
      drop: 12 - index,
      extra: index >= usualParams,
      cell: (run) => <span title={paramOf(run, key) ?? 'not set'}>{paramWord(paramOf(run, key))}</span>,
      value: (run) => paramValue(paramOf(run, key)),
    })),
    {
      id: 'took',
      head: 'Time',
      right: true,
      width: widthFor('Time', runs.slice(0, sampled).map(tookWord)),
      drop: 11,
      cell: tookWord,
    },
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
