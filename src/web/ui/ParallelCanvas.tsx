import { ParallelChart } from 'echarts/charts'
import { ParallelComponent, TooltipComponent } from 'echarts/components'
import { init, use as register } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useLayoutEffect, useMemo, useRef } from 'react'
import { given } from '../lib/format.ts'
import { useTheme } from '../lib/theme.ts'
import { chartColours, faded, type ChartColours } from './chart-colours.ts'
import { textWidth } from './chart-options.ts'
import type { ParallelAxis, ParallelProps } from './parallel-model.ts'

register([ParallelChart, ParallelComponent, TooltipComponent, CanvasRenderer])

type Option = Parameters<ReturnType<typeof init>['setOption']>[0]

/** Room for half of the outer axis's word. */
const halfOf = (axis: ParallelAxis | undefined): number => Math.ceil(textWidth(axis?.word ?? '') / 2) + 6
/** Room at the right for the numbers at the last axis's ends. */
const leastBeside = 44
/** Beyond so many lines each is fainter, so that the chosen ones are still seen. */
const fewLines = 60

const valuesOf = ({ id }: ParallelAxis, lines: ParallelProps['lines']): number[] =>
  lines.flatMap(({ values }) => (typeof values[id] === 'number' ? [values[id]] : []))

/** From the smallest value to the largest, so that the ends of an axis are values that a run has. */
function scaleOf(axis: ParallelAxis, lines: ParallelProps['lines']): object {
  if (axis.choices) return { type: 'category', data: axis.choices }
  const values = valuesOf(axis, lines)
  return values.length === 0
    ? { type: 'value' }
    : { type: 'value', scale: true, min: Math.min(...values), max: Math.max(...values) }
}

const mostNamed = 8

/** Numbers at both ends; names while there are few. */
function endsOf(axis: ParallelAxis, lines: ParallelProps['lines']): object {
  if (axis.choices) {
    const shown = axis.choices.length <= mostNamed
    return { formatter: (name: string) => (shown ? shortened(name) : '') }
  }
  const values = valuesOf(axis, lines)
  const ends = new Set([Math.min(...values), Math.max(...values)])
  return {
    showMinLabel: true,
    showMaxLabel: true,
    formatter: (value: number) => (ends.has(value) ? given(value, 4) : ''),
  }
}

const longest = 16
const shortened = (name: string): string => (name.length > longest ? `${name.slice(0, longest - 1)}…` : name)

/** The words of the first axis stand left of it, where no line crosses them. */
const leftOf = (axis: ParallelAxis | undefined): number =>
  Math.max(leastBeside, halfOf(axis), ...(axis?.choices ?? []).map((name) => Math.ceil(textWidth(shortened(name))) + 8))

function optionOf({ axes, lines }: Pick<ParallelProps, 'axes' | 'lines'>, colours: ChartColours): Option {
  const font = { fontFamily: 'Inter Variable', fontSize: 11 }
  return {
    animation: false,
    tooltip: {
      show: true,
      confine: true,
      backgroundColor: colours.ground,
      borderColor: colours.grid,
      textStyle: { ...font, color: colours.text },
    },
    parallel: { left: leftOf(axes[0]), right: Math.max(leastBeside, halfOf(axes.at(-1))), top: 10, bottom: 26 },
    parallelAxis: axes.map((axis, dim) => ({
      dim,
      name: axis.word,
      nameLocation: 'start',
      nameGap: 12,
      nameTextStyle: { ...font, color: colours.text },
      ...scaleOf(axis, lines),
      axisLine: { lineStyle: { color: colours.grid, width: 1.5 } },
      axisTick: { show: false },
      axisLabel: {
        ...font,
        color: colours.text,
        margin: dim === 0 ? -5 : 4,
        align: dim === 0 ? 'right' : 'left',
        textBorderColor: colours.ground,
        textBorderWidth: 3,
        ...endsOf(axis, lines),
      },
      splitLine: { show: false },
      areaSelectStyle: {
        width: 14,
        borderWidth: 1,
        borderColor: colours.state('running'),
        color: faded(colours.state('running'), 0.25),
      },
    })),
    series: [
      {
        type: 'parallel',
        lineStyle: { width: 1.3, opacity: 1 },
        inactiveOpacity: 0.08,
        data: lines.map((line) => ({
          name: line.name,
          value: axes.map((axis) => line.values[axis.id] ?? '-'),
          lineStyle: line.slot
            ? { color: colours.slot(line.slot), width: 1.6 }
            : { color: colours.quiet, opacity: lines.length > fewLines ? 0.1 : 0.3 },
        })),
      },
    ],
  }
}

export default function ParallelCanvas(props: ParallelProps) {
  const box = useRef<HTMLDivElement>(null)
  const theme = useTheme()
  const text = JSON.stringify({ axes: props.axes, lines: props.lines })
  const shown = useMemo(() => JSON.parse(text) as Pick<ParallelProps, 'axes' | 'lines'>, [text])
  useLayoutEffect(() => {
    if (!box.current) return
    const chart = init(box.current)
    chart.setOption(optionOf(shown, chartColours()))
    const observer = new ResizeObserver(() => chart.resize())
    observer.observe(box.current)
    return () => {
      observer.disconnect()
      chart.dispose()
    }
  }, [shown, theme])
  return (
    <div
      ref={box}
      style={{ height: props.height }}
      role="img"
      aria-label={`${props.label}: ${props.lines.map((line) => line.name).join(', ')}`}
    />
  )
}
