import { toMs } from '../../../contract/serving.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { newId } from '../../platform/ids.ts'
import { audit } from '../audit/module.ts'
import {
  addMarker,
  isFrozen,
  loopTimes,
  quarantinedRanges,
  tellIncident,
  type LoopTimes,
} from '../monitoring/module.ts'
import { startRun } from '../pipelines/module.ts'
import { activeRollout, goBack, liveSince } from '../rollouts/module.ts'
import { trafficBetween } from '../serving/module.ts'
import * as q from './queries.ts'
import { decideRule, effectiveMode, type RuleDecision, type Situation } from './rules.ts'

export interface Signal {
  endpoint: string
  incident: string
  at: number
  value: number
  limit: number
}

const gateUnits = 7

/** Attempts in a row, newest first, after which the incident did not recover. */
export function attemptsWithoutRecovery(actions: readonly q.ActionRow[]): number {
  const ended = actions.filter(
    (action) => action.kind === 'retrain' && ['done', 'refused', 'failed'].includes(action.state),
  )
  const recovered = ended.findIndex((action) => action.outcome === 'recovered')
  return recovered === -1 ? ended.length : recovered
}

/** Every rule that listens to the signal decides, once per signal; each decision is kept with its numbers. */
export async function considerSignal(ctx: TxCtx, when: q.RuleRow['spec']['when'], signal: Signal): Promise<void> {
  const rules = (await q.listRules(ctx.db)).filter(
    (rule) => rule.endpoint === signal.endpoint && rule.spec.when === when,
  )
  for (const rule of rules) await considerRule(ctx, rule, signal)
}

async function considerRule(ctx: TxCtx, rule: q.RuleRow, signal: Signal): Promise<void> {
  const times = await loopTimes(ctx.db, signal.endpoint)
  if (!times) return
  const gate = await gateWindow(ctx.db, signal.endpoint, times)
  const situation = await situationOf(ctx, rule, signal, times, gate)
  const decision = decideRule(situation)
  const action = decision.verdict === 'act' || decision.verdict === 'propose' ? newId('act', ctx.clock.now()) : null
  const isNew = await q.insertDecision(ctx.db, {
    id: newId('dec', ctx.clock.now()),
    at: ctx.clock.now(),
    event_time: signal.at,
    rule: rule.name,
    endpoint: signal.endpoint,
    verdict: decision.verdict,
    sentence: decision.sentence,
    numbers: JSON.stringify({ ...situation, value: signal.value, limit: signal.limit }),
    action,
    key: `${signal.incident}:${signal.at}`,
  })
  if (!isNew) return
  if (action === null) return await tellHold(ctx, rule, signal, decision)
  await createAction(ctx, rule, signal, decision, action, gate)
}

async function tellHold(ctx: TxCtx, rule: q.RuleRow, signal: Signal, decision: RuleDecision): Promise<void> {
  await tellIncident(ctx, signal.incident, {
    event_time: signal.at,
    kind: 'note',
    state: 'unknown',
    title: `Rule “${rule.name}” did nothing`,
    text: decision.sentence,
    link: '/automation',
    numbers: {},
    key: `hold:${rule.name}:${signal.at}`,
  })
}

async function situationOf(
  ctx: TxCtx,
  rule: q.RuleRow,
  signal: Signal,
  times: LoopTimes,
  gate: GateWindow,
): Promise<Situation> {
  const { endpoint } = signal
  const actions = await q.listActions(ctx.db, { endpoint, rule: rule.name })
  const last = actions.find((action) => action.ended_event_time !== null)
  const change = await liveSince(ctx.db, endpoint)
  return {
    kind: rule.spec.do,
    mode: rule.mode,
    enabled: await q.isEnabled(ctx.db),
    now: signal.at,
    lastEnded: last?.ended_event_time ?? undefined,
    cooldown: rule.spec.cooldown === undefined ? times.labelDelay + times.window : toMs(rule.spec.cooldown),
    inFlight: (await q.actionInFlight(ctx.db, endpoint))?.id,
    rolloutInProgress: (await activeRollout(ctx.db, endpoint)) !== undefined,
    frozen: await isFrozen(ctx.db, endpoint),
    changedAt: change?.at,
    bakeTime: toMs(rule.spec.bake_time),
    hasPrevious: change?.hasPrevious ?? false,
    newUnits: gate.units,
    gateUnits,
    attemptsWithoutRecovery: attemptsWithoutRecovery(actions),
  }
}

export interface GateWindow {
  from: number
  to: number
  units: number
}

