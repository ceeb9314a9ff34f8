import { StateIcon } from './StateIcon.tsx'
import { stateColour, type State } from './state.ts'
import css from './Steps.module.css'

export interface Step {
  name: string
  state: State
  /** The state as a word, for those who cannot see the shape. */
  word: string
  /** At most two: what it takes or took, and what was found. */
  lines: readonly string[]
}

/** The steps of a rollout; a line is coloured when the step it leaves has passed. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={css['steps']}>
      {steps.map((step, index) => (
        <li key={step.name} className={css['step']} data-reached={step.state !== 'unknown'}>
          <div className={css['track']}>
            <StateIcon state={step.state} word={step.word} />
            {index < steps.length - 1 ? (
              <span
                className={css['way']}
                style={step.state === 'ok' ? { background: stateColour('ok') } : undefined}
              />
            ) : null}
          </div>
          <div className={css['name']}>{step.name}</div>
          {step.lines.map((line, place) => (
            <div key={place} className={place === 0 ? css['first'] : css['second']}>
              {line}
            </div>
          ))}
        </li>
      ))}
    </ol>
  )
}
