import type { Output, Parsed } from '../../../contract/endpoint.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type * as api from '../../../contract/automation.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { audit } from '../audit/module.ts'
import { tellIncident } from '../monitoring/module.ts'
import { findWatermark } from '../serving/module.ts'
import { modeOf, refreshed } from './decide.ts'
import { execute } from './execute.ts'
import { decideGate } from './gate-looks.ts'
import * as q from './queries/actions.ts'
import { ruleSentence } from './rules.ts'

/** Declares a rule; its mode may later be changed by a person without touching the file. */
export async function saveRule(ctx: TxCtx, name: string, spec: api.RuleSpec): Promise<void> {
  const now = ctx.clock.now()
  await q.upsertRule(ctx.db, {
    name,
    project_id: ctx.project,
    endpoint: spec.endpoint,
    spec: JSON.stringify(spec),
    mode: spec.mode,
    created_at: now,
    updated_at: now,
  })
  await audit(ctx, 'automation.rule_saved', name, { spec })
}

export async function currentRule(db: Db, name: string): Promise<api.RuleSpec | undefined> {
  return (await q.findRule(db, name))?.spec
}

async function toRule(ctx: Ctx, row: q.RuleRow): Promise<api.Rule> {
  const decision = await q.newestDecision(ctx.db, row.name)
  const effective = await modeOf(ctx.db, row)
  return {
    name: row.name,
    spec: { ...row.spec, mode: row.mode },
    effective_mode: effective,
    sentence: ruleSentence(row.spec, effective),
    last_decision: decision ? { at: decision.event_time, sentence: decision.sentence } : null,
  }
}

export async function listRules(ctx: Ctx): Promise<Output<typeof api.listRules>> {
  const items = await Promise.all((await q.listRules(ctx.db)).map((row) => toRule(ctx, row)))
  return { items, enabled: await q.isEnabled(ctx.db) }
}

export async function setMode(ctx: Ctx, { name, mode }: Parsed<typeof api.setMode>): Promise<api.Rule> {
  return await ctx.tx(async (ctx) => {
    if (!(await q.findRule(ctx.db, name)))
      throw new MainstayError('automation.rule_not_found', `no rule is named ${name}`)
    await q.setRuleMode(ctx.db, name, mode, ctx.clock.now())
    await audit(ctx, 'automation.mode_set', name, { mode })
    const row = await q.findRule(ctx.db, name)
    if (!row) throw new MainstayError('automation.rule_not_found', `no rule is named ${name}`)
    return await toRule(ctx, row)
  })
}

export function setEnabled(
  ctx: Ctx,
  { enabled, reason }: Parsed<typeof api.setEnabled>,
): Promise<{ enabled: boolean }> {
  return ctx.tx(async (ctx) => {
    await q.setEnabled(ctx.db, enabled, reason, ctx.clock.now())
    await audit(ctx, enabled ? 'automation.switched_on' : 'automation.switched_off', 'automation', { reason })
    return { enabled }
  })
}

export async function listDecisions(
  ctx: Ctx,
  { endpoint, limit }: Parsed<typeof api.listDecisions>,
): Promise<Output<typeof api.listDecisions>> {
  return { items: await q.listDecisions(ctx.db, endpoint, limit) }
}

export async function listActions(
  ctx: Ctx,
  input: Parsed<typeof api.listActions>,
): Promise<Output<typeof api.listActions>> {
  return { items: (await q.listActions(ctx.db, input)).map(q.toAction) }
}

async function getProposed(ctx: TxCtx, id: string): Promise<q.ActionRow> {
  const action = await q.findAction(ctx.db, id)
  if (!action) throw new MainstayError('automation.action_not_found', `no action has the id ${id}`)
  if (action.state !== 'proposed')
    throw new MainstayError('automation.action_not_open', `the action is ${action.state}`)
  return action
}

async function shown(ctx: TxCtx, id: string): Promise<api.Action> {
  const action = await q.findAction(ctx.db, id)
  if (!action) throw new MainstayError('automation.action_not_found', `no action has the id ${id}`)
  return q.toAction(action)
}

/**
 * A person lets a proposed action run; it then goes through the same gate and rollout as any other. What was proposed because
 * the gate could not decide goes on from there: the rollout still judges it.
 */
export function approve(ctx: Ctx, { id }: Parsed<typeof api.approveAction>): Promise<api.Action> {
  return ctx.tx(async (ctx) => {
    const action = await getProposed(ctx, id)
    await audit(ctx, 'automation.approved', id, { kind: action.kind })
    if (action.run !== null) {
      const sentence = `Let through by ${ctx.actor.name}, undecided: ${action.sentence}`
      await decideGate(ctx, action.run, 'passed', sentence)
      await q.updateAction(ctx.db, id, { state: 'running', sentence })
      return await shown(ctx, id)
    }
    const rule = await q.findRule(ctx.db, action.rule)
    const now = await refreshed(ctx, action, rule)
    await execute(ctx, { ...now, sentence: `Approved by ${ctx.actor.name}. ${action.sentence}` }, rule)
    return await shown(ctx, id)
  })
}

export function reject(ctx: Ctx, { id, reason }: Parsed<typeof api.rejectAction>): Promise<api.Action> {
  return ctx.tx(async (ctx) => {
    const action = await getProposed(ctx, id)
    const at = (await findWatermark(ctx.db, action.endpoint)) ?? 0
    await q.updateAction(ctx.db, id, {
      state: 'rejected',
      outcome_sentence: reason,
      ended_at: ctx.clock.now(),
      ended_event_time: at,
    })
    await audit(ctx, 'automation.rejected', id, { reason })
    if (action.run !== null) await decideGate(ctx, action.run, 'refused', `Declined by ${ctx.actor.name}: ${reason}`)
    if (action.incident !== null) {
      await tellIncident(ctx, action.incident, {
        event_time: at,
        kind: 'note',
        state: 'unknown',
        title: `Declined by ${ctx.actor.name}`,
        text: reason,
        link: null,
        numbers: {},
        key: `rejected:${id}`,
      })
    }
    return await shown(ctx, id)
  })
}
