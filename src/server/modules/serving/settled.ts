import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type { getSettled } from '../../../contract/serving.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { newestEventId } from '../../platform/events/outbox.ts'
import { countPending } from '../../platform/jobs/queue.ts'
import { getEndpointRow } from './endpoints.ts'
import { labelLane } from './labels.ts'
import type { PlaneLink } from './plane-link.ts'
import { findWatermark } from './queries/watermark.ts'
import { hasSealed } from './spool.ts'

/** What a higher module still has to do about an endpoint before a replay may go on; sentences for the person who waits. */
export type PendingSource = (ctx: Ctx, endpoint: string, through: number) => Promise<string[]>

export interface SettledParts {
  home: string
  plane: PlaneLink
  eventsDelivered(): Promise<boolean>
  pending: readonly PendingSource[]
}

/**
 * Whether everything up to an event time is captured, ingested, judged and decided. Asking makes the planes seal
 * what they hold, since otherwise a quiet endpoint would wait for its next flush.
 */
export async function settled(
  ctx: Ctx,
  parts: SettledParts,
  { name, through }: Parsed<typeof getSettled>,
): Promise<Output<typeof getSettled>> {
  await getEndpointRow(ctx.db, name)
  if (parts.plane.statuses().length === 0)
    return { settled: false, pending: ['no data plane answers'], watermark: null }
  const captured = (await findWatermark(ctx.db, name)) ?? null
  if (captured === null || captured < through) {
    await parts.plane.flush()
    return { settled: false, pending: ['captured rows are not ingested yet'], watermark: captured }
  }
  const pending: string[] = []
  // A job may end and leave a fact between two looks; only if no fact came meanwhile do both hold at once.
  const newest = await newestEventId(ctx.db)
  if (!(await parts.eventsDelivered())) pending.push('events are being delivered')
  const ingests = (await countPending(ctx.db, 'capture', ctx.clock.now())) + ((await hasSealed(parts.home)) ? 1 : 0)
  if (ingests > 0) pending.push('captured rows are being ingested')
  const jobs = await countPending(ctx.db, labelLane(name), ctx.clock.now())
  if (jobs > 0) pending.push(`${jobs} evaluations or joins are due`)
  for (const source of parts.pending) pending.push(...(await source(ctx, name, through)))
  if (pending.length === 0 && (await newestEventId(ctx.db)) !== newest) pending.push('events are being delivered')
  return { settled: pending.length === 0, pending, watermark: captured }
}
