import type { TxCtx } from '../../platform/ctx.ts'
import type { Subscriber } from '../../platform/events/dispatcher.ts'
import type { JobHandler } from '../../platform/jobs/runner.ts'
import { endpointLane, type HourDraw, type HourOutcome, type HourPair } from '../serving/module.ts'
import { decideRollout } from './decide.ts'
import type { RolloutsParts } from './parts.ts'
import { replaceCompared } from './queries/compared.ts'
import { recordTrip } from './service.ts'

export function decideJob(parts: RolloutsParts): JobHandler {
  return {
    kind: 'rollouts.decide',
    run: async (ctx, job) => {
      const { endpoint } = job.payload as { endpoint: string }
      await decideRollout(ctx, parts, endpoint)
    },
  }
}

const look = async (ctx: TxCtx, { endpoint }: { endpoint: string }): Promise<void> =>
  await ctx.enqueue({ kind: 'rollouts.decide', key: endpoint, lane: endpointLane(endpoint), payload: { endpoint } })

/** Looked at after monitoring, since inputs are judged first; a trip of the plane ends the rollout. */
export const rolloutSubscriber: Subscriber = {
  name: 'rollouts.follow',
  handlers: {
    'monitoring.evaluated': look,
    'serving.variant_tripped': recordTrip,
  },
}

/** Takes the place of what the hours held, in the transaction that joins their labels. */
export async function storeCompared(
  ctx: TxCtx,
  endpoint: string,
  hours: readonly number[],
  _: readonly HourOutcome[],
  { pairs, draws }: { pairs: readonly HourPair[]; draws: readonly HourDraw[] },
): Promise<void> {
  await replaceCompared(ctx.db, endpoint, hours, {
    pairs: pairs.map((pair) => ({ endpoint, ...pair })),
    draws: draws.map((draw) => ({ endpoint, ...draw })),
  })
}
