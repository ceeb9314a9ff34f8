import { z } from 'zod'
import type { JobHandler } from '../../platform/jobs/runner.ts'
import { readManifest } from '../artifacts/module.ts'
import * as q from './queries/exports.ts'
import { settleVersions } from './versions.ts'
import { exportTree } from './worker.ts'

const Payload = z.object({ tree: z.string() })

/** Exports one tree to ONNX and ends the waiting of its versions, in one transaction with the job's end. */
export function exportJob(python: string): JobHandler {
  return {
    kind: 'registry.export',
    maxAttempts: 3,
    async run(ctx, job, finish) {
      const { tree } = Payload.parse(job.payload)
      const before = await q.findExport(ctx.db, tree)
      if (before?.state !== 'pending') return
      const result = await exportTree(ctx, python, await readManifest(ctx, tree))
      await finish(async (ctx) => {
        await q.finishExport(ctx.db, { tree, ...result, referenceDigest: null }, ctx.clock.now())
        ctx.emit({ type: 'registry.export_finished', tree, state: result.state })
        await settleVersions(ctx, tree, result)
      })
      ctx.log.info({ tree, state: result.state, reason: result.reason }, 'export ended')
    },
  }
}
