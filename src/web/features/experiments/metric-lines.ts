import { useSuspenseQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { metricHistory, type MetricPoint, type Run } from '../../../contract/experiments.ts'
import { read } from '../../lib/api.ts'
import { liveMs } from './live-run.ts'
import type { Slot } from '../../lib/colour.ts'
import type { Line } from '../../ui/chart-line.ts'

export interface NamedRun {
  run: Run
  slot: Slot
}

export type Axis = 'step' | 'duration' | 'time'

const shownPoints = 600

function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  let kept: number | null = null
  return values.map((value) => {
    if (value === null || weight === 0) return value
    kept = kept === null ? value : kept * weight + value * (1 - weight)
    return kept
  })
}

const placeOf = (point: MetricPoint, axis: Axis, run: Run): number => {
  if (axis === 'step') return point.step
  return axis === 'time' ? point.timestamp : Math.max(0, point.timestamp - run.started_at)
}

/** One x for all runs: the union of their places; a run has null where it logged nothing. */
export function alignLines(
  histories: readonly History[],
  axis: Axis,
  smoothing: number,
): { x: number[]; lines: Line[] } {
  const places = new Set<number>()
  const maps = histories.map(({ run, points }) => {
    const map = new Map<number, number | null>()
    for (const point of points) {
      const place = placeOf(point, axis, run)
      places.add(place)
      map.set(place, point.value)
    }
    return map
  })
  const x = [...places].toSorted((a, b) => a - b)
  const lines = histories.map(({ name, slot }, index) => ({
    name,
    slot,
    values: smooth(
      x.map((place) => maps[index]?.get(place) ?? null),
      smoothing,
    ),
  }))
  return { x, lines }
}

/** Two runs of one name are told apart by their ids. */
export function namesOf(runs: readonly NamedRun[]): string[] {
  const times = new Map<string, number>()
  for (const { run } of runs) times.set(run.name, (times.get(run.name) ?? 0) + 1)
  return runs.map(({ run }) => ((times.get(run.name) ?? 0) > 1 ? `${run.name} ${run.id.slice(0, 4)}` : run.name))
}

export interface History extends NamedRun {
  name: string
  points: readonly MetricPoint[]
}

const pointsOf = (results: readonly { data: { items: MetricPoint[] } }[]): MetricPoint[][] =>
  results.map(({ data }) => data.items)

/** The histories of one metric in several runs, thinned to what a chart can show. */
export function useHistories(runs: readonly NamedRun[], key: string): History[] {
  const having = useMemo(() => runs.filter(({ run }) => run.metrics.some((point) => point.key === key)), [runs, key])
  const points = useSuspenseQueries({
    queries: having.map(({ run }) => ({
      ...read(metricHistory, { id: run.id, key, points: shownPoints }),
      refetchInterval: run.status === 'RUNNING' ? liveMs : (false as const),
    })),
    combine: pointsOf,
  })
  return useMemo(() => {
    const names = namesOf(having)
    return having.map((one, index) => ({ ...one, name: names[index] ?? '', points: points[index] ?? [] }))
  }, [having, points])
}
