import { useId } from 'react'
import css from './TextField.module.css'

interface TextFieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  /** Usual values, offered while typing. */
  offered?: readonly string[]
  /** What the value may be. */
  note?: string | undefined
  /** What is wrong with the value. */
  problem?: string | undefined
  /** Nobody who looks on shall read it; the only field of its page, so one types at once. */
  secret?: boolean
}

/** One value with its name above it. */
export function TextField({ label, value, onChange, offered = [], note, problem, secret = false }: TextFieldProps) {
  const id = useId()
  return (
    <div className={css['field']}>
      <label className={css['label']} htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className={css['input']}
        type={secret ? 'password' : 'text'}
        value={value}
        autoComplete={secret ? 'current-password' : 'off'}
        autoFocus={secret}
        spellCheck={false}
        list={offered.length > 0 ? `${id}-offered` : undefined}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange(event.target.value)}
      />
      {offered.length > 0 ? (
        <datalist id={`${id}-offered`}>
          {offered.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      ) : null}
      <div id={`${id}-note`}>
        {note && problem === undefined ? <span className={css['note']}>{note}</span> : null}
        <span role="alert" className={css['problem']}>
          {problem}
        </span>
      </div>
    </div>
  )
}
