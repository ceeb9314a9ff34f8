import type { ReactNode } from 'react'
import { stateColour, type State } from './state.ts'

const shapes: Record<State, ReactNode> = {
  ok: (
    <>
      <circle cx="6" cy="6" r="5.5" fill="currentColor" />
      <path
        d="M3.6 6.2 5.3 7.9 8.5 4.4"
        fill="none"
        stroke="var(--bg)"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  warn: (
    <>
      <path d="M6 .9 11.6 11H.4Z" fill="currentColor" stroke="currentColor" strokeWidth=".8" strokeLinejoin="round" />
      <path d="M6 4.4v3" stroke="var(--bg)" strokeWidth="1.4" strokeLinecap="round" />
      <circle cx="6" cy="9.4" r=".8" fill="var(--bg)" />
    </>
  ),
  crit: (
    <>
      <path d="M3.7.5h4.600L11.5 3.7v4.600L8.3 11.5H3.700L.5 8.3V3.700Z" fill="currentColor" />
      <path d="m4.3 4.3 3.4 3.4m0-3.4L4.3 7.7" stroke="var(--bg)" strokeWidth="1.4" strokeLinecap="round" />
    </>
  ),
  unknown: (
    <circle cx="6" cy="6" r="4.9" fill="none" stroke="currentColor" strokeWidth="1.3" strokeDasharray="2.1 1.750" />
  ),
  running: (
    <>
      <circle cx="6" cy="6" r="4.9" fill="none" stroke="currentColor" strokeOpacity=".28" strokeWidth="1.4" />
      <path
        d="M6 1.1A4.9 4.9 0 0 1 10.6 7.7"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
      />
    </>
  ),
  skipped: (
    <>
      <circle cx="6" cy="6" r="4.9" fill="none" stroke="currentColor" strokeWidth="1.2" />
      <path d="M4.8 4.2v3.600M7.2 4.2v3.6" stroke="currentColor" strokeWidth="1.2" strokeLinecap="round" />
    </>
  ),
}

const words: Record<State, string> = {
  ok: 'ok',
  warn: 'warning',
  crit: 'critical',
  unknown: 'unknown',
  running: 'running',
  skipped: 'skipped or cached',
}

/** The shape of a state. Give `word` when no word stands beside it. */
export function StateIcon({ state, word }: { state: State; word?: string }) {
  return (
    <svg
      width="12"
      height="12"
      viewBox="0 0 12 12"
      style={{ color: stateColour(state), flex: 'none', display: 'block' }}
      {...(word === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': word || words[state] })}
    >
      {shapes[state]}
    </svg>
  )
}
