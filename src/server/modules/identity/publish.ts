import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { allows, roles, type Role } from '../../../contract/permissions.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import type { JobHandler } from '../../platform/jobs/runner.ts'
import * as q from './queries.ts'

const mayPredict = (Object.keys(roles) as Role[]).filter((role) => allows(role, 'serving.predict'))

/** Asked for in the transaction that makes or revokes a token. */
export async function requestPublish(ctx: TxCtx, runAt?: number): Promise<void> {
  await ctx.enqueue({ kind: 'identity.publish', lane: 'identity.publish', ...(runAt === undefined ? {} : { runAt }) })
}

/** Data planes know no database: the digests of the tokens that may predict lie in a file of the home. */
export function publishJob(home: string): JobHandler {
  return {
    kind: 'identity.publish',
    run: async (ctx) => {
      const { digests, nextExpiry } = await q.validDigests(ctx.db, mayPredict, ctx.clock.now())
      const path = join(home, 'plane-tokens.json')
      const file = await open(`${path}.new`, 'w', 0o600)
      await file.writeFile(JSON.stringify(digests))
      await file.sync()
      await file.close()
      await rename(`${path}.new`, path)
      if (nextExpiry !== undefined) await ctx.tx((ctx) => requestPublish(ctx, nextExpiry))
    },
  }
}
