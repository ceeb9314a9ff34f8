import type { TxCtx } from '../../platform/ctx.ts'
import type { Subscriber } from '../../platform/events/dispatcher.ts'
import {
  addMarker,
  estimate,
  getMonitorRow,
  isLoss,
  isOutside,
  loopTimes,
  tellIncident,
  unitOutcomes,
  windowsBetween,
  type Metric,
} from '../monitoring/module.ts'
import { findRollout } from '../rollouts/module.ts'
import { findWatermark } from '../serving/module.ts'
import { considerSignal } from './decide.ts'
import { endAction } from './execute.ts'
import { decideGate } from './gate-looks.ts'
import * as q from './queries/actions.ts'
import { judgeFollowUp } from './rules.ts'

/**
 * Signals become decisions; what an action set in motion is followed to its end. Where this process is `allowed` to
 * do nothing by itself, every decision is to hold.
 */
export const automationSubscriber = (allowed: boolean): Subscriber => ({
  name: 'automation.follow',
  handlers: {
    'monitoring.performance_degraded': (ctx, { endpoint, incident, at, value, limit }) =>
      considerSignal(ctx, 'performance.degraded', { endpoint, incident, at, value, limit }, allowed),
    'monitoring.inputs_broken': (ctx, { endpoint, incident, from }) =>
      considerSignal(ctx, 'inputs.broken', { endpoint, incident, at: from, value: 0, limit: 0 }, allowed),
    'monitoring.incident_closed': (ctx, { endpoint, incident }) => incidentClosed(ctx, endpoint, incident),
    'pipelines.run_finished': (ctx, { trigger, state, sentence }) =>
      trigger.kind === 'automation' ? runFinished(ctx, trigger.ref, state, sentence) : Promise.resolve(),
    'rollouts.started': (ctx, event) => rolloutStarted(ctx, event.rollout, event.incident),
    'rollouts.promoted': (ctx, event) => promoted(ctx, event.rollout, event.at),
    'monitoring.errors_high': (ctx, { endpoint, incident, at, share, usual }) =>
      considerSignal(ctx, 'errors.tripped', { endpoint, incident, at, value: share, limit: usual }, allowed),
    'rollouts.endpoint_rolled_back': (ctx, event) => takenBack(ctx, event.endpoint, event.at, event.why),
    'rollouts.rolled_back': (ctx, event) => rolledBack(ctx, event.rollout, event.at, event.why),
    'monitoring.performance_judged': (ctx, event) => followUp(ctx, event.endpoint, event.end),
  },
})

async function now(ctx: TxCtx, endpoint: string): Promise<number> {
  return (await findWatermark(ctx.db, endpoint)) ?? 0
}

/** Nobody decided while it mattered: the proposal goes, or it would hold up every later one of the endpoint. */
async function incidentClosed(ctx: TxCtx, endpoint: string, incident: string): Promise<void> {
  const action = await q.actionInFlight(ctx.db, endpoint)
  if (action?.state !== 'proposed' || action.incident !== incident) return
  const sentence = 'The incident closed before anybody decided.'
  await endAction(ctx, action, await now(ctx, endpoint), { state: 'undone', sentence })
  if (action.run !== null) await decideGate(ctx, action.run, 'refused', `Refused: ${sentence}`)
}

/** A run that ended without a rollout: the gate said no, or the run failed. */
async function runFinished(ctx: TxCtx, id: string, state: string, sentence: string | null): Promise<void> {
  const action = await q.findAction(ctx.db, id)
  // Proposed: its gate waited for a person, and the run was cancelled meanwhile.
  const isOpen = action?.state === 'running' || action?.state === 'proposed'
  if (!action || !isOpen || action.rollout !== null) return
  const at = await now(ctx, action.endpoint)
  const refused = state === 'succeeded'
  const text = sentence ?? (refused ? 'The gate refused the candidate.' : 'The training run failed.')
  await endAction(ctx, action, at, { state: refused ? 'refused' : 'failed', sentence: text })
  await addMarker(ctx.db, {
    endpoint: action.endpoint,
    at,
    kind: 'refused',
    label: refused ? 'refused' : 'failed',
    link: action.run === null ? null : `/pipelines/runs/${action.run}`,
  })
  if (action.incident === null) return
  await tellIncident(ctx, action.incident, {
    event_time: at,
    kind: 'gate',
    state: refused ? 'warning' : 'critical',
    title: refused ? 'The candidate did not pass its gate' : 'The training run failed',
    text,
    link: action.run === null ? null : `/pipelines/runs/${action.run}`,
    numbers: {},
    key: `run:${action.run ?? id}`,
  })
}

