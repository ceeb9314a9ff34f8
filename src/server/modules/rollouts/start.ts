import { MainstayError } from '../../../contract/errors.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import { newId } from '../../platform/ids.ts'
import { audit } from '../audit/module.ts'
import { moveAlias } from '../registry/module.ts'
import { endpointLane, findWatermark, getEndpointRow, listVariants, setRouting } from '../serving/module.ts'
import * as q from './queries/rollouts.ts'

export interface StartInput {
  endpoint: string
  model: string
  version: number
  reason: string
  /** The incident that it answers, if any. */
  incident: string | null
  /** Trained in answer to drift: then other predictions are what is wanted. */
  answersDrift: boolean
  strategy: 'rollout' | 'direct'
}

export interface Started {
  rollout: string | null
  /** True when the version answers everybody at once. */
  live: boolean
}

/** Brings a version to an endpoint in the caller's transaction. The first version of an endpoint is live at once. */
export async function startRollout(ctx: TxCtx, input: StartInput): Promise<Started> {
  await getEndpointRow(ctx.db, input.endpoint)
  const active = await q.activeRollout(ctx.db, input.endpoint)
  if (active)
    throw new MainstayError(
      'rollouts.in_progress',
      `version ${active.candidate} is being rolled out on ${input.endpoint}`,
      { rollout: active.id },
    )
  const variants = await listVariants(ctx.db, input.endpoint)
  const live = variants.find((variant) => variant.role === 'live')
  if (live?.model === input.model && live.version === input.version) return { rollout: null, live: true }
  const isOther = live !== undefined && live.model !== input.model
  if (isOther && input.strategy === 'rollout') {
    throw new MainstayError(
      'request.invalid',
      `strategy: ${input.endpoint} serves ${live.model}; a version of ${input.model} cannot be compared with it, deploy it with strategy direct`,
    )
  }
  const id = newId('ro', ctx.clock.now())
  const isDirect = live === undefined || input.strategy === 'direct'
  await insert(ctx, id, input, live?.version ?? null, isDirect)
  await audit(ctx, 'rollouts.started', id, { ...input })
  if (isDirect) {
    await setRouting(ctx, input.endpoint, {
      variants: [{ model: input.model, version: input.version, weight: 1, role: 'live' }],
      errorTest: null,
      why: input.reason,
    })
    await moveAlias(ctx, input.model, 'champion', input.version)
    const at = (await findWatermark(ctx.db, input.endpoint)) ?? null
    ctx.emit({
      type: 'rollouts.promoted',
      rollout: id,
      endpoint: input.endpoint,
      model: input.model,
      version: input.version,
      previous: live?.version ?? null,
      at: at ?? 0,
      incident: input.incident,
    })
    return { rollout: null, live: true }
  }
  ctx.emit({
    type: 'rollouts.started',
    rollout: id,
    endpoint: input.endpoint,
    model: input.model,
    candidate: input.version,
    champion: live.version,
    incident: input.incident,
  })
  await ctx.enqueue({
    kind: 'rollouts.decide',
    key: input.endpoint,
    lane: endpointLane(input.endpoint),
    payload: { endpoint: input.endpoint },
  })
  return { rollout: id, live: false }
}

async function insert(
  ctx: TxCtx,
  id: string,
  input: StartInput,
  champion: number | null,
  isDirect: boolean,
): Promise<void> {
  const now = ctx.clock.now()
  const eventTime = (await findWatermark(ctx.db, input.endpoint)) ?? null
  const { spec } = await getEndpointRow(ctx.db, input.endpoint)
  const steps = [
    'Replay',
    ...(spec.rollout.shadow ? ['Shadow'] : []),
    ...spec.rollout.steps.map((step) => (step === 100 ? 'Live 100 %' : `Canary ${step} %`)),
  ]
  await q.insertRollout(ctx.db, {
    id,
    project_id: ctx.project,
    endpoint: input.endpoint,
    model: input.model,
    candidate: input.version,
    champion,
    stage: isDirect ? 'promoted' : 'replay',
    weight: isDirect ? 1 : 0,
    paused_by: null,
    answers_drift: input.answersDrift ? 1 : 0,
    reason: input.reason,
    incident: input.incident,
    sentence: isDirect
      ? `Version ${input.version} went live at once.`
      : `Version ${input.version} replays captured requests.`,
    progress: JSON.stringify({
      steps: steps.map((name, i) => ({ name, startedAt: i === 0 ? eventTime : null, endedAt: null, facts: [] })),
    } satisfies q.Progress),
    started_at: now,
    started_event_time: eventTime,
    step_event_time: eventTime,
    ended_at: isDirect ? now : null,
    ended_event_time: isDirect ? eventTime : null,
  })
}
