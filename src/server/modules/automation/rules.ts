import { given, number } from '../../../contract/format.ts'
import type { Decision, Mode } from '../../../contract/automation.ts'

/** What a rule sees when its signal arises. Times are event time, ms. */
export interface Situation {
  kind: 'retrain' | 'rollback' | 'notify'
  mode: Mode
  enabled: boolean
  now: number
  /** When the rule's last action on this endpoint ended; undefined if there was none. */
  lastEnded: number | undefined
  cooldown: number
  /** Which signal it is about: model errors are only ever answered by going back from a fresh change. */
  signal: 'performance.degraded' | 'inputs.broken' | 'errors.tripped'
  /** An action on this endpoint that has not ended. */
  inFlight: { id: string; kind: RuleDecision['kind']; state: string } | undefined
  /** The rollout in progress, and for how long a person has been waited for in vain: outside the limit, or out of time. */
  rollout: { overdueBy: number; isOutside: boolean } | undefined
  frozen: boolean
  /** When the live version last changed. */
  changedAt: number | undefined
  bakeTime: number
  hasPrevious: boolean
  /** Complete, mature, unquarantined units at hand, at most as many as the gate wants. */
  newUnits: number
  gateUnits: number
  attemptsWithoutRecovery: number
  /** False where the limit is only a guess from the backtest: then a person decides (loop.md 4). */
  limitDeclared: boolean
}

export interface RuleDecision {
  verdict: Decision['verdict']
  /** What would be or is done; a change of ours inside the bake time turns a retrain into a rollback. */
  kind: 'retrain' | 'rollback' | 'notify'
  sentence: string
  /** The rollout in progress is taken back first: it waited for a person, and none came. */
  withdraws?: boolean
}

/** After this many actions without recovery a rule only proposes. */
const patience = 2

/** A rollback ends what is only watched or only proposed: both speak of the version that goes. */
export const supersedes = (state: string): boolean => state === 'verifying' || state === 'proposed'

function inFlightText({ kind, state }: NonNullable<Situation['inFlight']>): string {
  const what = { retrain: 'retraining', rollback: 'rollback', notify: 'note' }[kind]
  if (state === 'proposed') return `A ${what} is proposed and waits for a person`
  if (state === 'verifying') return 'The last retraining is live and is being watched'
  return `A ${what} is in flight`
}

const dayMs = 86_400_000
function days(ms: number): string {
  const value = ms < dayMs ? Math.round((ms / dayMs) * 10) / 10 : Math.round(ms / dayMs)
  return value === 1 ? '1 day' : `${given(value)} days`
}

export function effectiveMode(mode: Mode, attemptsWithoutRecovery: number, limitDeclared: boolean): Mode {
  return mode === 'auto' && (attemptsWithoutRecovery >= patience || !limitDeclared) ? 'propose' : mode
}

/**
 * One decision, with its reason. The question that decides rollback or retrain: did we change something inside
 * the bake time? Yes: go back. Inputs broken: neither. Else the world changed: retrain (loop.md 9).
 */