async function rolloutStarted(ctx: TxCtx, id: string, incident: string | null): Promise<void> {
  const action = await q.actionOfRollout(ctx.db, id)
  if (!action || incident === null) return
  await tellIncident(ctx, incident, {
    event_time: await now(ctx, action.endpoint),
    kind: 'rollout',
    state: 'running',
    title: 'Rollout started',
    text: 'Replay, shadow, then a growing share of traffic; every version scores every request, so each label serves both.',
    link: `/endpoints/${action.endpoint}`,
    numbers: { rollout: id },
    key: `rollout:${id}:started`,
  })
}

async function promoted(ctx: TxCtx, id: string, at: number): Promise<void> {
  const action = await q.actionOfRollout(ctx.db, id)
  if (action) await q.updateAction(ctx.db, action.id, { state: 'verifying', promoted_at: at })
}

async function rolledBack(ctx: TxCtx, id: string, at: number, why: string): Promise<void> {
  const action = await q.actionOfRollout(ctx.db, id)
  if (action?.ended_at === null)
    await endAction(ctx, action, at, {
      state: 'done',
      outcome: 'did_not_help',
      sentence: `The new version was rolled back: ${why}`,
    })
}

/** The version whose effect was being watched is gone. */
async function takenBack(ctx: TxCtx, endpoint: string, at: number, why: string): Promise<void> {
  const action = await q.actionInFlight(ctx.db, endpoint)
  if (action?.state !== 'verifying') return
  await endAction(ctx, action, at, {
    state: 'done',
    outcome: 'did_not_help',
    sentence: `The new version was taken back: ${why}`,
  })
}

/** After two judged windows of the new version: did it help, in numbers. */
async function followUp(ctx: TxCtx, endpoint: string, until: number): Promise<void> {
  const action = await q.actionInFlight(ctx.db, endpoint)
  if (action?.state !== 'verifying' || action.promoted_at === null) return
  const monitor = await getMonitorRow(ctx.db, endpoint)
  const metric: Metric = monitor.spec.performance?.metric ?? 'wape'
  const promotedAt = action.promoted_at
  const windows = (await windowsBetween(ctx.db, endpoint, 'performance', promotedAt, until + 1)).filter(
    (window) =>
      window.start >= promotedAt &&
      typeof window.numbers['value'] === 'number' &&
      window.state !== 'quarantined' &&
      window.state !== 'insufficient',
  )
  const limit = Number(action.numbers['limit'])
  const judged = windows.map((window) => ({
    value: Number(window.numbers['value']),
    isOutside: isOutside(metric, Number(window.numbers['value']), limit),
  }))
  const [first, second] = windows
  const previous =
    first && second ? await valueInShadow(ctx, action, metric, { from: first.start, to: second.stop }) : undefined
  const found = judgeFollowUp({
    windows: judged,
    previous,
    before: Number(action.numbers['value']),
    isLoss: isLoss(metric),
  })
  if (!found) return
  await endAction(ctx, action, until, { state: 'done', outcome: found.outcome, sentence: found.sentence })
  if (action.incident === null) return
  await tellIncident(ctx, action.incident, {
    event_time: until,
    kind: 'follow_up',
    state: found.outcome === 'recovered' ? 'ok' : 'warning',
    title: {
      recovered: 'It helped',
      better_but_outside: 'Better, but outside the limit',
      did_not_help: 'It did not help',
    }[found.outcome],
    text: found.sentence,
    link: null,
    numbers: { value: found.value, previous: previous ?? null, before: action.numbers['value'] },
    key: `follow_up:${action.id}`,
  })
}

const fewest = { units: 5, share: 0.9 }

/** What the version before would have had, if it scored nearly all that the new one answered in these windows. */
async function valueInShadow(
  ctx: TxCtx,
  { endpoint, rollout: id }: q.ActionRow,
  metric: Metric,
  span: { from: number; to: number },
): Promise<number | undefined> {
  const times = await loopTimes(ctx.db, endpoint)
  const champion = id === null ? undefined : (await findRollout(ctx.db, id))?.champion
  if (!times || champion === undefined || champion === null) return undefined
  const wanted = { ...span, unit: times.unit, served: new Map<number, number>(), metric }
  const live = await unitOutcomes(ctx.db, endpoint, wanted)
  const shadow = await unitOutcomes(ctx.db, endpoint, { ...wanted, kind: 'shadow', version: champion })
  const isEnough = shadow.length >= fewest.units && shadow.length >= fewest.share * live.length
  return isEnough ? estimate(metric, shadow)?.value : undefined
}

/** The rollout that an action's run started: the way back from its end to the action. */
export async function attachRollout(ctx: TxCtx, actionId: string, rollout: string): Promise<void> {
  await q.updateAction(ctx.db, actionId, { rollout })
}
