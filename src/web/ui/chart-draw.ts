import type uPlot from 'uplot'
import type { ChartColours } from './chart-colours.ts'
import { chartFont, textWidth } from './chart-options.ts'
import { wordGap, wordSides } from './marker-words.ts'
import type { State } from './state.ts'

export interface Limit {
  value: number
  /** Stands at the right end of the line: `limit 48.0`. */
  word: string
  dashed?: boolean
}

export interface Span {
  from: number
  to: number
  word: string
  state: State
}

export interface Marker {
  at: number
  word: string
  state: State
}

interface Box {
  left: number
  top: number
  width: number
  height: number
}

/** All in CSS pixels, relative to the canvas. */
function plotBox(plot: uPlot): Box {
  const ratio = devicePixelRatio
  return {
    left: plot.bbox.left / ratio,
    top: plot.bbox.top / ratio,
    width: plot.bbox.width / ratio,
    height: plot.bbox.height / ratio,
  }
}

function inPixels(plot: uPlot, draw: (pen: CanvasRenderingContext2D, box: Box) => void): void {
  const pen = plot.ctx
  pen.save()
  pen.scale(devicePixelRatio, devicePixelRatio)
  pen.font = chartFont
  draw(pen, plotBox(plot))
  pen.restore()
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

/** The pale grounds, under everything. */
export function drawSpans(plot: uPlot, colours: ChartColours, spans: readonly Span[]): void {
  inPixels(plot, (pen, box) => {
    for (const span of spans) {
      const from = clamp(plot.valToPos(span.from, 'x'), 0, box.width)
      const to = clamp(plot.valToPos(span.to, 'x'), 0, box.width)
      if (to <= from) continue
      pen.fillStyle = colours.stateGround(span.state)
      pen.fillRect(box.left + from, box.top, to - from, box.height)
    }
  })
}

/** Whether a line runs through the height where a word at the right end would stand. */
function isCrossed(plot: uPlot, box: Box, word: string, [top, bottom]: readonly [number, number]): boolean {
  const xs = plot.data[0]
  const first = box.width - textWidth(word) * 1.2
  return plot.series.some(
    (series, index) =>
      index > 0 &&
      series.width !== 0 &&
      plot.data[index]?.some((value, at) => {
        if (typeof value !== 'number' || plot.valToPos(xs[at] ?? 0, 'x') < first) return false
        const y = box.top + plot.valToPos(value, 'y')
        return y > top && y < bottom
      }),
  )
}

function drawLimit(pen: CanvasRenderingContext2D, plot: uPlot, box: Box, colours: ChartColours, limit: Limit): void {
  const y = Math.round(box.top + plot.valToPos(limit.value, 'y')) + 0.5
  if (y < box.top || y > box.top + box.height) return
  pen.strokeStyle = colours.state('crit')
  pen.lineWidth = 1
  pen.setLineDash(limit.dashed ? [3, 3] : [])
  pen.beginPath()
  pen.moveTo(box.left, y)
  pen.lineTo(box.left + box.width, y)
  pen.stroke()
  pen.setLineDash([])
  pen.textAlign = 'right'
  pen.strokeStyle = colours.ground
  pen.lineWidth = 3
  pen.lineJoin = 'round'
  const isBelow =
    isCrossed(plot, box, limit.word, [y - 18, y - 2]) && !isCrossed(plot, box, limit.word, [y + 2, y + 18])
  const foot = isBelow ? y + 13 : y - 5
  pen.strokeText(limit.word, box.left + box.width - 2, foot)
  pen.fillStyle = colours.state('crit')
  pen.fillText(limit.word, box.left + box.width - 2, foot)
}

function drawMarkers(
  pen: CanvasRenderingContext2D,
  plot: uPlot,
  box: Box,
  colours: ChartColours,
  markers: readonly Marker[],
): void {
  const bottom = box.top + box.height
  const sides = wordSides(
    markers.map((marker) => ({ x: plot.valToPos(marker.at, 'x'), width: textWidth(marker.word) })),
    { from: -30, to: box.width },
  )
  markers.forEach((marker, index) => {
    const x = Math.round(box.left + plot.valToPos(marker.at, 'x')) + 0.5
    if (x < box.left || x > box.left + box.width) return
    const colour = colours.state(marker.state)
    pen.strokeStyle = colour
    pen.lineWidth = 1.2
    pen.setLineDash([2, 3])
    pen.beginPath()
    pen.moveTo(x, box.top)
    pen.lineTo(x, bottom - 5)
    pen.stroke()
    pen.setLineDash([])
    pen.fillStyle = colour
    pen.beginPath()
    pen.moveTo(x, bottom - 5)
    pen.lineTo(x + 4, bottom + 1)
    pen.lineTo(x - 4, bottom + 1)
    pen.fill()
    const side = sides[index]
    if (!side) return
    pen.fillStyle = colours.text
    pen.textAlign = side === 'left' ? 'right' : 'left'
    pen.fillText(marker.word, side === 'left' ? x - wordGap : x + wordGap, bottom + 16)
  })
}

function drawSpanWords(
  pen: CanvasRenderingContext2D,
  plot: uPlot,
  box: Box,
  colours: ChartColours,
  spans: readonly Span[],
): void {
  pen.textAlign = 'left'
  for (const span of spans) {
    const from = clamp(plot.valToPos(span.from, 'x'), 0, box.width)
    const to = clamp(plot.valToPos(span.to, 'x'), 0, box.width)
    if (to - from < 12) continue
    pen.fillStyle = colours.state(span.state)
    pen.fillText(span.word, box.left + from + 6, box.top + 14)
  }
}

interface Annotations {
  limit?: Limit | undefined
  spans: readonly Span[]
  markers: readonly Marker[]
}

/** Limit line, markers and their words, over the lines. */
export function drawAnnotations(plot: uPlot, colours: ChartColours, { limit, spans, markers }: Annotations): void {
  inPixels(plot, (pen, box) => {
    pen.textBaseline = 'alphabetic'
    drawSpanWords(pen, plot, box, colours, spans)
    drawMarkers(pen, plot, box, colours, markers)
    if (limit) drawLimit(pen, plot, box, colours, limit)
  })
}

/** A thin line at zero, where values lie on both sides of it. */
export function drawZero(plot: uPlot, colours: ChartColours): void {
  const { min, max } = plot.scales['y'] ?? {}
  if (min === undefined || min === null || max === undefined || max === null || min >= 0 || max <= 0) return
  inPixels(plot, (pen, box) => {
    const y = Math.round(box.top + plot.valToPos(0, 'y')) + 0.5
    pen.strokeStyle = colours.zero
    pen.lineWidth = 1
    pen.beginPath()
    pen.moveTo(box.left, y)
    pen.lineTo(box.left + box.width, y)
    pen.stroke()
  })
}

export { inPixels as drawInPixels, type Box as PlotBox }
