import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { newId } from '../../platform/ids.ts'
import { getEndpointRow, listVariants, setRouting, variantName, type VariantPlan } from '../serving/module.ts'
import { promote, rollBack } from './finish.ts'
import { gatherEvidence } from './gather.ts'
import type { QualityPolicy, RolloutsParts } from './parts.ts'
import * as q from './queries/rollouts.ts'
import { replayCaptured } from './replay.ts'
import { alphas } from './evidence.ts'
import { decide, judgeReplay, type Decision } from './rules.ts'
import { recordTrip } from './service.ts'

/**
 * Looks at an endpoint's rollout with all evidence up to the watermark and acts on the verdict. The verdict and
 * what it does are one transaction; running it again at the same watermark changes nothing.
 */
export async function decideRollout(ctx: Ctx, parts: RolloutsParts, endpoint: string): Promise<void> {
  for (;;) {
    const rollout = await q.activeRollout(ctx.db, endpoint)
    if (!rollout) return await retireShadows(ctx, parts, endpoint)
    const policy = await parts.policyOf(ctx, endpoint)
    if (rollout.stage === 'replay') {
      await finishReplay(ctx, parts, rollout, policy)
      await parts.plane.push()
      continue
    }
    // What the plane did by itself is told in its own words, not found again from its counts.
    const trip = parts.plane
      .statuses()
      .flatMap((status) => status.trips)
      .find((known) => known.rollout === rollout.id)
    if (trip) {
      await ctx.tx((ctx) => recordTrip(ctx, { trip }))
      await parts.plane.push()
      return
    }
    if (!policy) return
    const evidence = await gatherEvidence(ctx, parts, rollout, policy)
    const decision = decide(evidence)
    const moved = await ctx.tx(async (ctx) => {
      // A person or the plane may have acted while the evidence was read; then it speaks of what is no more.
      const now = await q.activeRollout(ctx.db, endpoint)
      if (now?.id !== rollout.id || now.weight !== rollout.weight || now.paused_by !== rollout.paused_by) return false
      const { predictions, split } = evidence
      const seen = { ...(predictions && { predictions }), ...(split && { split }) }
      return await act(ctx, { ...now, progress: { ...now.progress, ...seen } }, policy, decision)
    })
    if (moved) await parts.plane.push()
    return
  }
}

async function finishReplay(
  ctx: Ctx,
  parts: RolloutsParts,
  rollout: q.RolloutRow,
  policy: QualityPolicy | undefined,
): Promise<void> {
  const { result, state } = await replayCaptured(ctx, parts, rollout, policy)
  const { passed, sentence } = judgeReplay(result)
  await ctx.tx(async (ctx) => {
    const now = await q.activeRollout(ctx.db, rollout.endpoint)
    if (now?.id !== rollout.id || now.stage !== 'replay') return
    const at = policy?.watermark ?? rollout.started_event_time ?? ctx.clock.now()
    const progress: q.Progress = { ...rollout.progress, replay: result, errorState: state }
    const stepped = stepTo(progress, 1, at, [
      `${result.rows} captured requests`,
      `${result.errors + result.nonFinite} failed`,
    ])
    await q.insertVerdict(ctx.db, {
      id: newId('vd', ctx.clock.now()),
      rollout: rollout.id,
      at: ctx.clock.now(),
      event_time: at - 1,
      stage: 'replay',
      weight: 0,
      verdict: passed ? 'continue' : 'rollback',
      sentence,
      checks: JSON.stringify([{ name: 'Replay', state: passed ? 'ok' : 'critical', sentence, numbers: result }]),
    })
    if (!passed) return await rollBack(ctx, { ...rollout, progress: stepped }, at, sentence)
    const { spec } = await getEndpointRow(ctx.db, rollout.endpoint)
    const first = (spec.rollout.steps[0] ?? 100) / 100
    await route(ctx, rollout, spec.rollout.shadow ? 0 : first, state)
    await q.updateRollout(ctx.db, rollout.id, {
      stage: spec.rollout.shadow ? 'shadow' : 'canary',
      weight: spec.rollout.shadow ? 0 : first,
      sentence,
      started_event_time: rollout.started_event_time ?? at,
      step_event_time: at,
      progress: stepped,
    })
  })
}

/** The plane serves the champion and the candidate at the given share, and tests the candidate's errors itself. */
async function route(ctx: TxCtx, rollout: q.RolloutRow, weight: number, errorState: unknown): Promise<void> {
  const { endpoint, model, candidate, champion, id } = rollout
  const variants: VariantPlan[] = [{ model, version: candidate, weight, role: weight === 0 ? 'shadow' : 'canary' }]
  if (champion !== null) variants.unshift({ model, version: champion, weight: 1 - weight, role: 'live' })
  await setRouting(ctx, endpoint, {
    variants,
    errorTest: { rollout: id, candidate: variantName(candidate), alpha: alphas.errors, state: errorState },
    salt: id,
    why: weight === 0 ? `version ${candidate} in shadow` : `version ${candidate} gets ${Math.round(weight * 100)} %`,
  })
}

