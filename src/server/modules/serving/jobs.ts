import type { Ctx } from '../../platform/ctx.ts'
import type { Subscriber } from '../../platform/events/dispatcher.ts'
import type { JobHandler } from '../../platform/jobs/runner.ts'
import { compactLog, needsCompaction } from './compact.ts'
import { ingestSealed } from './ingest.ts'
import { joinLabels } from './join.ts'
import { labelLane } from './labels.ts'
import { chooseLogUnit } from './log-unit.ts'
import type { ServingParts } from './parts.ts'
import { recount } from './recount.ts'
import * as q from './queries/endpoints.ts'
import * as labelRows from './queries/labels.ts'

const endpointOf = (payload: unknown): string => (payload as { endpoint: string }).endpoint

export function servingJobs(parts: ServingParts): JobHandler[] {
  const { home, analytics } = parts
  const ingest = (ctx: Ctx) => ingestSealed(ctx, { home, analytics, sinks: parts.captureSinks })
  return [
    { kind: 'serving.ingest', run: ingest },
    { kind: 'serving.join', run: async (ctx, job) => await joinLabels(ctx, parts, endpointOf(job.payload)) },
    { kind: 'serving.recount', run: async (ctx, job) => await recount(ctx, parts, endpointOf(job.payload)) },
    {
      kind: 'serving.choose_unit',
      run: async (ctx, job) => await chooseLogUnit(ctx, analytics, endpointOf(job.payload)),
    },
    { kind: 'serving.compact', run: async (ctx, job) => await compactLog(ctx, parts, endpointOf(job.payload)) },
  ]
}

/** New rows: labels that came before them are looked at again, and the log is kept in few objects. */
export const followCapture: Subscriber = {
  name: 'serving.follow_capture',
  handlers: {
    'serving.captured': async (ctx, { endpoint }) => {
      const request = { key: endpoint, payload: { endpoint } }
      if (await labelRows.hasWaitingLabels(ctx.db, endpoint))
        await ctx.enqueue({ kind: 'serving.join', lane: labelLane(endpoint), ...request })
      if ((await q.logSpan(ctx.db, endpoint)) >= unitAfterMs && (await q.findLogUnit(ctx.db, endpoint)) === undefined) {
        await ctx.enqueue({ kind: 'serving.choose_unit', lane: labelLane(endpoint), ...request })
      }
      if (await needsCompaction(ctx.db, endpoint))
        await ctx.enqueue({ kind: 'serving.compact', lane: `compact:${endpoint}`, ...request })
    },
  },
}

const unitAfterMs = 14 * 86_400_000
