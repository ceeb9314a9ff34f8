import type { ReactNode } from 'react'
import { StateIcon } from './StateIcon.tsx'
import type { State } from './state.ts'
import css from './Verdict.module.css'

/** A sentence with its state and a link to its numbers. */
export function Verdict({ state, children, numbers }: { state: State; children: ReactNode; numbers?: ReactNode }) {
  return (
    <p className={css['verdict']}>
      <span className={css['icon']}>
        <StateIcon state={state} word="" />
      </span>
      <span>
        {children} {numbers}
      </span>
    </p>
  )
}

interface ProposalProps {
  title: string
  children: ReactNode
  actions: ReactNode
}

/** Something that asks for a decision; the one bordered box inside a page. */
export function Proposal({ title, children, actions }: ProposalProps) {
  return (
    <section className={css['proposal']} aria-label={title}>
      <div className={css['proposalWords']}>
        <h2 className={css['proposalTitle']}>
          <StateIcon state="warn" word="waits for a decision" />
          {title}
        </h2>
        <div className={css['proposalText']}>{children}</div>
      </div>
      <div className={css['proposalActions']}>{actions}</div>
    </section>
  )
}
