import { Drawer as Floating, Modal } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { Button } from './Button.tsx'
import css from './Drawer.module.css'

interface DrawerProps {
  title: ReactNode
  open: boolean
  onClose: () => void
  children: ReactNode
}

/** Detail without leaving the list. */
export function Drawer({ title, open, onClose, children }: DrawerProps) {
  return (
    <Floating.Root opened={open} onClose={onClose} position="right" size={520} transitionProps={{ duration: 120 }}>
      <Floating.Overlay />
      <Floating.Content>
        {/* Its element would count as a second head of the page. */}
        <Floating.Header role="presentation">
          <Floating.Title>{title}</Floating.Title>
          <Floating.CloseButton aria-label="Close" />
        </Floating.Header>
        <Floating.Body>{children}</Floating.Body>
      </Floating.Content>
    </Floating.Root>
  )
}

interface ConfirmProps {
  /** The question: `Delete the model churn?` */
  title: string
  /** What will happen, with its numbers. */
  children: ReactNode
  /** What the button does: `Delete`. */
  verb: string
  /** To be typed, for what cannot be undone. */
  name?: string | undefined
  /** Asks for a reason under this word; it is kept on record. */
  reason?: string | undefined
  open: boolean
  busy?: boolean
  /** What the server said when it refused. */
  problem?: string | undefined
  onConfirm: (reason: string) => void
  onClose: () => void
}

/** Says what will happen before it does. */
export function Confirm(props: ConfirmProps) {
  return (
    <Modal.Root opened={props.open} onClose={props.onClose} centered size={460} transitionProps={{ duration: 120 }}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Header role="presentation">
          <Modal.Title>{props.title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>
          <ConfirmBody {...props} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}

function ConfirmBody({ children, verb, name, reason, busy = false, problem, onConfirm, onClose }: ConfirmProps) {
  const [typed, setTyped] = useState('')
  const [why, setWhy] = useState('')
  const refused =
    name !== undefined && typed !== name
      ? `Type ${name} first.`
      : reason !== undefined && why.trim() === ''
        ? 'Give a reason first; it is kept on record.'
        : undefined
  const confirm = (): void => onConfirm(why.trim())
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!refused && !busy) confirm()
      }}
    >
      <div className={css['what']}>{children}</div>
      {name === undefined ? null : (
        <label className={css['label']}>
          <span>
            Type <code>{name}</code> to go on
          </span>
          <input
            className={css['name']}
            value={typed}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
      )}
      {reason === undefined ? null : (
        <label className={css['label']}>
          <span>{reason}</span>
          <textarea
            className={css['reason']}
            rows={2}
            maxLength={1000}
            value={why}
            data-autofocus={name === undefined ? true : undefined}
            onChange={(event) => setWhy(event.target.value)}
          />
        </label>
      )}
      {problem ? (
        <p className={css['problem']} role="alert">
          {problem}
        </p>
      ) : null}
      <div className={css['buttons']}>
        <Button onClick={onClose}>Cancel</Button>
        <Button weight={name === undefined ? 'primary' : 'undo'} refused={refused} busy={busy} onClick={confirm}>
          {verb}
        </Button>
      </div>
    </form>
  )
}