/** The newest seven complete, mature units that no quarantine touches; training ends where it begins (loop.md 9). */
async function gateWindow(db: Db, endpoint: string, times: LoopTimes): Promise<GateWindow> {
  const holes = await quarantinedRanges(db, endpoint)
  const furthest = times.matureUntil - 10 * gateUnits * times.unit
  const served = new Set(
    (await trafficBetween(db, endpoint, furthest, times.matureUntil)).map(
      (row) => Math.floor(row.hour / times.unit) * times.unit,
    ),
  )
  let units = 0
  let from = times.matureUntil
  for (let start = times.matureUntil - times.unit; start >= furthest && units < gateUnits; start -= times.unit) {
    const isClean = !holes.some((hole) => start < hole.to && start + times.unit > hole.from)
    if (isClean && served.has(start)) units += 1
    from = start
  }
  return { from, to: times.matureUntil, units }
}

async function createAction(
  ctx: TxCtx,
  rule: q.RuleRow,
  signal: Signal,
  decision: RuleDecision,
  id: string,
  gate: GateWindow,
): Promise<void> {
  const iso = (ms: number): string => new Date(ms).toISOString()
  const params =
    decision.kind === 'retrain'
      ? {
          ...rule.spec.params,
          reason: 'retrain',
          train_to: iso(gate.from),
          gate_from: iso(gate.from),
          gate_to: iso(gate.to),
        }
      : {}
  const row: q.ActionRow = {
    id,
    project_id: ctx.project,
    rule: rule.name,
    endpoint: signal.endpoint,
    incident: signal.incident,
    kind: decision.kind,
    state: decision.verdict === 'propose' ? 'proposed' : 'waiting',
    sentence: decision.sentence,
    outcome: null,
    outcome_sentence: null,
    run: null,
    rollout: null,
    params,
    numbers: { value: signal.value, limit: signal.limit, gate },
    at: ctx.clock.now(),
    event_time: signal.at,
    promoted_at: null,
    ended_at: null,
    ended_event_time: null,
    key: `${rule.name}:${signal.endpoint}:${signal.at}`,
  }
  await q.insertAction(ctx.db, row)
  if (decision.verdict === 'act') return await execute(ctx, row, rule)
  await tellIncident(ctx, signal.incident, {
    event_time: signal.at,
    kind: 'proposed',
    state: 'warning',
    title: `Rule “${rule.name}” proposes to ${decision.kind === 'retrain' ? 'retrain' : 'roll back'}`,
    text: decision.sentence,
    link: '/automation',
    numbers: row.numbers,
    key: `action:${id}`,
  })
}

/** Does what was decided, in the caller's transaction: exactly once per action. */
export async function execute(ctx: TxCtx, action: q.ActionRow, rule: q.RuleRow | undefined): Promise<void> {
  await audit(ctx, `automation.${action.kind}`, action.id, {
    endpoint: action.endpoint,
    rule: action.rule,
    sentence: action.sentence,
  })
  if (action.kind === 'notify')
    return await q.updateAction(ctx.db, action.id, {
      state: 'done',
      ended_at: ctx.clock.now(),
      ended_event_time: action.event_time,
    })
  if (action.kind === 'rollback') return await executeRollback(ctx, action)
  const run = await startRun(ctx, {
    pipeline: rule?.spec.pipeline ?? action.endpoint,
    params: action.params,
    trigger: { kind: 'automation', ref: action.id },
    key: action.id,
  })
  await q.updateAction(ctx.db, action.id, { state: 'running', run: run.id })
  await addMarker(ctx.db, {
    endpoint: action.endpoint,
    at: action.event_time,
    kind: 'retrain',
    label: 'retrain',
    link: `/pipelines/runs/${run.id}`,
  })
  if (action.incident === null) return
  await tellIncident(ctx, action.incident, {
    event_time: action.event_time,
    kind: 'action',
    state: 'running',
    title: `Rule “${action.rule}” started a retraining`,
    text: `${action.sentence} Trains on labels up to ${String(action.params['train_to']).slice(0, 10)}; the gate is ${String(action.params['gate_from']).slice(0, 10)} to ${String(action.params['gate_to']).slice(0, 10)}.`,
    link: `/pipelines/runs/${run.id}`,
    numbers: action.numbers,
    key: `action:${action.id}`,
  })
}

async function executeRollback(ctx: TxCtx, action: q.ActionRow): Promise<void> {
  const moved = await goBack(ctx, action.endpoint, action.sentence)
  await q.updateAction(ctx.db, action.id, {
    state: 'done',
    ended_at: ctx.clock.now(),
    ended_event_time: action.event_time,
  })
  if (action.incident === null) return
  await tellIncident(ctx, action.incident, {
    event_time: action.event_time,
    kind: 'rolled_back',
    state: 'ok',
    title: `Rolled back v${moved.from} → v${moved.to}`,
    text: action.sentence,
    link: `/endpoints/${action.endpoint}`,
    numbers: moved,
    key: `action:${action.id}`,
  })
}

export const modeOf = (rule: q.RuleRow, actions: readonly q.ActionRow[]): q.RuleRow['mode'] =>
  effectiveMode(rule.mode, attemptsWithoutRecovery(actions))
