import type { ReactNode } from 'react'

/** Words that stand back: what a number is made of, or why there is none. */
export function Quiet({ children }: { children: ReactNode }) {
  return <span style={{ color: 'var(--t3)' }}>{children}</span>
}
