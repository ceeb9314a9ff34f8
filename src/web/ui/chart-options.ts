import uPlot from 'uplot'
import { alike, duration, given, tick } from '../lib/format.ts'
import type { ChartColours } from './chart-colours.ts'

export const chartFont = '11px "Inter Variable", sans-serif'
const leftAxis = 34

/** `duration` counts milliseconds from the beginning of each line. */
export type ChartBy = 'time' | 'step' | 'duration'

interface AxesInput {
  by: ChartBy
  /** Room between plot and words of the x axis, for the words of markers. */
  gap: number
  xWords: boolean
  ySpace: number
  yWords: (value: number) => string
}

let measuring: CanvasRenderingContext2D | null = null

export function textWidth(text: string): number {
  measuring ??= document.createElement('canvas').getContext('2d')
  if (!measuring) return text.length * 6
  measuring.font = chartFont
  return measuring.measureText(text).width
}

const minute = 60_000
const hour = 60 * minute
const dayLong = 24 * hour
const month = 30 * dayLong
/** Steps that people count time in; uPlot takes 30 days as a month of the calendar. */
const timeSteps = [
  1000,
  5000,
  15_000,
  30_000,
  minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  dayLong,
  2 * dayLong,
  7 * dayLong,
  month,
  3 * month,
  6 * month,
  365 * dayLong,
]

/** There is no half a step. */
const wholeSteps = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((one) => one * 10 ** power)).flat()

function xWord(by: AxesInput['by'], split: number, step: number): string {
  if (by === 'duration') return split === 0 ? '0' : duration(split)
  return by === 'time' ? tick(split, step) : given(split)
}

/** No frame, three or four grid lines, words outside. */
export function chartAxes(colours: ChartColours, input: AxesInput): uPlot.Axis[] {
  return [
    {
      stroke: colours.quiet,
      font: chartFont,
      grid: { show: false },
      ticks: { show: false },
      border: { show: false },
      size: input.gap + (input.xWords ? 22 : 4),
      gap: input.gap + 4,
      align: 1,
      space: 90,
      ...(input.by === 'time' ? { incrs: timeSteps } : input.by === 'step' ? { incrs: wholeSteps } : {}),
      values: (plot, splits, __, ___, step) =>
        splits.map((split) => {
          if (!input.xWords) return ''
          const word = xWord(input.by, split, step)
          // A word that would be cut off at the right end is left out.
          return plot.valToPos(split, 'x') + textWidth(word) > plot.bbox.width / devicePixelRatio + 2 ? '' : word
        }),
    },
    {
      stroke: colours.quiet,
      font: chartFont,
      grid: { stroke: colours.grid, width: 1 },
      ticks: { show: false },
      border: { show: false },
      gap: 8,
      space: input.ySpace,
      size: (_, values) => Math.max(leftAxis, Math.ceil(Math.max(0, ...(values ?? []).map(textWidth))) + 10),
      values: (_, splits) => alike(splits.map(input.yWords)),
    },
  ]
}

/** Upright hover line shared by the charts of one page; drag zooms, double click shows all again. Bounds of bands get no point. */
export function chartCursor(sync: string | undefined, colours: ChartColours): uPlot.Cursor {
  const isBound = (plot: uPlot, series: number): boolean => plot.series[series]?.width === 0
  return {
    y: false,
    points: {
      size: (plot, series) => (isBound(plot, series) ? 0 : 7),
      width: 1.5,
      stroke: (plot, series) => (isBound(plot, series) ? 'transparent' : colours.ground),
    },
    drag: { x: true, y: false, dist: 5 },
    ...(sync ? { sync: { key: sync, setSeries: false, scales: ['x', null] } } : {}),
  }
}

export const inUtc = (time: number): Date => uPlot.tzDate(new Date(time), 'Etc/UTC')
