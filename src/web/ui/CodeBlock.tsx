import { useState, type ReactNode } from 'react'
import { copyText } from '../lib/copy.ts'
import css from './CodeBlock.module.css'

/** A quiet button that puts text on the clipboard and says so. */
function Copy({ text, word = 'Copy' }: { text: string; word?: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <button
      type="button"
      className={css['copy']}
      onClick={() => {
        void copyText(text).then(() => setCopied(true))
      }}
      onBlur={() => setCopied(false)}
      onMouseLeave={() => setCopied(false)}
    >
      {copied ? 'Copied' : word}
    </button>
  )
}

const quiet = /^\s*(#|\/\/)/

export function CodeBlock({ code }: { code: string }) {
  return (
    <div className={css['block']}>
      <pre className={css['code']} tabIndex={0}>
        {code.split('\n').map((line, index) => (
          <span key={index} className={quiet.test(line) ? css['comment'] : undefined}>
            {line}
            {'\n'}
          </span>
        ))}
      </pre>
      <Copy text={code} />
    </div>
  )
}

/** The same call in several languages: `curl · Python · TypeScript`. */
export function CodeChoice({ name, choices }: { name: ReactNode; choices: readonly { word: string; code: string }[] }) {
  const [chosen, setChosen] = useState(0)
  const code = choices[chosen]?.code ?? ''
  return (
    <section className={css['choice']}>
      <div className={css['choiceHead']}>
        <h2 className={css['choiceName']}>{name}</h2>
        {choices.map((choice, index) => (
          <button
            key={choice.word}
            type="button"
            className={css['language']}
            aria-pressed={index === chosen}
            onClick={() => setChosen(index)}
          >
            {choice.word}
          </button>
        ))}
      </div>
      <CodeBlock code={code} />
    </section>
  )
}
