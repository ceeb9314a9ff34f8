import type { Ctx } from './ctx.ts'
import { countJobs } from './jobs/queue.ts'
import { lagOfConsumers } from './events/outbox.ts'

/** A number about the product that is read when somebody asks for it. */
export interface Gauge {
  /** In the words of Prometheus, without the prefix. */
  name: string
  help: string
  labels: readonly string[]
  read(ctx: Ctx): Promise<readonly { labels: Readonly<Record<string, string>>; value: number }[]>
}

export const platformGauges: readonly Gauge[] = [
  {
    name: 'jobs',
    help: 'Jobs of the queue by kind and state; dead ones have failed for the last time, done ones stay for a day.',
    labels: ['kind', 'state'],
    read: async (ctx) => (await countJobs(ctx.db)).map(({ kind, state, n }) => ({ labels: { kind, state }, value: n })),
  },
  {
    name: 'facts_waiting',
    help: 'Facts that a consumer has not seen yet.',
    labels: ['consumer'],
    read: async (ctx) =>
      (await lagOfConsumers(ctx.db)).map(({ consumer, lag }) => ({ labels: { consumer }, value: lag })),
  },
]
