import { useMemo } from 'react'
import { number } from '../../lib/format.ts'
import { Bars } from '../../ui/Bars.tsx'
import { TimeChart } from '../../ui/TimeChart.tsx'
import { alignLines, useHistories, type Axis, type NamedRun } from './metric-lines.ts'

interface MetricChartProps {
  metric: string
  runs: readonly NamedRun[]
  axis: Axis
  smoothing: number
  height: number
  sync?: string
}

/** One metric of several runs; a metric that was logged once is a bar for each run. */
export function MetricChart({ metric, runs, axis, smoothing, height, sync }: MetricChartProps) {
  const histories = useHistories(runs, metric)
  const { x, lines } = useMemo(() => alignLines(histories, axis, smoothing), [histories, axis, smoothing])
  if (histories.every((history) => history.points.length < 2)) {
    return (
      <Bars
        bars={histories.map(({ run, name, slot, points: [point] }) => ({
          name,
          slot,
          value: point?.value ?? 0,
          shown: number(point?.value),
          note: run.status === 'RUNNING' ? 'running' : undefined,
        }))}
      />
    )
  }
  return <TimeChart label={metric} x={x} by={axis} lines={lines} height={height} bridge {...(sync ? { sync } : {})} />
}
