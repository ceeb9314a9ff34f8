import type { ReactNode } from 'react'
import { StateIcon } from './StateIcon.tsx'
import type { State } from './state.ts'
import css from './KeyValue.module.css'

export interface Fact {
  key: string
  value: ReactNode
  /** Grey, at the far right: unit, p-value, limit. */
  note?: ReactNode
  state?: { state: State; word: string }
}

/** Rows of name, value and note. `figures` sets the values right, as numbers stand. */
export function KeyValue({ facts, figures = false }: { facts: readonly Fact[]; figures?: boolean }) {
  return (
    <dl className={css['list']} data-figures={figures} data-notes={facts.some((fact) => fact.note !== undefined)}>
      {facts.map((fact, index) => (
        <div key={index} className={css['row']}>
          <dt className={css['key']}>
            {fact.state ? <StateIcon state={fact.state.state} word={fact.state.word} /> : null}
            {fact.key}
          </dt>
          <dd className={figures ? css['figure'] : css['value']}>{fact.value}</dd>
          {fact.note === undefined ? null : <dd className={css['note']}>{fact.note}</dd>}
        </div>
      ))}
    </dl>
  )
}
