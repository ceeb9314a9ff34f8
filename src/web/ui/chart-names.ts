import type uPlot from 'uplot'
import { drawInPixels, type Limit, type PlotBox, type Span } from './chart-draw.ts'
import { textWidth } from './chart-options.ts'

export interface NamedLine {
  name: string
  colour: string
  /** Places of its value and of its band in the chart's data. */
  at: number
  low?: number
  high?: number
}

interface Place {
  left: number
  base: number
  width: number
}

const above = 7
const textHeight = 11

/** Where the line runs at this place: between two points as it is drawn, beyond its ends or in a gap nowhere. */
function heightAt(plot: uPlot, series: number, x: number): number | undefined {
  const at = plot.posToVal(x, 'x')
  const xs = plot.data[0]
  const values = plot.data[series]
  const nearest = plot.posToIdx(x)
  const before = (xs[nearest] ?? 0) > at ? nearest - 1 : nearest
  const [from, to] = [values?.[before], values?.[before + 1]]
  const [start, end] = [xs[before], xs[before + 1]]
  const nearestValue = values?.[nearest]
  if (typeof from === 'number' && typeof to === 'number' && start !== undefined && end !== undefined && end > start)
    return plot.valToPos(from + ((at - start) / (end - start)) * (to - from), 'y')
  // Many points to a pixel, or a bridged gap: the nearest one stands for the line.
  const isNear = Math.abs(plot.valToPos(xs[nearest] ?? 0, 'x') - x) < 6
  return typeof nearestValue === 'number' && isNear ? plot.valToPos(nearestValue, 'y') : undefined
}

/** How many things the word would lie on at this place; the lines are looked at every 6 px. */
function collisions(
  plot: uPlot,
  lines: readonly NamedLine[],
  taken: readonly Place[],
  place: Place,
  limitY: number | undefined,
): number {
  let hits = 0
  const top = place.base - textHeight
  for (let x = place.left; x <= place.left + place.width; x += 6) {
    for (const line of lines) {
      const y = heightAt(plot, line.at, x)
      if (y !== undefined && y > top - 2 && y < place.base + 3) hits += 1
    }
  }
  if (limitY !== undefined && limitY > top - 2 && limitY < place.base + 6) hits += 8
  for (const other of taken) {
    const apart = place.left > other.left + other.width + 8 || other.left > place.left + place.width + 8
    if (!apart && Math.abs(place.base - other.base) < 16) hits += 20
  }
  return hits
}

/** The word stands just above the highest or just below the lowest point of its line and band within its own width. */
function placeAt(
  plot: uPlot,
  box: PlotBox,
  line: NamedLine,
  left: number,
  width: number,
  isBelow: boolean,
): Place | undefined {
  let edge = isBelow ? -Infinity : Infinity
  for (let x = left; x <= left + width; x += 6) {
    const y = heightAt(plot, (isBelow ? line.low : line.high) ?? line.at, x) ?? heightAt(plot, line.at, x)
    if (y === undefined) {
      // The word may reach beyond the end of its line, but begins on it.
      if (x === left) return undefined
      continue
    }
    edge = isBelow ? Math.max(edge, y) : Math.min(edge, y)
  }
  const base = isBelow ? edge + textHeight + 4 : edge - above
  return base - textHeight < 0 || base > box.height ? undefined : { left, base, width }
}

/** Names up to three lines beside themselves, each where it lies on the fewest other things. */
export function drawNames(
  plot: uPlot,
  lines: readonly NamedLine[],
  limit: Limit | undefined,
  spans: readonly Span[],
  ground: string,
): void {
  drawInPixels(plot, (pen, box) => {
    const limitY = limit ? plot.valToPos(limit.value, 'y') : undefined
    const taken: Place[] = spans.map((span) => ({
      left: plot.valToPos(span.from, 'x'),
      base: 14,
      width: textWidth(span.word) + 8,
    }))
    if (limit && limitY !== undefined)
      taken.push({ left: box.width - textWidth(limit.word) - 4, base: limitY - 5, width: textWidth(limit.word) })
    pen.textAlign = 'left'
    for (const line of lines) {
      const width = textWidth(line.name)
      let best: { place: Place; hits: number } | undefined
      for (let share = 0.02; share < 0.95; share += 0.03) {
        const left = share * box.width
        if (left + width > box.width) break
        for (const isBelow of [false, true]) {
          const place = placeAt(plot, box, line, left, width, isBelow)
          if (!place) continue
          const hits = collisions(plot, lines, taken, place, limitY) + (isBelow ? 0.5 : 0)
          if (!best || hits < best.hits) best = { place, hits }
        }
      }
      if (!best) continue
      taken.push(best.place)
      pen.strokeStyle = ground
      pen.lineWidth = 3
      pen.lineJoin = 'round'
      pen.strokeText(line.name, box.left + best.place.left, box.top + best.place.base)
      pen.fillStyle = line.colour
      pen.fillText(line.name, box.left + best.place.left, box.top + best.place.base)
    }
  })
}
