import './events.ts'
import type { FastifyInstance } from 'fastify'
import * as api from '../../../contract/rollouts.ts'
import { serve } from '../../http/serve.ts'
import type { ModuleParts } from '../../platform/module.ts'
import { decideJob, rolloutSubscriber } from './jobs.ts'
import { rolloutsMigrations } from './migrations/2026-11-21-rollouts.ts'
import { drawsMigrations } from './migrations/2026-11-21-rollouts-draws.ts'
import { pairSlicesMigrations } from './migrations/2026-11-22-rollouts-pair-slices.ts'
import type { RolloutsParts } from './parts.ts'
import { actByHand, deploy, rollbackEndpoint } from './service.ts'
import { listRollouts, showRollout } from './views.ts'

export { storeCompared } from './jobs.ts'
export { startRollout } from './start.ts'
export { goBack } from './service.ts'
export { rolloutInTime } from './rows.ts'
export { activeRollout, findRollout, liveSince } from './queries/rollouts.ts'
export type { QualityPolicy, RolloutsParts } from './parts.ts'

export function rolloutsModule(parts: RolloutsParts): ModuleParts {
  return {
    migrations: [...rolloutsMigrations, ...drawsMigrations, ...pairSlicesMigrations],
    routes: (app) => rolloutsRoutes(app, parts),
    jobs: [decideJob(parts)],
    subscribers: [rolloutSubscriber],
  }
}

function rolloutsRoutes(app: FastifyInstance, parts: RolloutsParts): void {
  serve(app, api.deploy, (ctx, input) => deploy(ctx, parts, input))
  serve(app, api.listRollouts, listRollouts)
  serve(app, api.getRollout, (ctx, { id }) => showRollout(ctx, parts, id))
  serve(app, api.promoteRollout, (ctx, input) => actByHand(ctx, parts, 'promote', input))
  serve(app, api.rollbackRollout, (ctx, input) => actByHand(ctx, parts, 'rollback', input))
  serve(app, api.pauseRollout, (ctx, input) => actByHand(ctx, parts, 'pause', input))
  serve(app, api.resumeRollout, (ctx, input) => actByHand(ctx, parts, 'resume', input))
  serve(app, api.rollbackEndpoint, (ctx, input) => rollbackEndpoint(ctx, parts, input))
}
