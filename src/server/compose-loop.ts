import { resolve } from 'node:path'
import type { Config } from './config/config.ts'
import {
  automationModule,
  checkStep,
  deployStep,
  pendingActions,
  predictionsInput,
  registerStep,
} from './modules/automation/module.ts'
import {
  captureProfiles,
  completeUnits,
  countsEntities,
  estimate,
  findMonitor,
  isFrozen,
  limitOf,
  liveVersion,
  loopTimes,
  lossBehind,
  monitoringModule,
  pendingWindows,
  quarantinedRanges,
  storeOutcomes,
  unitOutcomes,
} from './modules/monitoring/module.ts'
import { ownHooks, type PipelineHooks } from './modules/pipelines/module.ts'
import { rolloutsModule, storeCompared, type QualityPolicy } from './modules/rollouts/module.ts'
import { findWatermark, PlaneLink, servingModule } from './modules/serving/module.ts'
import { Analytics } from './platform/analytics/analytics.ts'
import type { Closing } from './platform/closing.ts'
import type { Ctx } from './platform/ctx.ts'
import type { ModuleParts } from './platform/module.ts'

export interface Loop {
  modules: ModuleParts[]
  plane: PlaneLink
  hooks: PipelineHooks
}

/** Serving, rollouts, monitoring and automation, connected: what lower rooms expose, higher ones fill. */
export function composeLoop(ctx: Ctx, config: Config, closing: Closing, eventsDelivered: () => Promise<boolean>): Loop {
  const home = resolve(config.home)
  const analytics = closing.use(new Analytics(ctx.log, resolve(home, 'tmp')))
  const plane = closing.use(new PlaneLink(ctx, home))
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host
  const serving = servingModule({
    home,
    predictUrl: `http://${host}:${config.predictPort}`,
    plane,
    analytics,
    eventsDelivered,
    captureSinks: [captureProfiles],
    outcomeSinks: [storeOutcomes, storeCompared],
    countsEntities,
    pending: [pendingWindows, pendingActions],
  })
  const rollouts = rolloutsModule({ home, plane, analytics, policyOf })
  return {
    modules: [serving, rollouts, monitoringModule(analytics), automationModule(config.automation)],
    plane,
    hooks: {
      ...ownHooks(),
      inputs: [predictionsInput({ analytics })],
      steps: [checkStep({ home, analytics }), registerStep, deployStep({ home, analytics })],
    },
  }
}

/** How good is good on an endpoint: monitoring's words for rollouts' verdicts. */
async function policyOf(ctx: Ctx, endpoint: string): Promise<QualityPolicy | undefined> {
  const watermark = await findWatermark(ctx.db, endpoint)
  if (watermark === undefined) return undefined
  const monitor = await findMonitor(ctx.db, endpoint)
  const times = await loopTimes(ctx.db, endpoint)
  const metric = monitor?.spec.performance?.metric ?? 'mae'
  const unit = times?.unit ?? 86_400_000
  const complete = (from: number, to: number): Promise<Map<number, number>> =>
    completeUnits(ctx.db, endpoint, { from, to, unit })
  return {
    metric: lossBehind(metric),
    valueOf:
      lossBehind(metric) === metric
        ? null
        : async (version, from, to) => {
            const wanted = { from, to, unit, served: new Map<number, number>(), metric, version }
            const live = await unitOutcomes(ctx.db, endpoint, wanted)
            const shadow = await unitOutcomes(ctx.db, endpoint, { ...wanted, kind: 'shadow' })
            const known = await complete(from, to)
            return estimate(
              metric,
              [...live, ...shadow].filter(({ start }) => known.has(start)),
            )?.value
          },
    limit: monitor ? await limitOf(ctx, monitor, await liveVersion(ctx.db, endpoint)) : null,
    completeUnits: complete,
    unit,
    byEntity: monitor?.unit === 'entity',
    labelDelay: times?.labelDelay ?? 0,
    window: times?.window ?? 7 * 86_400_000,
    watermark,
    frozen: await isFrozen(ctx.db, endpoint),
    quarantined: await quarantinedRanges(ctx.db, endpoint),
  }
}
