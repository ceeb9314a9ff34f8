import { crashPoint, type CrashTx } from '../../platform/compute/crash-point.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'

/** One transition = one transaction, with a crash point on each side of its commit. */
export async function durable<T>(ctx: Ctx, name: CrashTx, run: (ctx: TxCtx) => Promise<T>): Promise<T> {
  const result = await ctx.tx(async (ctx) => {
    const result = await run(ctx)
    crashPoint(`${name}.before_commit`)
    return result
  })
  crashPoint(`${name}.after_commit`)
  return result
}
