import type { z } from 'zod'
import type { Action, Decision } from '../../contract/automation.ts'
import type { Said } from './verdict-words.ts'

type ActionOf = z.infer<typeof Action>
export type ActionShown = ActionOf
export type DecisionShown = z.infer<typeof Decision>

const nouns: Record<ActionOf['kind'], string> = { retrain: 'Retraining', rollback: 'Rollback', notify: 'Notice' }

const states: Record<ActionOf['state'], Said> = {
  proposed: { state: 'warn', word: 'proposed' },
  waiting: { state: 'running', word: 'waits' },
  running: { state: 'running', word: 'running' },
  verifying: { state: 'running', word: 'being verified' },
  done: { state: 'ok', word: 'done' },
  refused: { state: 'unknown', word: 'refused' },
  rejected: { state: 'skipped', word: 'rejected' },
  failed: { state: 'crit', word: 'failed' },
  undone: { state: 'skipped', word: 'undone' },
}

export const saidOfAction = (action: ActionOf): Said =>
  action.state === 'done' && action.outcome === 'did_not_help' ? { state: 'warn', word: 'done' } : states[action.state]

/** `Retraining proposed`; while what it made is tried, the action runs on. */
export const actionTitle = (action: ActionOf, isRollingOut = false): string =>
  `${nouns[action.kind]} ${isRollingOut && action.state === 'running' ? 'in rollout' : states[action.state].word}`

export const actionNoun = (kind: ActionOf['kind']): string => nouns[kind]

const verdicts: Record<DecisionShown['verdict'], Said> = {
  act: { state: 'ok', word: 'Acted' },
  propose: { state: 'warn', word: 'Proposed' },
  observe: { state: 'unknown', word: 'Only observed' },
  hold: { state: 'skipped', word: 'Held' },
}

export const saidOfDecision = (decision: DecisionShown): Said => verdicts[decision.verdict]
