import { useLayoutEffect, useRef, type RefObject } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useTheme } from '../lib/theme.ts'
import { chartColours, type ChartColours } from './chart-colours.ts'
import { chartFont } from './chart-options.ts'

interface PlotInput {
  data: uPlot.AlignedData
  options: (colours: ChartColours, width: number) => uPlot.Options
  /** Changes when the chart has to be built anew; new data alone is drawn into the same chart and keeps the zoom. */
  shape: string
}

/** Owns one uPlot: builds it, follows theme and width, keeps the zoom over new data. */
export function usePlot({ data, options, shape }: PlotInput): {
  box: RefObject<HTMLDivElement | null>
  plot: RefObject<uPlot | null>
} {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const zoom = useRef<{ min: number; max: number }>(null)
  const latest = useRef({ data, options })
  const theme = useTheme()

  useLayoutEffect(() => {
    latest.current = { data, options }
  })

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const build = latest.current
    const made = new uPlot(build.options(chartColours(), element.clientWidth), build.data, element)
    plot.current = made
    if (zoom.current) made.setScale('x', zoom.current)
    const remember = (): void => {
      const { min, max } = made.scales['x'] ?? {}
      const xs = made.data[0]
      const isWhole = min === xs[0] && max === xs[xs.length - 1]
      zoom.current =
        isWhole || min === undefined || min === null || max === undefined || max === null ? null : { min, max }
    }
    ;(made.hooks.setScale ??= []).push((_, key) => {
      if (key === 'x') remember()
    })
    // The first drawing may come before the font; its widths would be those of another.
    void document.fonts.load(chartFont).then(() => {
      if (plot.current === made) made.redraw(false, true)
    })
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width)
        made.setSize({ width: element.clientWidth, height: made.height })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [theme, shape])

  useLayoutEffect(() => {
    if (plot.current && plot.current.data !== data) plot.current.setData(data, zoom.current === null)
  }, [data])

  return { box, plot }
}
