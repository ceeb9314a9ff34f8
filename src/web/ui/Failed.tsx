import { Button } from './Button.tsx'
import { StateIcon } from './StateIcon.tsx'
import css from './Empty.module.css'

/** Anything thrown; an API error also says what to do next. */
interface FailedProps {
  error: Error & { readonly next?: string }
  onRetry: () => void
}

/** Takes the place of one panel; the others stay. */
export function Failed({ error, onRetry }: FailedProps) {
  return (
    <div className={css['failed']} role="alert">
      <p className={css['what']}>
        <StateIcon state="crit" word="failed" />
        {error.message}
      </p>
      <p className={css['next']}>{error.next ?? 'Try again; if it stays, the browser’s console says more.'}</p>
      <div className={css['again']}>
        <Button onClick={onRetry}>Try again</Button>
      </div>
    </div>
  )
}
