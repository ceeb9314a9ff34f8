import { useMemo } from 'react'
import { count } from '../lib/format.ts'
import { hunks, lineDiff } from './line-diff.ts'
import css from './Diff.module.css'

/** More lines than anybody reads would only make the page slow. */
const mostLines = 400

const words = { '+': 'added', '-': 'removed', ' ': '' }

/** Two texts, line by line; equal stretches are folded. */
export function Diff({ label, before, after }: { label: string; before: string; after: string }) {
  const all = useMemo(() => hunks(lineDiff(before, after), 3), [before, after])
  if (all.length === 0) return <p className={css['same']}>No difference.</p>
  const lines = all.slice(0, mostLines)
  return (
    <div className={css['diff']} role="table" aria-label={label} tabIndex={0}>
      {lines.map((line, index) =>
        line ? (
          <div key={index} role="row" className={css['line']} data-sign={line.sign}>
            <span role="cell" className={css['number']}>
              {line.before}
            </span>
            <span role="cell" className={css['number']}>
              {line.after}
            </span>
            <span role="cell" className={css['text']}>
              <span className="out-of-sight">{words[line.sign]} </span>
              {line.sign} {line.text}
            </span>
          </div>
        ) : (
          <div key={index} className={css['gap']} role="row">
            <span role="cell">⋯</span>
          </div>
        ),
      )}
      {all.length > mostLines ? (
        <div className={css['gap']} role="row">
          <span role="cell">{count(all.length - mostLines)} more lines; download the files to compare them.</span>
        </div>
      ) : null}
    </div>
  )
}
