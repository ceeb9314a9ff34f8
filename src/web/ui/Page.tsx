import { useEffect, type CSSProperties, type ReactNode } from 'react'
import { StateBadge } from './StateBadge.tsx'
import type { State } from './state.ts'
import css from './Page.module.css'

interface PageProps {
  /** The answer, as a sentence: subject, verb, number. */
  title: string
  state?: { state: State; word: string } | undefined
  /** One line of facts with units, and one link to how it was decided. */
  facts?: ReactNode
  /** At most three. */
  actions?: ReactNode
  children: ReactNode
}

export function Page({ title, state, facts, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Mainstay`
  }, [title])
  return (
    <div className={css['page']}>
      <header className={css['head']}>
        <div className={css['words']}>
          <h1 className={css['title']}>
            <span className={state ? css['titleWords'] : undefined}>{title}</span>
            <wbr />
            {state ? (
              <span className={css['badge']}>
                <StateBadge state={state.state} word={state.word} />
              </span>
            ) : null}
          </h1>
          {facts ? <p className={css['facts']}>{facts}</p> : null}
        </div>
        {actions ? <div className={css['actions']}>{actions}</div> : null}
      </header>
      {children}
    </div>
  )
}

interface SectionProps {
  name: string
  /** In grey: what it is made of. */
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

export function Section({ name, about, actions, children }: SectionProps) {
  return (
    <section className={css['section']} aria-label={name}>
      <div className={css['sectionHead']}>
        <h2 className={css['sectionName']}>{name}</h2>
        {about ? (
          <span className={css['about']} data-prose>
            {about}
          </span>
        ) : null}
        {actions ? <div className={css['sectionActions']}>{actions}</div> : null}
      </div>
      {children}
    </section>
  )
}

/** Two columns that become one at 1100 px; `left` is its share of the width in per cent. */
export function Columns({ left, children }: { left: number; children: [ReactNode, ReactNode] }) {
  return (
    <div className={css['columns']} style={{ '--left': `${left}fr`, '--right': `${100 - left}fr` } as CSSProperties}>
      <div className={css['column']}>{children[0]}</div>
      <div className={css['column']}>{children[1]}</div>
    </div>
  )
}
