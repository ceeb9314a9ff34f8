import { clock, day, duration, exact, given, interval, zone } from '../lib/format.ts'
import { slotColour } from '../lib/colour.ts'
import type { Line } from './chart-line.ts'
import type { ChartBy } from './chart-options.ts'
import css from './TimeChart.module.css'

export interface Hover {
  index: number
  left: number
  top: number
  /** Width of the chart, so that the words stay inside. */
  room: number
}

interface Reading {
  x: readonly number[]
  by: ChartBy
  lines: readonly Line[]
  shown: (value: number) => string
}

function whenOf({ x, by }: Reading, index: number): string {
  const at = x[index] ?? 0
  if (by === 'duration') return `after ${duration(at)}`
  if (by === 'step') return `step ${given(at)}`
  const step = x.length > 1 ? ((x[x.length - 1] ?? 0) - (x[0] ?? 0)) / (x.length - 1) : 0
  return step >= 86_400_000 ? day(at) : `${day(at)} ${clock(at)}`
}

const tipRoom = 420

/** Follows the pointer; leaves room so that it never covers the line it reads. */
export function ChartTip({ hover, note, ...reading }: Reading & { hover: Hover; note: string | undefined }) {
  const read = reading.lines.filter(
    (line) => line.values[hover.index] !== null && line.values[hover.index] !== undefined,
  )
  return (
    <div
      className={css['tip']}
      style={{ left: hover.left, top: Math.max(0, hover.top - 30) }}
      data-half={hover.left + tipRoom > hover.room && hover.left > hover.room / 2 ? 'right' : 'left'}
    >
      <b>{whenOf(reading, hover.index)}</b>
      {read.map((line) => (
        <div key={line.name} className={css['tipLine']}>
          <span className={css['tipMark']} style={{ background: line.slot ? slotColour(line.slot) : 'var(--t3)' }} />
          {line.name} <b className={css['tipValue']}>{reading.shown(line.values[hover.index] ?? 0)}</b>
          {line.low && line.high ? (
            <span className={css['tipQuiet']}> ({interval(line.low[hover.index], line.high[hover.index])})</span>
          ) : null}
        </div>
      ))}
      {read.length === 0 ? <div className={css['tipQuiet']}>no values</div> : null}
      {note ? <div className={css['tipQuiet']}>{note}</div> : null}
    </div>
  )
}

interface ChartLegendProps {
  lines: readonly Line[]
  hidden: ReadonlySet<string>
  onToggle: (name: string) => void
}

/** More than three lines are named here; a click hides one. */
export function ChartLegend({ lines, hidden, onToggle }: ChartLegendProps) {
  return (
    <div className={css['legend']}>
      {lines.map((line) => (
        <button
          key={line.name}
          type="button"
          className={css['legendName']}
          aria-pressed={!hidden.has(line.name)}
          onClick={() => onToggle(line.name)}
        >
          <span className={css['legendMark']} style={{ background: line.slot ? slotColour(line.slot) : 'var(--t3)' }} />
          {line.name}
        </button>
      ))}
    </div>
  )
}

/** The numbers of the chart, for whom a picture says nothing. */
export function ChartTable({ label, height, ...reading }: Reading & { label: string; height: number }) {
  return (
    <div className={css['table']} style={{ height }} tabIndex={0} role="region" aria-label={`${label}, as table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{reading.by === 'time' ? `Time, ${zone}` : reading.by === 'step' ? 'Step' : 'After'}</th>
            {reading.lines.map((line) => (
              <th key={line.name} scope="col">
                {line.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {reading.x.map((at, index) => (
            <tr key={at}>
              <th scope="row" title={reading.by === 'time' ? exact(at) : undefined}>
                {whenOf(reading, index)}
              </th>
              {reading.lines.map((line) => {
                const value = line.values[index]
                return <td key={line.name}>{value === null || value === undefined ? '—' : reading.shown(value)}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
