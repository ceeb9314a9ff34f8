import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import type { Subscriber } from '../../platform/events/dispatcher.ts'
import type { JobHandler } from '../../platform/jobs/runner.ts'
import { endpointLane } from '../serving/module.ts'
import { evaluate } from './evaluate.ts'

export function evaluateJob(analytics: Analytics): JobHandler {
  return {
    kind: 'monitoring.evaluate',
    run: async (ctx, job) => {
      const { endpoint } = job.payload as { endpoint: string }
      await evaluate(ctx, analytics, endpoint)
    },
  }
}

const request = async (ctx: TxCtx, { endpoint }: { endpoint: string }): Promise<void> =>
  await ctx.enqueue({ kind: 'monitoring.evaluate', key: endpoint, lane: endpointLane(endpoint), payload: { endpoint } })

/** Event time moved, or labels found their rows: windows may have become due. */
export const evaluateOnCapture: Subscriber = {
  name: 'monitoring.evaluate_on_capture',
  handlers: { 'serving.captured': request, 'serving.outcomes_changed': request },
}
