import type { ReactNode } from 'react'
import css from './DataTable.module.css'

interface TwoLinesProps {
  text: string
  title?: string
  /** Stands before the first word. */
  mark?: ReactNode
}

/** Words in a table that may take two lines, the whole on hover; for rows of 44. */
export function TwoLines({ text, title = text, mark }: TwoLinesProps) {
  return (
    <span className={css['twoLines']} title={title}>
      {mark}
      {text}
    </span>
  )
}
