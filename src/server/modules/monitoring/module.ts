import './events.ts'
import type { FastifyInstance } from 'fastify'
import * as api from '../../../contract/monitoring.ts'
import { serve } from '../../http/serve.ts'
import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Gauge } from '../../platform/gauge.ts'
import type { ModuleParts } from '../../platform/module.ts'
import { closeByHand, listIncidents } from './incidents.ts'
import { followRollouts } from './follow-rollouts.ts'
import { evaluateJob, evaluateOnCapture } from './jobs.ts'
import { monitoringMigrations } from './migrations/2026-11-21-monitoring.ts'
import { entityMigrations } from './migrations/2026-11-22-monitoring-entities.ts'
import { evidenceMigrations } from './migrations/2026-11-21-monitoring-evidence.ts'
import { countOpenBySignal } from './queries/incidents.ts'
import { detail, incidentDetail, listSummaries } from './views.ts'

export {
  countsEntities,
  saveMonitor,
  getMonitorRow,
  isFrozen,
  loopTimes,
  pendingWindows,
  quarantinedRanges,
  type LoopTimes,
} from './service.ts'
export { tellIncident } from './incidents.ts'
export { captureProfiles, storeOutcomes } from './sinks.ts'

export { unnamed } from './entity-words.ts'
export { limitOf } from './evaluate.ts'
export { completeUnits, liveVersion, unitOutcomes } from './evidence.ts'
export { estimate, isLoss, isOutside, lossBehind, type Metric } from './performance-rules.ts'
export { addMarker, findMonitor, windowsBetween } from './queries/windows.ts'

const incidentGauge: Gauge = {
  name: 'incidents_open',
  help: 'Incidents that are not closed.',
  labels: ['endpoint', 'signal'],
  read: async (ctx) =>
    (await countOpenBySignal(ctx.db)).map(({ endpoint, signal, n }) => ({ labels: { endpoint, signal }, value: n })),
}

export function monitoringModule(analytics: Analytics): ModuleParts {
  return {
    migrations: [...monitoringMigrations, ...evidenceMigrations, ...entityMigrations],
    routes: monitoringRoutes,
    jobs: [evaluateJob(analytics)],
    subscribers: [evaluateOnCapture, followRollouts],
    gauges: [incidentGauge],
  }
}

function monitoringRoutes(app: FastifyInstance): void {
  serve(app, api.listMonitors, listSummaries)
  serve(app, api.getMonitor, detail)
  serve(app, api.listIncidents, listIncidents)
  serve(app, api.getIncident, incidentDetail)
  serve(app, api.closeIncident, closeByHand)
}
