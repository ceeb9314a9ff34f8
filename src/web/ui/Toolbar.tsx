import type { ReactNode } from 'react'
import css from './Toolbar.module.css'

/** Stands above a table or chart: what filters it at the left, what is shown at the right. */
export function Toolbar({ children, shown }: { children: ReactNode; shown?: ReactNode }) {
  return (
    <div className={css['bar']}>
      {children}
      {shown ? <span className={css['shown']}>{shown}</span> : null}
    </div>
  )
}

interface FilterLineProps {
  label: string
  value: string
  onChange: (value: string) => void
  placeholder?: string
  /** Words that can stand in the line; offered while typing. */
  words: readonly string[]
  /** What is wrong with the line, if anything. */
  problem?: string | undefined
}

const lastWord = /[\w.@-]*$/

/** One line that filters; mono, because its words are names. */
export function FilterLine({ label, value, onChange, placeholder, words, problem }: FilterLineProps) {
  const begun = lastWord.exec(value)?.[0] ?? ''
  const before = value.slice(0, value.length - begun.length)
  const offered =
    begun === ''
      ? []
      : words.filter((word) => word !== begun && word.toLowerCase().includes(begun.toLowerCase())).slice(0, 8)
  const id = `words-of-${label.replaceAll(' ', '-')}`
  return (
    <div className={css['filter']}>
      <input
        type="text"
        className={css['line']}
        data-filter
        aria-keyshortcuts="/"
        aria-label={label}
        aria-invalid={problem !== undefined}
        title={problem}
        aria-errormessage={problem ? `${id}-problem` : undefined}
        value={value}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        list={id}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
      />
      <datalist id={id}>
        {offered.map((word) => (
          <option key={word} value={before + word} />
        ))}
      </datalist>
      {problem ? (
        <p id={`${id}-problem`} className={css['problem']} role="status">
          {problem}
        </p>
      ) : null}
    </div>
  )
}
