import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type { getSettled } from '../../../contract/serving.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { countPending } from '../../platform/jobs/queue.ts'
import { getEndpointRow } from './endpoints.ts'
import { labelLane } from './labels.ts'
import type { PlaneLink } from './plane-link.ts'
import * as q from './queries.ts'

/** What a higher module still has to do about an endpoint before a replay may go on; sentences for the person who waits. */
export type PendingSource = (ctx: Ctx, endpoint: string, through: number) => Promise<string[]>

export interface SettledParts {
  plane: PlaneLink
  eventsDelivered(): Promise<boolean>
  pending: readonly PendingSource[]
}

/**
 * Whether everything up to an event time is captured, ingested, judged and decided. Asking makes the planes seal
 * what they hold, since otherwise a quiet endpoint would wait for its next flush.
 */
export async function settled(ctx: Ctx, parts: SettledParts, { name, through }: Parsed<typeof getSettled>): Promise<Output<typeof getSettled>> {
  await getEndpointRow(ctx.db, name)
  if (parts.plane.statuses().length === 0) return { settled: false, pending: ['no data plane answers'], watermark: null }
  const captured = (await q.findWatermark(ctx.db, name)) ?? null
  if (captured === null || captured < through) {
    await parts.plane.flush()
    return { settled: false, pending: ['captured rows are not ingested yet'], watermark: captured }
  }
  const pending: string[] = []
  if (!(await parts.eventsDelivered())) pending.push('events are being delivered')
  const jobs = await countPending(ctx.db, labelLane(name), ctx.clock.now())
  if (jobs > 0) pending.push(`${jobs} evaluations or joins are due`)
  for (const source of parts.pending) pending.push(...(await source(ctx, name, through)))
  return { settled: pending.length === 0, pending, watermark: captured }
}
