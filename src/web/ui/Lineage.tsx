import type { ReactNode } from 'react'
import css from './Lineage.module.css'

export interface LineageStop {
  /** Dataset, step, run, version, endpoint. */
  kind: string
  /** A link, or why there is none. */
  what: ReactNode
  note?: ReactNode
  /** Nothing is recorded here. */
  missing?: boolean
}

/** Where a thing comes from and what it became, from left to right. */
export function Lineage({ stops }: { stops: readonly LineageStop[] }) {
  return (
    <ol className={css['strip']} aria-label="Lineage">
      {stops.map((stop) => (
        <li key={stop.kind} className={css['stop']} data-missing={stop.missing === true}>
          <span className={css['kind']}>{stop.kind}</span>
          <span className={css['what']}>{stop.what}</span>
          <span className={css['note']}>{stop.note}</span>
        </li>
      ))}
    </ol>
  )
}
