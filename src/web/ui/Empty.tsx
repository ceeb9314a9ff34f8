import type { ReactNode } from 'react'
import { CodeBlock } from './CodeBlock.tsx'
import css from './Empty.module.css'

interface EmptyProps {
  title: string
  /** One or two sentences: what would be here and what it is good for. */
  children: ReactNode
  /** The command that fills it. */
  command?: string | undefined
  guide?: ReactNode
}

export function Empty({ title, children, command, guide }: EmptyProps) {
  return (
    <section className={css['empty']} aria-label={title}>
      <h2 className={css['title']}>{title}</h2>
      <p className={css['text']}>{children}</p>
      {command ? <CodeBlock code={command} /> : null}
      {guide ? <p className={css['guide']}>{guide}</p> : null}
    </section>
  )
}
