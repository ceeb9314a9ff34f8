import { RuleSpec } from '../../../contract/automation.ts'
import { toMs } from '../../../contract/duration.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { newId } from '../../platform/ids.ts'
import {
  completeUnits,
  findMonitor,
  isFrozen,
  loopTimes,
  quarantinedRanges,
  tellIncident,
  type LoopTimes,
} from '../monitoring/module.ts'
import { goBack, liveSince, rolloutInTime } from '../rollouts/module.ts'
import { endAction, execute } from './execute.ts'
import { decideGate } from './gate-looks.ts'
import * as q from './queries/actions.ts'
import { decideRule, effectiveMode, supersedes, type RuleDecision, type Situation } from './rules.ts'

export interface Signal {
  endpoint: string
  incident: string
  at: number
  value: number
  limit: number
}

const gateUnits = 7

/** Attempts in a row, newest first, after which the incident did not recover. */
function attemptsWithoutRecovery(actions: readonly q.ActionRow[]): number {
  const ended = actions.filter(
    (action) => action.kind === 'retrain' && ['done', 'refused', 'failed'].includes(action.state),
  )
  const recovered = ended.findIndex((action) => action.outcome === 'recovered')
  return recovered === -1 ? ended.length : recovered
}

/** Without a rule of one's own: a version that fails inside the bake time is taken back (loop.md 9). */
function goBackOnErrors(endpoint: string): q.RuleRow {
  const spec = RuleSpec.parse({ when: 'errors.tripped', endpoint, do: 'rollback', mode: 'auto' })
  return { name: 'built-in: go back on errors', endpoint, spec, mode: 'auto' }
}

/** Every rule that listens to the signal decides, once per signal; each decision is kept with its numbers. */
export async function considerSignal(
  ctx: TxCtx,
  when: q.RuleRow['spec']['when'],
  signal: Signal,
  allowed: boolean,
): Promise<void> {
  const declared = (await q.listRules(ctx.db)).filter(
    (rule) => rule.endpoint === signal.endpoint && rule.spec.when === when,
  )
  const rules = declared.length === 0 && when === 'errors.tripped' ? [goBackOnErrors(signal.endpoint)] : declared
  for (const rule of rules) await considerRule(ctx, rule, signal, allowed)
}

async function considerRule(ctx: TxCtx, rule: q.RuleRow, signal: Signal, allowed: boolean): Promise<void> {
  const times = await loopTimes(ctx.db, signal.endpoint)
  if (!times) return
  const gate = await gateWindow(ctx.db, signal.endpoint, times)
  const found = await situationOf(ctx, rule, signal, times, gate)
  const situation = { ...found, enabled: found.enabled && allowed }
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
    // The same reason is told once.
    key: `hold:${rule.name}:${decision.sentence}`,
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
  const inFlight = await q.actionInFlight(ctx.db, endpoint)
  return {
    kind: rule.spec.do,
    mode: rule.mode,
    enabled: await q.isEnabled(ctx.db),
    now: signal.at,
    lastEnded: last?.ended_event_time ?? undefined,
    cooldown: rule.spec.cooldown === undefined ? times.labelDelay + times.window : toMs(rule.spec.cooldown),
    signal: rule.spec.when,
    inFlight: inFlight && { id: inFlight.id, kind: inFlight.kind, state: inFlight.state },
    rollout: await rolloutInTime(ctx.db, endpoint, signal.at),
    frozen: await isFrozen(ctx.db, endpoint),
    changedAt: change?.at,
    bakeTime: toMs(rule.spec.bake_time),
    hasPrevious: change?.hasPrevious ?? false,
    newUnits: gate.units,
    gateUnits,
    attemptsWithoutRecovery: attemptsWithoutRecovery(actions),
    limitDeclared: await isLimitDeclared(ctx.db, rule),
  }
}

/** Only performance has a limit; what listens to another signal has nothing to declare. */
async function isLimitDeclared(db: Db, { endpoint, spec }: q.RuleRow): Promise<boolean> {
  if (spec.when !== 'performance.degraded') return true
  return (await findMonitor(db, endpoint))?.spec.performance?.limit !== undefined
}

export interface GateWindow {
  from: number
  to: number
  units: number
}

/** Single rows say little: a gate of units shorter than a day goes on until it holds so many labelled ones. */
const gateRows = 100
const dayMs = 86_400_000

