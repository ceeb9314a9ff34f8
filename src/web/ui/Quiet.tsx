import type { ReactNode } from 'react'

/** Words that stand back: what a number is made of, or why there is none. */
export function Quiet({ children }: { children: ReactNode }) {
  return (
    <span style={{ color: 'var(--t3)' }} data-prose>
      {children}
    </span>
  )
}

/** The same as a paragraph under a chart or list. */
export function Note({ children }: { children: ReactNode }) {
  return <p style={{ marginTop: 8, color: 'var(--t3)', fontSize: 12, lineHeight: '18px' }}>{children}</p>
}
