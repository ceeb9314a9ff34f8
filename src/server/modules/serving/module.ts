import './events.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { ModuleParts } from '../../platform/module.ts'
import { ingestSealed } from './ingest.ts'
import { servingMigrations } from './migrations/2026-11-21-serving.ts'
import { joinJob, joinOnCapture } from './jobs.ts'
import { servingRoutes } from './routes.ts'
import type { ServingParts } from './parts.ts'

export { PlaneLink, type Acknowledgement } from './plane-link.ts'
export { getEndpointRow, saveEndpoint, setRouting, variantName, type RoutingPlan, type VariantPlan, type VariantRow } from './endpoints.ts'
export { findEndpoint, findWatermark, listEndpoints, listVariants, trafficBetween } from './queries.ts'
export { exportParquet, logIdentity, predictionsOf, readLog, type LogExport } from './export-log.ts'
export { labelLane as endpointLane } from './labels.ts'
export { ensureReference, findServable, getServable, temporaryFolder, type Servable } from './servable.ts'
export { scoreRows, type Scored, type ScoredRow } from './scorer-client.ts'
export type { ServingParts } from './parts.ts'
export type { CaptureSink } from './ingest.ts'
export type { PendingSource } from './settled.ts'
export type { HourOutcome, HourPair, OutcomeSink } from './outcomes.ts'

export function servingModule(parts: ServingParts): ModuleParts {
  const ingest = (ctx: Ctx) => ingestSealed(ctx, { home: parts.home, analytics: parts.analytics, sinks: parts.captureSinks })
  return {
    migrations: servingMigrations,
    routes: (app) => servingRoutes(app, parts),
    jobs: [{ kind: 'serving.ingest', run: ingest }, joinJob(parts)],
    subscribers: [joinOnCapture],
  }
}
