import { useId } from 'react'
import css from './TextField.module.css'

interface TextFieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  /** Usual values, offered while typing. */
  offered?: readonly string[]
  /** What is wrong with the value, or what it may be. */
  note?: string | undefined
}

/** One value with its name above it. */
export function TextField({ label, value, onChange, offered = [], note }: TextFieldProps) {
  const id = useId()
  return (
    <label className={css['field']}>
      <span className={css['label']}>{label}</span>
      <input
        className={css['input']}
        value={value}
        autoComplete="off"
        spellCheck={false}
        list={offered.length > 0 ? id : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {offered.length > 0 ? (
        <datalist id={id}>
          {offered.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      ) : null}
      {note ? <span className={css['note']}>{note}</span> : null}
    </label>
  )
}
