import { useRef, type KeyboardEvent } from 'react'
import css from './Tabs.module.css'

interface Choice {
  id: string
  word: string
}

interface ChoiceProps {
  /** Said to those who cannot see it. */
  label: string
  choices: readonly Choice[]
  chosen: string
  onChoose: (id: string) => void
}

/** Arrow keys move between the choices, as the tab and radio patterns ask. */
function useArrows({ choices, chosen, onChoose }: ChoiceProps) {
  const box = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const next = (choices.findIndex((choice) => choice.id === chosen) + step + choices.length) % choices.length
    onChoose(choices[next]?.id ?? chosen)
    box.current?.querySelectorAll('button')[next]?.focus()
  }
  return { box, onKeyDown }
}

/** The parts of a page; the chosen one lives in the URL. */
export function Tabs(props: ChoiceProps) {
  const { box, onKeyDown } = useArrows(props)
  return (
    <div ref={box} role="tablist" aria-label={props.label} className={css['tabs']} onKeyDown={onKeyDown}>
      {props.choices.map((choice) => (
        <button
          key={choice.id}
          type="button"
          role="tab"
          className={css['tab']}
          aria-selected={choice.id === props.chosen}
          tabIndex={choice.id === props.chosen ? 0 : -1}
          onClick={() => props.onChoose(choice.id)}
        >
          {choice.word}
        </button>
      ))}
    </div>
  )
}

/** A few ways to see one thing: `MAE | Bias | P90`. */
export function Segments(props: ChoiceProps) {
  const { box, onKeyDown } = useArrows(props)
  return (
    <div ref={box} role="radiogroup" aria-label={props.label} className={css['segments']} onKeyDown={onKeyDown}>
      {props.choices.map((choice) => (
        <button
          key={choice.id}
          type="button"
          role="radio"
          className={css['segment']}
          aria-checked={choice.id === props.chosen}
          tabIndex={choice.id === props.chosen ? 0 : -1}
          onClick={() => props.onChoose(choice.id)}
        >
          {choice.word}
        </button>
      ))}
    </div>
  )
}
