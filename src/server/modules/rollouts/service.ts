import type { Output, Parsed } from '../../../contract/endpoint.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type * as api from '../../../contract/rollouts.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import type { EventMap } from '../../platform/events/outbox.ts'
import { audit } from '../audit/module.ts'
import { getAliased, getVersion, moveAlias } from '../registry/module.ts'
import {
  ensureEndpoint,
  ensureReference,
  findServable,
  findWatermark,
  getServable,
  listVariants,
  setRouting,
} from '../serving/module.ts'
import { promote, rollBack } from './finish.ts'
import type { RolloutsParts } from './parts.ts'
import * as q from './queries/rollouts.ts'
import { getOpenRollout, getRolloutRow } from './rows.ts'
import { startRollout } from './start.ts'
import { toRollout } from './views.ts'

/** Deploys by hand: checks that the version can be served, then starts a rollout or makes it live. */
export async function deploy(
  ctx: Ctx,
  parts: RolloutsParts,
  input: Parsed<typeof api.deploy>,
): Promise<Output<typeof api.deploy>> {
  const version = await chosenVersion(ctx, input)
  await getServable(ctx, input.model, version)
  await ensureReference(ctx, parts, input.model, version)
  const { created, started } = await ctx.tx(async (ctx) => ({
    created: await ensureEndpoint(ctx, input.name),
    started: await startRollout(ctx, {
      endpoint: input.name,
      model: input.model,
      version,
      reason: input.reason,
      incident: null,
      answersDrift: false,
      strategy: input.strategy,
    }),
  }))
  const pushed = await parts.plane.push()
  return {
    endpoint: input.name,
    created,
    version,
    rollout: started.rollout,
    acknowledged: pushed.missing.length === 0 && pushed.acknowledged.length > 0,
    not_acknowledged: pushed.missing,
  }
}

async function chosenVersion(ctx: Ctx, input: Parsed<typeof api.deploy>): Promise<number> {
  if (input.version !== undefined) return (await getVersion(ctx, input.model, input.version)).version
  return (await getAliased(ctx, input.model, input.alias ?? 'latest')).version
}

type Act = { id: string; reason: string }

/** A person's verdict is a verdict: recorded, audited, and it acts on the next request. */
export async function actByHand(
  ctx: Ctx,
  parts: RolloutsParts,
  verb: 'promote' | 'rollback' | 'pause' | 'resume',
  { id, reason }: Act,
): Promise<api.Rollout> {
  await ctx.tx(async (ctx) => {
    const rollout = await getOpenRollout(ctx, id)
    const at = (await findWatermark(ctx.db, rollout.endpoint)) ?? ctx.clock.now()
    await audit(ctx, `rollouts.${verb}`, id, { reason })
    if (verb === 'promote') await promote(ctx, rollout, at, `Promoted by ${ctx.actor.name}: ${reason}`)
    else if (verb === 'rollback') await rollBack(ctx, rollout, at, `Rolled back by ${ctx.actor.name}: ${reason}`)
    else await q.updateRollout(ctx.db, id, { paused_by: verb === 'pause' ? ctx.actor.name : null })
  })
  await parts.plane.push()
  return await toRollout(ctx, await getRolloutRow(ctx, id))
}

/** Back to the version that was live before; in the same transaction as the alias. */
export async function rollbackEndpoint(
  ctx: Ctx,
  parts: RolloutsParts,
  { name, reason }: Parsed<typeof api.rollbackEndpoint>,
): Promise<Output<typeof api.rollbackEndpoint>> {
  const moved = await ctx.tx((ctx) => goBack(ctx, name, reason))
  const pushed = await parts.plane.push()
  return { ...moved, acknowledged: pushed.missing.length === 0 && pushed.acknowledged.length > 0 }
}

/** The newest version that was live, was not taken back, and can still be served. */
async function lastHealthy(ctx: TxCtx, endpoint: string, live: number): Promise<q.Promoted | undefined> {
  for (const known of await q.promotedVersions(ctx.db, endpoint)) {
    if (known.version !== live && (await canServe(ctx, known))) return known
  }
  return undefined
}

/** A version that was deleted since is no place to go back to. */
async function canServe(ctx: TxCtx, { model, version }: q.Promoted): Promise<boolean> {
  try {
    return (await findServable(ctx, model, version)) !== undefined
  } catch (error) {
    if (error instanceof MainstayError && error.status === 404) return false
    throw error
  }
}

export async function goBack(
  ctx: TxCtx,
  endpoint: string,
  reason: string,
  incident: string | null = null,
): Promise<{ endpoint: string; from: number; to: number }> {
  const active = await q.activeRollout(ctx.db, endpoint)
  const at = (await findWatermark(ctx.db, endpoint)) ?? ctx.clock.now()
  if (active && active.champion !== null) {
    await rollBack(ctx, active, at, reason)
    return { endpoint, from: active.candidate, to: active.champion }
  }
  const live = (await listVariants(ctx.db, endpoint)).find((variant) => variant.role === 'live')
  const earlier = live && (await lastHealthy(ctx, endpoint, live.version))
  if (!live || !earlier) throw new MainstayError('rollouts.no_previous', `${endpoint} has no earlier version`)
  await setRouting(ctx, endpoint, {
    variants: [{ model: earlier.model, version: earlier.version, weight: 1, role: 'live' }],
    errorTest: null,
    why: reason,
  })
  await q.undoPromotion(ctx.db, endpoint, live.version, { sentence: `Taken back: ${reason}`, at })
  await moveAlias(ctx, earlier.model, 'champion', earlier.version)
  await audit(ctx, 'rollouts.endpoint_rolled_back', endpoint, { from: live.version, to: earlier.version, reason })
  ctx.emit({
    type: 'rollouts.endpoint_rolled_back',
    endpoint,
    incident,
    model: earlier.model,
    from: live.version,
    to: earlier.version,
    at,
    why: reason,
  })
  return { endpoint, from: live.version, to: earlier.version }
}

/** The plane has acted already; here the rollout ends and the routing follows, once. */
export async function recordTrip(
  ctx: TxCtx,
  { trip }: Pick<EventMap['serving.variant_tripped'], 'trip'>,
): Promise<void> {
  const rollout = await q.findRollout(ctx.db, trip.rollout)
  if (!rollout || rollout.ended_at !== null) return
  const at = trip.eventTime ?? (await findWatermark(ctx.db, rollout.endpoint)) ?? ctx.clock.now()
  const hurt = trip.hurtRows === 1 ? '1 caller got an error' : `${trip.hurtRows} callers got an error`
  const why = `The data plane took version ${trip.version} out of traffic by itself after ${trip.candidateErrors} of ${trip.candidateRows} rows failed (${hurt}): ${trip.lastError.replace(/[.\s]+$/, '')}.`
  await rollBack(ctx, { ...rollout, progress: { ...rollout.progress, trip } }, at, why)
}