/** The newest seven complete, mature units that no quarantine touches; training ends where it begins (loop.md 9). */
async function gateWindow(db: Db, endpoint: string, times: LoopTimes): Promise<GateWindow> {
  const { matureUntil: to, unit } = times
  const holes = await quarantinedRanges(db, endpoint)
  const furthest = to - 10 * gateUnits * Math.max(unit, dayMs)
  const complete = await completeUnits(db, endpoint, { from: furthest, to, unit })
  let [units, rows, from] = [0, 0, to]
  const isEnough = (): boolean => units >= gateUnits && (unit >= dayMs || rows >= gateRows)
  for (let start = to - unit; start >= furthest && !isEnough(); start -= unit) {
    const isClean = !holes.some((hole) => start < hole.to && start + unit > hole.from)
    const labelled = isClean ? (complete.get(start) ?? 0) : 0
    if (labelled > 0) [units, rows] = [units + 1, rows + labelled]
    from = start
  }
  return { from, to, units: Math.min(units, gateUnits) }
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** Training ends where the gate begins: what judges a model has not taught it. */
function paramsOf(rule: q.RuleRow | undefined, kind: string, gate: GateWindow): q.ActionRow['params'] {
  if (kind !== 'retrain') return {}
  const [from, to] = [iso(gate.from), iso(gate.to)]
  return { ...rule?.spec.params, reason: 'retrain', train_to: from, gate_from: from, gate_to: to }
}

async function createAction(
  ctx: TxCtx,
  rule: q.RuleRow,
  signal: Signal,
  decision: RuleDecision,
  id: string,
  gate: GateWindow,
): Promise<void> {
  if (decision.kind === 'rollback') await supersede(ctx, signal)
  if (decision.withdraws === true) await withdraw(ctx, signal, decision.sentence)
  const row: q.ActionRow = {
    id,
    project_id: ctx.project,
    rule: rule.name,
    endpoint: signal.endpoint,
    incident: signal.incident,
    kind: decision.kind,
    // A note occupies nothing: it is done when it is made.
    state: decision.verdict === 'propose' ? 'proposed' : decision.kind === 'notify' ? 'done' : 'waiting',
    sentence: decision.sentence,
    outcome: null,
    outcome_sentence: null,
    run: null,
    rollout: null,
    params: paramsOf(rule, decision.kind, gate),
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

/** The rollout that waited for a person is taken back, and the action that began it has not helped. */
async function withdraw(ctx: TxCtx, signal: Signal, sentence: string): Promise<void> {
  const action = await q.actionInFlight(ctx.db, signal.endpoint)
  if (action) await endAction(ctx, action, signal.at, { state: 'done', outcome: 'did_not_help', sentence })
  await goBack(ctx, signal.endpoint, sentence)
}

/** Ends what is in flight about the version that goes. */
async function supersede(ctx: TxCtx, signal: Signal): Promise<void> {
  const action = await q.actionInFlight(ctx.db, signal.endpoint)
  if (!action || !supersedes(action.state)) return
  if (action.run !== null)
    await decideGate(ctx, action.run, 'refused', 'Refused: the version it answers is taken back.')
  await endAction(ctx, action, signal.at, {
    state: action.state === 'verifying' ? 'done' : 'undone',
    outcome: action.state === 'verifying' ? 'did_not_help' : null,
    sentence: 'The version that it brought or meant to replace is taken back.',
  })
}

/** A proposal that waited speaks of old labels; what runs now is trained and judged on the newest. */
export async function refreshed(ctx: TxCtx, action: q.ActionRow, rule: q.RuleRow | undefined): Promise<q.ActionRow> {
  const times = await loopTimes(ctx.db, action.endpoint)
  if (!times || action.kind !== 'retrain') return action
  const gate = await gateWindow(ctx.db, action.endpoint, times)
  return {
    ...action,
    event_time: times.watermark,
    params: paramsOf(rule, action.kind, gate),
    numbers: { ...action.numbers, gate },
  }
}

/** In which mode the rule acts now, whatever is declared. */
export async function modeOf(db: Db, rule: q.RuleRow): Promise<q.RuleRow['mode']> {
  const actions = await q.listActions(db, { endpoint: rule.endpoint, rule: rule.name })
  return effectiveMode(rule.mode, attemptsWithoutRecovery(actions), await isLimitDeclared(db, rule))
}
