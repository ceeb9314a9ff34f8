import { useMemo, useState } from 'react'
import uPlot from 'uplot'
import { given, number } from '../lib/format.ts'
import { faded, type ChartColours } from './chart-colours.ts'
import { drawAnnotations, drawSpans, drawZero, type Limit, type Marker, type Span } from './chart-draw.ts'
import type { Line } from './chart-line.ts'
import { drawNames, type NamedLine } from './chart-names.ts'
import { chartAxes, chartCursor, inUtc, type ChartBy } from './chart-options.ts'
import { ChartLegend, ChartTable, ChartTip, type Hover } from './ChartParts.tsx'
import { usePlot } from './use-plot.ts'
import css from './TimeChart.module.css'

export interface TimeChartProps {
  /** What the chart shows, for those who cannot see it; also names the table. */
  label: string
  /** Milliseconds since 1970, steps, or milliseconds from a beginning. */
  x: readonly number[]
  by: ChartBy
  lines: readonly Line[]
  height: number
  limit?: Limit | undefined
  spans?: readonly Span[]
  markers?: readonly Marker[]
  /** What lies beyond is cut off, unless it is the limit. */
  focus?: readonly [low: number, high: number]
  /** The y axis begins at zero. */
  fromZero?: boolean
  /** Charts with the same word share their hover line. */
  sync?: string
  /** How a value is written; three significant digits else. */
  shown?: ((value: number) => string) | undefined
  /** How the ticks of the y axis are written: `50 k`, `+30`. */
  yWords?: ((value: number) => string) | undefined
  /** A grey last line of the tooltip: `n = 24 of 24 labelled`. */
  note?: (index: number) => string | undefined
  /** Joins the values over places where a line has none, as for runs that log at different steps. */
  bridge?: boolean
  /** False when another chart below names the times. */
  xWords?: boolean
  /** Each line stands on the one before; the numbers that are said stay its own. */
  stacked?: boolean
}

const none: readonly never[] = []
const plain = (value: number): string => number(value)
const yPlain = (value: number): string => given(value)

interface Layout {
  data: uPlot.AlignedData
  series: (colours: ChartColours) => uPlot.Series[]
  bands: (colours: ChartColours) => uPlot.Band[]
  named: (colours: ChartColours) => NamedLine[]
}

const groundOf = (stacked: boolean): number => (stacked ? 0.5 : 0.12)

/** Every line as a band from the sum of those before it. */
function stack(lines: readonly Line[], hidden: ReadonlySet<string>): Line[] {
  let under: readonly number[] = (lines[0]?.values ?? []).map(() => 0)
  return lines.map((line) => {
    const low = under
    const sum = line.values.map((value, index) => (low[index] ?? 0) + (value ?? 0))
    if (!hidden.has(line.name)) under = sum
    // Where a line has no value it is not drawn, though those above it stand on the same sum.
    const top = sum.map((value, index) => (line.values[index] === null ? null : value))
    return { ...line, values: top, low, high: top }
  })
}

/** One uPlot series per line, and two unseen ones for the bounds of its band. */
function layOut(
  x: readonly number[],
  plain: readonly Line[],
  { hidden, bridge, stacked }: { hidden: ReadonlySet<string>; bridge: boolean; stacked: boolean },
): Layout {
  const lines = stacked ? stack(plain, hidden) : plain
  const columns: (readonly (number | null)[])[] = []
  const at = lines.map((line) => {
    const place: { at: number; low?: number; high?: number } = { at: columns.push(line.values) }
    if (line.low && line.high) {
      place.low = columns.push(line.low)
      place.high = columns.push(line.high)
    }
    return place
  })
  const colourOf = (colours: ChartColours, line: Line): string => (line.slot ? colours.slot(line.slot) : colours.quiet)
  const unseen = (show: boolean): uPlot.Series => ({ show, stroke: 'transparent', width: 0, points: { show: false } })
  return {
    data: [x, ...columns] as unknown as uPlot.AlignedData,
    series: (colours) => [
      {},
      ...lines.flatMap((line) => {
        const colour = colourOf(colours, line)
        const show = !hidden.has(line.name)
        const own: uPlot.Series = {
          label: line.name,
          show,
          stroke: colour,
          width: line.slot ? 1.5 : 1.2,
          spanGaps: bridge,
          points: { show: false },
          ...(line.slot ? {} : { dash: [3, 3] }),
        }
        return line.low && line.high ? [own, unseen(show), unseen(show)] : [own]
      }),
    ],
    bands: (colours) =>
      lines.flatMap((line, index) => {
        const { low, high } = at[index] ?? {}
        return low === undefined || high === undefined
          ? []
          : [{ series: [high, low] as [number, number], fill: faded(colourOf(colours, line), groundOf(stacked)) }]
      }),
    named: (colours) =>
      lines.map((line, index) => ({ name: line.name, colour: colourOf(colours, line), at: 1, ...at[index] })),
  }
}

