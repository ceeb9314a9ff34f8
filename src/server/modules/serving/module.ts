import './events.ts'
import type { ModuleParts } from '../../platform/module.ts'
import { servingMigrations } from './migrations/2026-11-21-serving.ts'
import { holdMigrations } from './migrations/2026-11-21-serving-holds.ts'
import { latencyMigrations } from './migrations/2026-11-21-serving-latency.ts'
import { servingGauges } from './gauges.ts'
import { silenceMigrations } from './migrations/2026-11-21-serving-silence.ts'
import { followCapture, servingJobs } from './jobs.ts'
import { servingRoutes } from './routes.ts'
import type { ServingParts } from './parts.ts'

export { PlaneLink } from './plane-link.ts'
export { ensureEndpoint, getEndpointRow, saveEndpoint, setRouting, variantName, type VariantPlan } from './endpoints.ts'
export {
  findEndpoint,
  findLogUnit,
  findReferenceUnit,
  listEndpoints,
  listVariants,
  servedByUnit,
  trafficBetween,
} from './queries/endpoints.ts'
export { findWatermark } from './queries/watermark.ts'
export { answerOf, lossOf, metricOfMean, weightOf, type LossMetric } from './row-loss.ts'
export { assignedSince, entitiesServed, type EntitiesServed } from './assigned.ts'
export { exportParquet, logIdentity, predictionsOf, readLog, type LogExport } from './export-log.ts'
export { labelLane as endpointLane } from './labels.ts'
export { ensureReference, type FrozenColumn } from './reference.ts'
export { findServable, getServable, type Servable } from './servable.ts'
export { scoreRows, type ScoredRow } from './scorer-client.ts'
export type { ServingParts } from './parts.ts'
export { requestRecount } from './recount.ts'

export { drawSlices, type HourDraw, type HourOutcome, type HourPair } from './outcomes.ts'

export function servingModule(parts: ServingParts): ModuleParts {
  return {
    migrations: [...servingMigrations, ...latencyMigrations, ...silenceMigrations, ...holdMigrations],
    routes: (app) => servingRoutes(app, parts),
    jobs: servingJobs(parts),
    subscribers: [followCapture],
    gauges: servingGauges(parts.home),
  }
}
