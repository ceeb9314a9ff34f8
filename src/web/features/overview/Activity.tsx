import { useSuspenseQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { listActions, listDecisions } from '../../../contract/automation.ts'
import { listIncidents, type Incident } from '../../../contract/monitoring.ts'
import { listRollouts, type Rollout } from '../../../contract/rollouts.ts'
import {
  actionTitle,
  saidOfAction,
  saidOfDecision,
  type ActionShown,
  type DecisionShown,
} from '../../lib/action-words.ts'
import { read } from '../../lib/api.ts'
import { asSentence, clock, day, exact, plain, relative } from '../../lib/format.ts'
import { IncidentLink } from '../../lib/IncidentLink.tsx'
import { signalWords } from '../../lib/verdict-words.ts'
import { Quiet } from '../../ui/Quiet.tsx'
import { Happenings, type Happening } from '../../ui/Timeline.tsx'

interface Did extends Happening {
  at: number
}

const dayMs = 86_400_000

/** Today the hour, else the day; event time where it is another time than that of the clock. */
function whenOf(at: number, eventTime: number): string {
  if (Math.abs(at - eventTime) > dayMs) return day(eventTime)
  if (Date.now() - at < dayMs / 2) return clock(at)
  return relative(at)
}

const about = (endpoint: string, what: string): ReactNode => (
  <>
    <Link to="/monitoring/$endpoint" params={{ endpoint }}>
      {endpoint}
    </Link>{' '}
    · {what}
  </>
)

function ofAction(action: ActionShown, incidents: readonly Incident[], rollouts: readonly Rollout[]): Did {
  const isRollingOut = rollouts.some((one) => one.ended_at === null && one.incident === action.incident)
  const { state, word } = saidOfAction(action)
  return {
    id: action.id,
    at: action.at,
    when: whenOf(action.at, action.event_time),
    state,
    word,
    title: about(action.endpoint, actionTitle(action, isRollingOut)),
    text: (
      <>
        {action.outcome_sentence ?? action.sentence}
        {action.incident ? (
          <>
            {' '}
            <IncidentLink id={action.incident} number={incidents.find(({ id }) => id === action.incident)?.number} />
          </>
        ) : null}
      </>
    ),
  }
}

function ofDecision(decision: DecisionShown): Did {
  const { state, word } = saidOfDecision(decision)
  return {
    id: decision.id,
    at: decision.at,
    when: whenOf(decision.at, decision.event_time),
    state,
    word,
    title: about(decision.endpoint, `${word}, by rule ${decision.rule}`),
    text: plain(decision.sentence),
  }
}

function ofIncident(incident: Incident): Did[] {
  const link = <IncidentLink id={incident.id} number={incident.number} />
  const opened: Did = {
    id: `${incident.id}-opened`,
    at: incident.opened_at,
    when: whenOf(incident.opened_at, incident.opened_event_time),
    state: incident.severity === 'critical' ? 'crit' : 'warn',
    word: incident.severity,
    title: about(incident.endpoint, `Incident opened: ${signalWords[incident.signal]}`),
    text: (
      <>
        {incident.cause} {link}
      </>
    ),
  }
  if (incident.closed_at === null) return [opened]
  const closed: Did = {
    id: `${incident.id}-closed`,
    at: incident.closed_at,
    when: whenOf(incident.closed_at, incident.closed_event_time ?? incident.closed_at),
    state: 'ok',
    word: 'closed',
    title: about(incident.endpoint, 'Incident closed'),
    text: (
      <>
        {incident.closed_reason} {link}
      </>
    ),
  }
  return [opened, closed]
}

/** A version that went live or was taken back, but not the first of an endpoint. */
function ofRollout(rollout: Rollout): Did[] {
  const { ended_at: at, candidate, champion, endpoint, stage } = rollout
  if (at === null || champion === null) return []
  const isLive = stage === 'promoted'
  return [
    {
      id: rollout.id,
      at,
      when: whenOf(at, rollout.ended_event_time ?? at),
      state: isLive ? 'ok' : 'crit',
      word: isLive ? 'promoted' : 'rolled back',
      title: about(endpoint, isLive ? `Version ${candidate} promoted` : `Version ${candidate} rolled back`),
      text: (
        <>
          {asSentence(rollout.sentence)}{' '}
          <Link to="/endpoints/$name" params={{ name: endpoint }} search={{ tab: 'history' } as never}>
            rollout
          </Link>
        </>
      ),
    },
  ]
}

const shown = 7

/** Incidents, actions, and decisions that led to no action but were more than to hold. */
export function Activity() {
  const [decisions, actions, incidents, rollouts] = useSuspenseQueries({
    queries: [
      read(listDecisions, { limit: 100 }),
      read(listActions, {}),
      read(listIncidents, {}),
      read(listRollouts, { limit: 20 }),
    ],
  })
  const done = [
    ...actions.data.items.map((action) => ofAction(action, incidents.data.items, rollouts.data.items)),
    ...decisions.data.items.filter(({ verdict, action }) => verdict !== 'hold' && action === null).map(ofDecision),
    ...incidents.data.items.flatMap(ofIncident),
    ...rollouts.data.items.flatMap(ofRollout),
  ]
    .toSorted((a, b) => b.at - a.at)
    .slice(0, shown)
  if (done.length === 0) return <Quiet>Nothing yet: no incident was opened and no rule had to decide.</Quiet>
  return <Happenings happenings={done.map((one) => ({ ...one, word: `${one.word}, ${exact(one.at)}` }))} />
}