/** Where spans are named at the top, the lines leave them room. */
function yRange({ limit, fromZero = false, spans = none, focus }: TimeChartProps): uPlot.Scale.Range {
  const named = spans.length > 0
  const [least, most] = focus ?? [-Infinity, Infinity]
  return (_, min, max) => {
    const low = Math.min(Math.max(min ?? 0, least), limit?.value ?? Infinity)
    const high = Math.max(Math.min(max ?? 1, most), limit?.value ?? -Infinity)
    const zero = fromZero && low >= 0
    const [from, to] = uPlot.rangeNum(zero ? 0 : low, high === low ? low + 1 : high, named ? 0.14 : 0.06, false)
    return [zero ? 0 : from, to]
  }
}

/** Lines over event time or steps. Hover says the numbers, drag zooms, a double click shows all again. */
export function TimeChart(props: TimeChartProps) {
  const {
    label,
    x,
    by,
    lines,
    height,
    limit,
    spans = none,
    markers = none,
    fromZero = false,
    sync,
    shown = plain,
    note,
    xWords = true,
    yWords = yPlain,
    stacked = false,
    bridge = false,
  } = props
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const [hover, setHover] = useState<Hover>()
  const [asTable, setAsTable] = useState(false)
  const layout = useMemo(() => layOut(x, lines, { hidden, bridge, stacked }), [x, lines, hidden, bridge, stacked])
  const isNamedBeside = lines.length <= 3 && !stacked

  const options = (colours: ChartColours, width: number): uPlot.Options => ({
    width,
    height,
    ms: 1,
    tzDate: inUtc,
    padding: [10, 2, 0, 0],
    legend: { show: false },
    cursor: chartCursor(sync, colours),
    scales: { x: { time: by === 'time' }, y: { range: yRange(props) } },
    axes: chartAxes(colours, { by, gap: markers.length > 0 ? 18 : 0, xWords, ySpace: height / 5.5, yWords }),
    series: layout.series(colours),
    bands: layout.bands(colours),
    hooks: {
      drawClear: [(plot) => drawSpans(plot, colours, spans)],
      drawAxes: [(plot) => drawZero(plot, colours)],
      draw: [
        (plot) => drawAnnotations(plot, colours, { limit, spans, markers }),
        (plot) => {
          if (isNamedBeside && lines.length > 1) drawNames(plot, layout.named(colours), limit, spans, colours.ground)
        },
      ],
      setCursor: [
        (plot) => {
          const { idx, left = -1, top = -1, event } = plot.cursor
          setHover(
            event && idx !== null && idx !== undefined && left >= 0
              ? { index: idx, left: left + plot.bbox.left / devicePixelRatio, top, room: plot.width }
              : undefined,
          )
        },
      ],
    },
  })
  const shape = JSON.stringify([
    by,
    height,
    limit,
    spans,
    markers,
    fromZero,
    props.focus,
    sync,
    xWords,
    bridge,
    stacked,
    [...hidden],
    lines.map((line) => [line.name, line.slot, !!line.low]),
  ])
  const { box } = usePlot({ data: layout.data, options, shape })

  return (
    <figure className={css['chart']} aria-label={label}>
      <button type="button" className={css['asTable']} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
        {asTable ? 'as chart' : 'as table'}
      </button>
      <div
        hidden={asTable}
        className={css['plot']}
        style={{ height }}
        ref={box}
        role="img"
        aria-label={`${label}: ${lines.map((line) => line.name).join(', ')}`}
      />
      {hover && !asTable ? (
        <ChartTip hover={hover} x={x} by={by} lines={lines} shown={shown} note={note?.(hover.index)} />
      ) : null}
      {asTable ? <ChartTable label={label} x={x} by={by} lines={lines} shown={shown} height={height} /> : null}
      {isNamedBeside || lines.length === 1 ? null : (
        <ChartLegend
          lines={lines}
          hidden={hidden}
          onToggle={(name) =>
            setHidden((old) =>
              old.has(name) ? new Set([...old].filter((other) => other !== name)) : new Set([...old, name]),
            )
          }
        />
      )}
    </figure>
  )
}
