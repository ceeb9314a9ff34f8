import { MainstayError } from '../../../contract/errors.ts'
import { dayText, spanText } from '../../../contract/format.ts'
import type { PipelineRun } from '../../../contract/pipelines.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import { audit } from '../audit/module.ts'
import { addMarker, tellIncident } from '../monitoring/module.ts'
import { startRun } from '../pipelines/module.ts'
import { goBack } from '../rollouts/module.ts'
import * as q from './queries/actions.ts'

/** Does what was decided, in the caller's transaction: exactly once per action. */
export async function execute(ctx: TxCtx, action: q.ActionRow, rule: q.RuleRow | undefined): Promise<void> {
  const { id, endpoint, sentence } = action
  await audit(ctx, `automation.${action.kind}`, id, { endpoint, rule: action.rule, sentence })
  if (action.kind === 'notify') return await executeNotify(ctx, action)
  if (action.kind === 'rollback') return await executeRollback(ctx, action)
  await executeRetrain(ctx, action, rule)
}

async function executeNotify(ctx: TxCtx, action: q.ActionRow): Promise<void> {
  await q.updateAction(ctx.db, action.id, {
    state: 'done',
    ended_at: ctx.clock.now(),
    ended_event_time: action.event_time,
  })
  if (action.incident === null) return
  await tellIncident(ctx, action.incident, {
    event_time: action.event_time,
    kind: 'note',
    state: 'warning',
    title: `Rule “${action.rule}” tells people`,
    text: action.sentence,
    link: '/automation',
    numbers: {},
    key: `action:${action.id}`,
  })
}

/** A pipeline that cannot be started is the action's failure, told in the incident; it must not hold up other facts. */
async function executeRetrain(ctx: TxCtx, action: q.ActionRow, rule: q.RuleRow | undefined): Promise<void> {
  const { id, endpoint, event_time: at, incident, params } = action
  const tell = async (state: 'running' | 'critical', title: string, text: string, link: string): Promise<void> => {
    if (incident === null) return
    await tellIncident(ctx, incident, {
      event_time: at,
      kind: 'action',
      state,
      title,
      text,
      link,
      numbers: action.numbers,
      key: `action:${id}`,
    })
  }
  const started = await startOrRefusal(ctx, rule?.spec.pipeline ?? endpoint, action)
  if (started instanceof MainstayError) {
    await endAction(ctx, action, at, { state: 'failed', sentence: started.message })
    return await tell(
      'critical',
      `Rule “${action.rule}” could not start a retraining`,
      `${started.message}. ${started.next}`,
      '/automation',
    )
  }
  await q.updateAction(ctx.db, id, { state: 'running', run: started.id, sentence: action.sentence })
  const link = `/pipelines/runs/${started.id}`
  await addMarker(ctx.db, { endpoint, at, kind: 'retrain', label: 'retrain', link })
  const when = (name: string): number => Date.parse(String(params[name]))
  const gate = spanText(when('gate_from'), when('gate_to'))
  const dates = `Trains on labels before ${dayText(when('train_to'))}; the gate is ${gate}.`
  await tell('running', `Rule “${action.rule}” started a retraining`, `${action.sentence} ${dates}`, link)
}

async function startOrRefusal(
  ctx: TxCtx,
  pipeline: string,
  { id, params }: q.ActionRow,
): Promise<PipelineRun | MainstayError> {
  try {
    return await startRun(ctx, { pipeline, params, trigger: { kind: 'automation', ref: id }, key: id })
  } catch (error) {
    if (error instanceof MainstayError) return error
    throw error
  }
}

async function executeRollback(ctx: TxCtx, action: q.ActionRow): Promise<void> {
  await goBack(ctx, action.endpoint, action.sentence, action.incident)
  await q.updateAction(ctx.db, action.id, {
    state: 'done',
    ended_at: ctx.clock.now(),
    ended_event_time: action.event_time,
  })
}

export async function endAction(
  ctx: TxCtx,
  action: q.ActionRow,
  at: number,
  how: { state: q.ActionRow['state']; outcome?: q.ActionRow['outcome']; sentence: string },
): Promise<void> {
  const { state, outcome, sentence } = how
  const ended = { ended_at: ctx.clock.now(), ended_event_time: at }
  await q.updateAction(ctx.db, action.id, { state, outcome: outcome ?? null, outcome_sentence: sentence, ...ended })
}
