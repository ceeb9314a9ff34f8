import type { ReactNode } from 'react'
import { exact, type Instant } from '../lib/format.ts'
import { StateIcon } from './StateIcon.tsx'
import type { State } from './state.ts'
import css from './Timeline.module.css'

export interface Happening {
  id: string
  /** As it is shown: `2 May`, `9 May 14:02`, `now`. */
  when: string
  at?: Instant
  state: State
  word: string
  title: ReactNode
  text: ReactNode
}

/** Signals, decisions and actions in their order, with their numbers. */
export function Timeline({ happenings }: { happenings: readonly Happening[] }) {
  return (
    <ol className={css['list']}>
      {happenings.map((happening) => (
        <li key={happening.id} className={css['item']}>
          <span className={css['when']} title={happening.at === undefined ? undefined : exact(happening.at)}>
            {happening.when}
          </span>
          <span className={css['mark']}>
            <StateIcon state={happening.state} word={happening.word} />
          </span>
          <div className={css['words']}>
            <div className={css['title']} data-prose>
              {happening.title}
            </div>
            <div className={css['text']} data-prose>
              {happening.text}
            </div>
          </div>
        </li>
      ))}
    </ol>
  )
}

/** The same as plain rows, newest first: what was done, for the overview. */
export function Happenings({ happenings }: { happenings: readonly Happening[] }) {
  return (
    <ol>
      {happenings.map((happening) => (
        <li key={happening.id} className={css['row']}>
          <span className={css['rowWhen']} title={happening.at === undefined ? undefined : exact(happening.at)}>
            {happening.when}
          </span>
          <StateIcon state={happening.state} word={happening.word} />
          <div className={css['words']} data-prose>
            <div>{happening.title}</div>
            <div className={css['rowText']}>{happening.text}</div>
          </div>
        </li>
      ))}
    </ol>
  )
}
