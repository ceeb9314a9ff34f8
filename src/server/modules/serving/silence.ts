import type { Ctx } from '../../platform/ctx.ts'
import { findWatermark, listQuietReplicas, markSilent } from './queries/watermark.ts'
import { hasSealed } from './spool.ts'

/** Longer than a supervised restart with its backoff, and much longer than rows lie unsealed. */
export const silentMs = 60_000

/**
 * Replicas that have shown nothing for a minute stop to hold the watermark: one that answers and holds no row, or one that has
 * not answered for as long. While anything of a spool is still to be ingested nobody is taken to be silent.
 */
export async function noteSilence(ctx: Ctx, home: string, isSilent: (replica: string) => boolean): Promise<void> {
  const quiet = (await listQuietReplicas(ctx.db, ctx.clock.now() - silentMs)).filter(({ replica }) => isSilent(replica))
  if (quiet.length === 0 || (await hasSealed(home))) return
  await ctx.tx(async (ctx) => {
    for (const { endpoint, replica } of quiet) {
      const before = await findWatermark(ctx.db, endpoint)
      await markSilent(ctx.db, endpoint, replica)
      const watermark = await findWatermark(ctx.db, endpoint)
      // Windows that waited for it can be judged now.
      if (watermark !== undefined && watermark !== before)
        ctx.emit({ type: 'serving.captured', endpoint, watermark, rows: 0 })
    }
  })
}
