import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Subscriber } from '../../platform/events/dispatcher.ts'
import type { JobHandler } from '../../platform/jobs/runner.ts'
import { labelLane } from './labels.ts'
import { joinLabels, type OutcomeSink } from './outcomes.ts'
import * as q from './queries.ts'

/** Labels meet their predictions, whichever came first. */
export function joinJob(parts: { analytics: Analytics; outcomeSinks: readonly OutcomeSink[] }): JobHandler {
  return {
    kind: 'serving.join',
    run: async (ctx, job) => {
      const { endpoint } = job.payload as { endpoint: string }
      await joinLabels(ctx, parts.analytics, endpoint, parts.outcomeSinks)
    },
  }
}

/** Labels that came before their predictions were ingested are looked at again. */
export const joinOnCapture: Subscriber = {
  name: 'serving.join_on_capture',
  handlers: {
    'serving.captured': async (ctx, { endpoint }) => {
      const waiting = await q.waitingLabels(ctx.db, endpoint, 1)
      if (waiting.length > 0) await ctx.enqueue({ kind: 'serving.join', key: endpoint, lane: labelLane(endpoint), payload: { endpoint } })
    },
  },
}
