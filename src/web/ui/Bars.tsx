import type { ReactNode } from 'react'
import { slotColour, type Slot } from '../lib/colour.ts'
import { stateColour, type State } from './state.ts'
import css from './Bars.module.css'

export interface Bar {
  name: string
  /** Length; all bars share one scale. */
  value: number
  shown: ReactNode
  note?: ReactNode
  /** In place of the slot of all bars. */
  slot?: Slot | undefined
}

/** Rows of name, bar, number and note: where something comes from. */
export function Bars({ bars, slot = 1 }: { bars: readonly Bar[]; slot?: Slot }) {
  const longest = Math.max(...bars.map((bar) => Math.abs(bar.value)), Number.EPSILON)
  return (
    <ul className={css['bars']}>
      {bars.map((bar) => (
        <li key={bar.name} className={css['row']}>
          <span className={css['name']} title={bar.name}>
            {bar.name}
          </span>
          <span className={css['track']}>
            <span
              className={css['bar']}
              style={{ width: `${(Math.abs(bar.value) / longest) * 92}%`, background: slotColour(bar.slot ?? slot) }}
            />
          </span>
          <span className={css['shown']}>{bar.shown}</span>
          <span className={css['note']}>{bar.note}</span>
        </li>
      ))}
    </ul>
  )
}

interface LimitBarProps {
  value: number
  limit: number
  /** The judgement is the server's; here it only gives the colour. */
  state: State
  /** Said beside the bar: `limit 48.0`. */
  word: string
}

/** A number against its limit; the limit is the upright mark. */
export function LimitBar({ value, limit, state, word }: LimitBarProps) {
  const scale = Math.max(value, limit) * (value > limit ? 1.28 : 1.12) || 1
  return (
    <span className={css['limit']}>
      <span className={css['limitTrack']} aria-hidden="true">
        <span
          className={css['bar']}
          style={{ width: `${Math.max(0, (value / scale) * 100)}%`, background: stateColour(state) }}
        />
        <span className={css['mark']} style={{ left: `${(limit / scale) * 100}%` }} />
      </span>
      <span className={css['limitWord']}>{word}</span>
    </span>
  )
}

export interface StripBar {
  id: string
  /** Height. */
  value: number
  state: State
  /** What it is and how it ended, on hover. */
  title: string
}

/** Earlier runs as a strip: height is time, colour is how it ended. */
export function BarStrip({
  bars,
  label,
  onChoose,
}: {
  bars: readonly StripBar[]
  label: string
  onChoose: (id: string) => void
}) {
  const highest = Math.max(...bars.map((bar) => bar.value), Number.EPSILON)
  return (
    <div className={css['strip']} role="group" aria-label={label}>
      {bars.map((bar) => (
        <button
          key={bar.id}
          type="button"
          className={css['stripSlot']}
          title={bar.title}
          aria-label={bar.title}
          onClick={() => onChoose(bar.id)}
        >
          <span
            className={css['stripBar']}
            data-quiet={bar.state === 'ok'}
            style={{ height: `${20 + (bar.value / highest) * 80}%`, background: stateColour(bar.state) }}
          />
        </button>
      ))}
    </div>
  )
}
