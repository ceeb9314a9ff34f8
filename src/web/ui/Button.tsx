import type { ReactNode } from 'react'
import css from './Button.module.css'

interface ButtonProps {
  children: ReactNode
  onClick: () => void
  /** `primary` for what reaches far, `undo` for what takes it back, `plain` else. */
  weight?: 'plain' | 'primary' | 'undo'
  /** Why it cannot be pressed now; said on hover. */
  refused?: string | undefined
  busy?: boolean
}

export function Button({ children, onClick, weight = 'plain', refused, busy = false }: ButtonProps) {
  return (
    <button
      type="button"
      className={`${css['button']} ${css[weight]}`}
      onClick={() => {
        if (!refused && !busy) onClick()
      }}
      aria-disabled={refused !== undefined || busy}
      aria-busy={busy}
      title={refused}
    >
      {children}
    </button>
  )
}

/** A command in running text, where a link would be wrong because nothing is opened. */
export function TextButton({ children, onClick }: { children: ReactNode; onClick: () => void }) {
  return (
    <button type="button" className={css['text']} data-link onClick={onClick}>
      {children}
    </button>
  )
}