function stepTo(progress: q.Progress, index: number, at: number, facts: string[]): q.Progress {
  const steps = progress.steps.map((step, i) => {
    if (i === index - 1) return { ...step, endedAt: at, facts }
    return i === index ? { ...step, startedAt: at } : step
  })
  return { ...progress, steps }
}

/** True when the routing changed and planes must be told. */
async function act(ctx: TxCtx, rollout: q.RolloutRow, policy: QualityPolicy, decision: Decision): Promise<boolean> {
  const at = policy.watermark
  const { verdict, sentence } = decision
  const { stage, weight } = rollout
  const last = await q.newestVerdict(ctx.db, rollout.id)
  // Looked at with every captured segment: only what says something new is kept.
  const isNew =
    last?.verdict !== verdict || last.sentence !== sentence || last.stage !== stage || last.weight !== weight
  if (isNew) {
    const checks = JSON.stringify(decision.checks)
    const now = ctx.clock.now()
    await q.insertVerdict(ctx.db, {
      id: newId('vd', now),
      rollout: rollout.id,
      at: now,
      event_time: at,
      stage,
      weight,
      verdict,
      sentence,
      checks,
    })
  }
  if (isNew && decision.isOverdue) {
    const { id, endpoint, candidate: version, incident } = rollout
    ctx.emit({ type: 'rollouts.overdue', rollout: id, endpoint, version, at, why: sentence, incident })
  }
  if (decision.isOutside && !decision.isOverdue && rollout.progress.toldOutside !== true) {
    const { id, endpoint, candidate: version, incident } = rollout
    ctx.emit({ type: 'rollouts.outside_limit', rollout: id, endpoint, version, at, why: sentence, incident })
    rollout.progress.toldOutside = true
  }
  if (!decision.isOutside) delete rollout.progress.outsideSince
  else rollout.progress.outsideSince ??= at
  if (decision.verdict === 'rollback') {
    await rollBack(ctx, rollout, at, decision.sentence)
    return true
  }
  if (!decision.stepDone) {
    await q.updateRollout(ctx.db, rollout.id, { sentence, progress: rollout.progress })
    return false
  }
  return await nextStep(ctx, rollout, at, decision)
}

async function nextStep(ctx: TxCtx, rollout: q.RolloutRow, at: number, decision: Decision): Promise<boolean> {
  const { spec } = await getEndpointRow(ctx.db, rollout.endpoint)
  const next = spec.rollout.steps.map((step) => step / 100).find((weight) => weight > rollout.weight)
  if (next === undefined || next >= 1) {
    await promote(ctx, rollout, at, decision.sentence)
    return true
  }
  const index = rollout.progress.steps.findIndex((step) => step.startedAt !== null && step.endedAt === null)
  const progress = stepTo(
    rollout.progress,
    index + 1,
    at,
    decision.checks
      .filter((check) => check.state === 'ok')
      .map((check) => `${check.name}: ${check.sentence}`)
      .slice(0, 3),
  )
  await route(ctx, rollout, next, rollout.progress.errorState)
  await q.updateRollout(ctx.db, rollout.id, {
    stage: 'canary',
    weight: next,
    sentence: decision.sentence,
    step_event_time: at,
    progress,
  })
  ctx.emit({ type: 'rollouts.stepped', rollout: rollout.id, endpoint: rollout.endpoint, stage: 'canary', weight: next })
  return true
}

/** A follow-up needs two windows of the new version, and the first one begins up to a window after the promotion. */
const shadowWindows = 3

/** The version before goes on in shadow after a promotion until it is known what that changed, then it is done. */
async function retireShadows(ctx: Ctx, parts: RolloutsParts, endpoint: string): Promise<void> {
  const variants = await listVariants(ctx.db, endpoint)
  const policy = await parts.policyOf(ctx, endpoint)
  const [newest] = await q.listRollouts(ctx.db, endpoint, 1)
  if (!policy || !variants.some((variant) => variant.role === 'shadow')) return
  const { watermark, window, labelDelay } = policy
  if (watermark < (newest?.ended_event_time ?? 0) + shadowWindows * window + labelDelay) return
  await ctx.tx(async (ctx) => {
    await setRouting(ctx, endpoint, {
      variants: variants.filter((variant) => variant.role !== 'shadow'),
      errorTest: null,
      why: 'it is known what the promotion changed',
    })
  })
  await parts.plane.push()
}
