import { useId } from 'react'
import css from './Field.module.css'

interface FieldProps {
  name: string
  /** Grey, beside the name: what it holds. */
  kind: string
  value: string
  onChange: (value: string) => void
  /** What is wrong with the value, if anything. */
  problem?: string | undefined
  /** A few fixed values to choose from. */
  choices?: readonly string[] | undefined
}

/** One value of a form; its name is mono, because it is a column's or a parameter's. */
export function Field({ name, kind, value, onChange, problem, choices }: FieldProps) {
  const id = useId()
  return (
    <div className={css['field']}>
      <label className={css['label']} htmlFor={id}>
        <code>{name}</code> <span className={css['kind']}>{kind}</span>
      </label>
      {choices ? (
        <select id={id} className={css['input']} value={value} onChange={(event) => onChange(event.target.value)}>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          className={css['input']}
          value={value}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== undefined}
          title={problem}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </div>
  )
}
