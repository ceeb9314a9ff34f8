import type { TxCtx } from '../../platform/ctx.ts'
import type { Subscriber } from '../../platform/events/dispatcher.ts'
import type { EventMap } from '../../platform/events/outbox.ts'
import { findOpenIncident, tellIncident } from './incidents.ts'
import { stopRecovery, watchRecovery } from './follow-performance.ts'
import * as q from './queries/windows.ts'

/** Changes of the live version are marked on every timeline, and told in the incident that they answer. */
export const followRollouts: Subscriber = {
  name: 'monitoring.follow_rollouts',
  handlers: {
    'rollouts.promoted': async (ctx, { endpoint, version, previous, at, incident, rollout }) => {
      await q.addMarker(ctx.db, {
        endpoint,
        at,
        kind: previous === null ? 'deploy' : 'promote',
        label: `v${version}`,
        link: `/endpoints/${endpoint}`,
        changesLive: true,
      })
      if (incident === null) return
      await watchRecovery(ctx, endpoint)
      await tellIncident(ctx, incident, {
        event_time: at,
        kind: 'promoted',
        state: 'ok',
        title: previous === null ? `v${version} went live` : `Promoted v${previous} → v${version}`,
        text:
          previous === null
            ? 'The first version of this endpoint.'
            : `v${version} answers every request from now on; v${previous} goes on in shadow for three windows to measure what this changed.`,
        link: `/endpoints/${endpoint}`,
        numbers: { rollout, from: previous, to: version },
        key: `rollout:${rollout}:promoted`,
      })
    },
    'rollouts.overdue': (ctx, event) =>
      tellWaiting(ctx, event, 'overdue', `The rollout of v${event.version} waits for a person`),
    'rollouts.outside_limit': (ctx, event) =>
      tellWaiting(ctx, event, 'outside', `v${event.version} does not reach the limit`),
    'rollouts.rolled_back': async (ctx, { endpoint, version, to, at, why, incident, rollout }) => {
      await q.addMarker(ctx.db, {
        endpoint,
        at,
        kind: 'rollback',
        label: `v${version} back`,
        link: `/endpoints/${endpoint}`,
      })
      if (incident === null) return
      await tellIncident(ctx, incident, {
        event_time: at,
        kind: 'rolled_back',
        state: 'warning',
        title: to === null ? `v${version} was taken out` : `v${version} was rolled back to v${to}`,
        text: why,
        link: `/endpoints/${endpoint}`,
        numbers: { rollout, from: version, to },
        key: `rollout:${rollout}:rolled_back`,
      })
    },
    'rollouts.endpoint_rolled_back': async (ctx, { endpoint, from, to, at, why, incident }) => {
      await q.addMarker(ctx.db, {
        endpoint,
        at,
        kind: 'rollback',
        label: `v${from} → v${to}`,
        link: `/endpoints/${endpoint}`,
        changesLive: true,
      })
      await stopRecovery(ctx, endpoint)
      const told = incident ?? (await findOpenIncident(ctx.db, endpoint, 'performance'))?.id
      if (told === undefined) return
      await tellIncident(ctx, told, {
        event_time: at,
        kind: 'rolled_back',
        state: incident === null ? 'warning' : 'ok',
        title: `Rolled back v${from} → v${to}`,
        text: why,
        link: `/endpoints/${endpoint}`,
        numbers: { from, to },
        key: `back:${from}:${to}:${at}`,
      })
    },
  },
}

async function tellWaiting(
  ctx: TxCtx,
  { endpoint, at, why, incident, rollout }: EventMap['rollouts.overdue'],
  reason: string,
  title: string,
): Promise<void> {
  if (incident === null) return
  await tellIncident(ctx, incident, {
    event_time: at,
    kind: 'rollout',
    state: 'warning',
    title,
    text: why,
    link: `/endpoints/${endpoint}`,
    numbers: { rollout },
    key: `rollout:${rollout}:${reason}`,
  })
}
