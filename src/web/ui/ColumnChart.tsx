import { alike, given, number } from '../lib/format.ts'
import { slotColour, type Slot } from '../lib/colour.ts'
import css from './ColumnChart.module.css'

export interface ChartColumn {
  name: string
  value: number | null
  /** On hover: how the value came about. */
  title?: string
  /** Stands out: the one the page is about. */
  strong?: boolean
}

interface ColumnChartProps {
  label: string
  columns: readonly ChartColumn[]
  height: number
  limit?: { value: number; word: string } | undefined
  slot?: Slot
}

const steps = [1, 1.5, 2, 3, 4, 5, 6, 8, 10]

/** A round number at or above the highest value. */
function roof(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1))
  return (steps.find((step) => step * power >= value) ?? 10) * power
}

/** One column per window, with the limit as a thin line. */
export function ColumnChart({ label, columns, height, limit, slot = 1 }: ColumnChartProps) {
  const top = roof(Math.max(limit?.value ?? 0, ...columns.map((column) => column.value ?? 0)))
  const ticks = [0, top / 2, top]
  const words = alike(ticks.map((tick) => given(tick)))
  const share = (value: number): string => `${(value / top) * 100}%`
  return (
    <figure className={css['chart']} aria-label={label}>
      <div className={css['plot']} style={{ height }}>
        {ticks.map((tick, index) => (
          <span key={tick} className={css['tick']} style={{ bottom: share(tick) }}>
            <span className={css['tickWord']}>{words[index]}</span>
          </span>
        ))}
        <ul className={css['columns']}>
          {columns.map((column, index) => (
            <li key={index} className={css['slot']} title={column.title ?? `${column.name}: ${number(column.value)}`}>
              <span className="out-of-sight">
                {column.name}: {column.value === null ? 'not enough data' : number(column.value)}
              </span>
              <span
                className={css['column']}
                data-strong={column.strong === true}
                style={{ height: share(Math.max(0, column.value ?? 0)), background: slotColour(slot) }}
              />
              <span className={css['name']} aria-hidden="true">
                {column.name}
              </span>
            </li>
          ))}
        </ul>
        {limit ? <span className={css['limit']} style={{ bottom: share(limit.value) }} title={limit.word} /> : null}
      </div>
    </figure>
  )
}
