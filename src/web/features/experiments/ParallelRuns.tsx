import type { Run } from '../../../contract/experiments.ts'
import type { Slot } from '../../lib/colour.ts'
import { ParallelCoordinates } from '../../ui/ParallelCoordinates.tsx'
import type { ParallelAxis } from '../../ui/parallel-model.ts'
import { differingParams, isNumeric, metricOf, paramOf, paramValue, paramWord, type Measure } from './run-words.ts'

interface ParallelRunsProps {
  runs: readonly Run[]
  slotOf: (id: string) => Slot | undefined
  measure: Measure
  height: number
  /** How many params get an axis. */
  axes: number
}

const mostChoices = 20

const choiceOf = (text: string | null): string | null => (text === null ? null : paramWord(text))

function axisOf(runs: readonly Run[], key: string): ParallelAxis {
  const values = runs.flatMap((run) => paramOf(run, key) ?? [])
  if (values.every(isNumeric)) return { id: key, word: key }
  return { id: key, word: key, choices: [...new Set(values.map(paramWord))] }
}

/** Params that differ against the measure; the chosen runs coloured before the many in grey. */
export function ParallelRuns({ runs, slotOf, measure, height, axes }: ParallelRunsProps) {
  const shown = differingParams(runs)
    .map((key) => axisOf(runs, key))
    .filter((axis) => (axis.choices?.length ?? 0) <= mostChoices)
    .slice(0, axes)
  const measured = { id: `metrics.${measure.key}`, word: measure.key }
  const lines = runs.map((run) => {
    const slot = slotOf(run.id)
    return {
      name: run.name,
      values: {
        ...Object.fromEntries(
          shown.map(({ id, choices }) => [id, choices ? choiceOf(paramOf(run, id)) : paramValue(paramOf(run, id))]),
        ),
        [measured.id]: metricOf(run, measure.key),
      },
      ...(slot ? { slot } : {}),
    }
  })
  return (
    <ParallelCoordinates
      label={`Parameters against ${measure.key}`}
      axes={[...shown, measured]}
      lines={lines.toSorted((a, b) => Number('slot' in a) - Number('slot' in b))}
      height={height}
    />
  )
}