export function decideRule(s: Situation): RuleDecision {
  const changedRecently = s.changedAt !== undefined && s.now - s.changedAt <= s.bakeTime && s.hasPrevious
  const kind = s.kind === 'retrain' && changedRecently ? 'rollback' : s.kind
  const hold = (sentence: string): RuleDecision => ({ verdict: 'hold', kind, sentence })
  if (kind === 'notify')
    return { verdict: 'act', kind, sentence: 'The incident is told to people; nothing else is done.' }
  if (!s.enabled) return hold('Automation is switched off.')
  const mode = effectiveMode(s.mode, s.attemptsWithoutRecovery, s.limitDeclared)
  const overdueBy = s.rollout?.overdueBy ?? 0
  const withdraws = kind === 'retrain' && mode === 'auto' && overdueBy >= s.cooldown && overdueBy > 0
  if (s.inFlight !== undefined && !withdraws && !(kind === 'rollback' && supersedes(s.inFlight.state))) {
    return hold(`${inFlightText(s.inFlight)}; one at a time.`)
  }
  if (s.rollout && !withdraws) return hold('A rollout is in progress; it is judged first.')
  if (kind === 'rollback' && !s.hasPrevious) return hold('There is no earlier healthy version to go back to.')
  if (kind === 'rollback' && s.signal === 'errors.tripped' && !changedRecently) {
    return hold(
      'Nothing of ours changed inside the bake time; going back would not help. A person looks at the errors.',
    )
  }
  if (s.frozen && kind === 'retrain') return hold('The inputs are quarantined: retraining is frozen.')
  // What changed after the last action is a new suspect: its rollback need not wait.
  const isNewSuspect = kind === 'rollback' && changedRecently && (s.changedAt ?? 0) >= (s.lastEnded ?? 0)
  if (s.lastEnded !== undefined && s.now - s.lastEnded < s.cooldown && !isNewSuspect) {
    return hold(`The last action ended ${days(s.now - s.lastEnded)} ago; the cooldown is ${days(s.cooldown)}.`)
  }
  if (kind === 'retrain' && s.newUnits < s.gateUnits) {
    return hold(`Only ${s.newUnits} of ${s.gateUnits} complete labelled units for the gate; it waits.`)
  }
  const reason =
    kind === 'rollback' && changedRecently
      ? `The live version changed ${days(s.now - (s.changedAt ?? s.now))} ago, inside the bake time: going back.`
      : kind === 'rollback'
        ? 'Going back to the version before.'
        : withdraws
          ? `${stuck(s.rollout?.isOutside === true, overdueBy)} and nobody decided: it is taken back, and the newest labels are learned.`
          : 'Inputs are sound, the cooldown is over, nothing of ours changed recently: the world changed.'
  if (mode === 'observe') return { verdict: 'observe', kind, sentence: `${reason} The rule only observes.` }
  if (mode === 'propose') {
    return { verdict: 'propose', kind, sentence: `${reason}${whyOnlyProposed(s)}` }
  }
  return { verdict: 'act', kind, sentence: reason, withdraws }
}

const stuck = (isOutside: boolean, by: number): string =>
  isOutside
    ? `The candidate of the rollout in progress has been outside the limit for ${days(by)}`
    : `The rollout in progress ran out of time ${days(by)} ago`

function whyOnlyProposed(s: Situation): string {
  if (s.mode !== 'auto') return ''
  return s.limitDeclared
    ? ` ${s.attemptsWithoutRecovery} actions did not bring recovery, so a person decides.`
    : ' No limit is declared, the one used is the forward backtest and a quarter, so a person decides.'
}

export interface FollowUp {
  /** Judged windows that began after the new version went live. */
  windows: readonly { value: number; isOutside: boolean }[]
  /** What the version before would have had on the same windows, from its shadow; undefined if it was not scored. */
  previous: number | undefined
  before: number
  isLoss: boolean
}

const followUpWindows = 2

/** Did it help? Told after two judged windows, with numbers (loop.md 11). */
export function judgeFollowUp(
  follow: FollowUp,
): { outcome: 'recovered' | 'better_but_outside' | 'did_not_help'; sentence: string; value: number } | undefined {
  if (follow.windows.length < followUpWindows) return undefined
  const windows = follow.windows.slice(0, followUpWindows)
  const value = windows.reduce((sum, window) => sum + window.value, 0) / windows.length
  const base = follow.previous ?? follow.before
  const against =
    follow.previous === undefined
      ? `it was ${number(follow.before)} before`
      : `the version before would have had ${number(follow.previous)}`
  const change = Math.round((Math.abs(base - value) / base) * 100)
  const better = follow.isLoss ? value < base : value > base
  const numbers = `${number(value)} in the first two windows; ${against} (${change} % ${better ? 'better' : 'worse'})`
  if (windows.every((window) => !window.isOutside))
    return { outcome: 'recovered', sentence: `Recovered: ${numbers}.`, value }
  if (better) return { outcome: 'better_but_outside', sentence: `Better, but outside the limit: ${numbers}.`, value }
  return { outcome: 'did_not_help', sentence: `It did not help: ${numbers}.`, value }
}

const kinds = {
  retrain: 'retrain and roll the new version out',
  rollback: 'roll back to the version before',
  notify: 'tell people',
} as const
const signals = {
  'performance.degraded': 'performance leaves its limit',
  'inputs.broken': 'inputs break',
  'errors.tripped': 'a version fails',
} as const
const modes = {
  observe: 'only note what it would do',
  propose: 'propose it to a person',
  auto: 'do it by itself',
} as const

/** A rule as people read it. */
export function ruleSentence(
  spec: { when: keyof typeof signals; endpoint: string; do: keyof typeof kinds },
  mode: Mode,
): string {
  return `When ${signals[spec.when]} on ${spec.endpoint}, ${kinds[spec.do]}: ${modes[mode]}.`
}
