import { useMemo } from 'react'
import uPlot from 'uplot'
import { faded, type ChartColours } from './chart-colours.ts'
import { chartAxes, chartCursor, inUtc } from './chart-options.ts'
import type { Slot } from '../lib/colour.ts'
import type { State } from './state.ts'
import { usePlot } from './use-plot.ts'
import css from './TimeBars.module.css'

interface TimeBarsProps {
  /** Stands at the left in place of an axis. */
  name: string
  x: readonly number[]
  values: readonly (number | null)[]
  height: number
  /** Shares its hover line with the charts of the same word. */
  sync: string
  slot?: Slot
  /** For what is counted because it is bad: its colour in place of a series'. */
  state?: State
}

/** A low strip of bars under a TimeChart, on the same time. */
export function TimeBars({ name, x, values, height, sync, slot = 1, state }: TimeBarsProps) {
  const data = useMemo(() => [x, values] as unknown as uPlot.AlignedData, [x, values])
  const options = (colours: ChartColours, width: number): uPlot.Options => ({
    width,
    height,
    ms: 1,
    tzDate: inUtc,
    padding: [2, 2, 0, 0],
    legend: { show: false },
    cursor: { ...chartCursor(sync, colours), points: { show: false } },
    scales: {
      x: { time: true, range: (_, min, max) => [min, max] },
      y: { range: (_, min, max) => [Math.min(0, min ?? 0), Math.max(0, max ?? 1)] },
    },
    axes: chartAxes(colours, { by: 'time', gap: 0, xWords: true, ySpace: 1000, yWords: () => '' }).map((axis, side) =>
      side === 1 ? { ...axis, grid: { show: false } } : axis,
    ),
    series: [
      {},
      {
        fill: faded(state ? colours.state(state) : colours.slot(slot), 0.55),
        stroke: 'transparent',
        width: 0,
        points: { show: false },
        paths: uPlot.paths.bars?.({ size: [0.5, 8] }) as never,
      },
    ],
  })
  const { box } = usePlot({ data, options, shape: `${name} ${height} ${state ?? slot} ${sync}` })
  return (
    <div className={css['strip']}>
      <span className={css['name']}>{name}</span>
      <div ref={box} role="img" aria-label={`${name} over time`} style={{ height }} className={css['plot']} />
    </div>
  )
}
