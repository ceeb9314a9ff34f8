import { duration, given } from '../lib/format.ts'
import { stateColour, type State } from './state.ts'
import css from './Gantt.module.css'

export interface GanttRow {
  id: string
  name: string
  state: State
  /** Milliseconds from the beginning of the whole; null when it has not begun. */
  start: number | null
  /** Null while it runs. */
  end: number | null
  /** In place of the time: `cached`, `skipped`. */
  word?: string
}

interface GanttProps {
  rows: readonly GanttRow[]
  /** Milliseconds from the beginning until now; the end of what still runs. */
  now: number
  chosen: string | undefined
  onChoose: (id: string) => void
}

const niceSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
]

function ticks(end: number): number[] {
  const step = niceSteps.find((candidate) => end / candidate <= 5) ?? 7 * 86_400_000
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step)
}

const tickWord = (tick: number, end: number): string => {
  if (tick === 0) return '0'
  return end < 120_000 ? `${given(tick / 1000)} s` : duration(tick)
}

const colourOf = (state: State): string => {
  if (state === 'skipped' || state === 'unknown') return 'var(--reference)'
  return state === 'crit' ? stateColour('crit') : 'var(--s1)'
}

/** When each step ran and how long; what still runs is pale. */
export function Gantt({ rows, now, chosen, onChoose }: GanttProps) {
  const end = Math.max(...rows.map((row) => row.end ?? (row.start === null ? 0 : now)), 1)
  const left = (ms: number): string => `${(ms / (end * 1.1)) * 100}%`
  return (
    <div className={css['gantt']}>
      <div className={css['grid']} aria-hidden="true">
        {ticks(end).map((tick) => (
          <span key={tick} className={css['tick']} style={{ left: left(tick) }}>
            <span className={css['tickWord']}>{tickWord(tick, end)}</span>
          </span>
        ))}
      </div>
      <ul className={css['rows']}>
        {rows.map((row) => (
          <li key={row.id}>
            <button
              type="button"
              className={css['row']}
              aria-pressed={row.id === chosen}
              onClick={() => onChoose(row.id)}
            >
              <span className={css['name']}>{row.name}</span>
              <span className={css['lane']}>
                {row.start === null ? (
                  <span className={css['word']}>{row.word ?? 'not begun'}</span>
                ) : (
                  <Lane row={row} start={row.start} end={row.end ?? now} left={left} />
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Lane({ row, start, end, left }: { row: GanttRow; start: number; end: number; left: (ms: number) => string }) {
  return (
    <>
      <span
        className={css['bar']}
        data-open={row.end === null}
        style={{ left: left(start), width: left(end - start), background: colourOf(row.state) }}
      />
      <span className={css['word']} style={{ left: `calc(max(${left(end)}, ${left(start)} + 4px) + 6px)` }}>
        {row.end === null ? '' : (row.word ?? duration(end - start))}
      </span>
    </>
  )
}
