import { sentenceCase } from '../lib/format.ts'
import { Button } from './Button.tsx'
import { StateIcon } from './StateIcon.tsx'
import css from './Empty.module.css'

interface FailedProps {
  /** Anything thrown; an API error also says what to do next. */
  error: unknown
  onRetry: () => void
}

const nextOf = (error: unknown): string =>
  error instanceof Error && 'next' in error && typeof error.next === 'string'
    ? error.next
    : 'Try again; if it stays, the browser’s console says more.'

/** Takes the place of one panel; the others stay. */
export function Failed({ error, onRetry }: FailedProps) {
  return (
    <div className={css['failed']} role="alert">
      <p className={css['what']}>
        <StateIcon state="crit" word="failed" />
        {sentenceCase(error instanceof Error ? error.message : String(error))}
      </p>
      <p className={css['next']}>
        {nextOf(error)
          .split('`')
          .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
      </p>
      <div className={css['again']}>
        <Button onClick={onRetry}>Try again</Button>
      </div>
    </div>
  )
}
