import { useState, type ReactNode } from 'react'
import { Confirm } from './Drawer.tsx'

interface ActProps {
  /** The question: `Promote version 3?` */
  title: string
  /** What will happen, with its numbers. */
  what: ReactNode
  /** What the button of the question does. */
  verb: string
  /** Asks for a reason under this word. */
  reason?: string | undefined
  onAct: (reason: string) => Promise<unknown>
  /** Draws what opens the question. */
  children: (ask: () => void) => ReactNode
}

const problemOf = (error: unknown): string => {
  const next = error instanceof Error && 'next' in error ? String(error.next) : ''
  return `${error instanceof Error ? error.message : String(error)} ${next}`.trim()
}

/** Something that is done to the world: asks first, says when it is refused, closes when it is done. */
export function Act({ title, what, verb, reason, onAct, children }: ActProps) {
  const [open, setOpen] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const close = (): void => {
    setOpen(false)
    setProblem(undefined)
  }
  const act = (why: string): void => {
    setBusy(true)
    onAct(why)
      .then(close, (error: unknown) => setProblem(problemOf(error)))
      .finally(() => setBusy(false))
  }
  return (
    <>
      {children(() => setOpen(true))}
      <Confirm
        title={title}
        verb={verb}
        reason={reason}
        open={open}
        busy={busy}
        problem={problem}
        onConfirm={act}
        onClose={close}
      >
        {what}
      </Confirm>
    </>
  )
}
