import type { ReactNode } from 'react'
import type { Slot } from '../lib/colour.ts'
import { Sparkline } from './Sparkline.tsx'
import { StateIcon } from './StateIcon.tsx'
import type { State } from './state.ts'
import css from './Tile.module.css'

interface TileProps {
  name: string
  state: State
  /** The state as a word, for hover and for those who cannot see the shape. */
  word: string
  /** A dash for a number that does not exist. */
  value: string
  unit?: string
  /** Interval, limit, since when, or why there is no number. */
  note: ReactNode
  trend?: readonly (number | null)[] | undefined
  slot?: Slot
  /** Opens method, formula, n, window and reference of the number. */
  onAsk?: (() => void) | undefined
}

export function Tile({ name, state, word, value, unit, note, trend, slot, onAsk }: TileProps) {
  const inside = (
    <>
      <span className={css['head']}>
        {name}
        <span title={word}>
          <StateIcon state={state} word={word} />
        </span>
      </span>
      <span className={css['value']}>
        {value}
        {unit ? <span className={css['unit']}> {unit}</span> : null}
      </span>
      <span className={css['note']}>{note}</span>
      <span className={css['trend']}>
        {trend ? (
          <Sparkline values={trend} label={`${name}, trend`} width={150} height={22} {...(slot ? { slot } : {})} />
        ) : null}
      </span>
    </>
  )
  return onAsk ? (
    <button type="button" className={css['tile']} onClick={onAsk}>
      {inside}
    </button>
  ) : (
    <div className={css['tile']}>{inside}</div>
  )
}

/** Tiles are columns of one row, not cards. */
export function Tiles({ children }: { children: ReactNode }) {
  return <div className={css['tiles']}>{children}</div>
}
