import { z } from 'zod'
import type { JobHandler } from '../../platform/jobs/runner.ts'
import { readManifest } from '../artifacts/module.ts'
import * as q from './queries/exports.ts'
import { settleVersions } from './versions.ts'
import { exportTree, notExportable } from './worker.ts'

const attempts = 5
const Payload = z.object({ tree: z.string() })

/** Exports one tree to ONNX and ends the waiting of its versions, in one transaction with the job's end. */
export function exportJob(python: string): JobHandler {
  return {
    kind: 'registry.export',
    maxAttempts: attempts,
    async run(ctx, job, finish) {
      const { tree } = Payload.parse(job.payload)
      const before = await q.findExport(ctx.db, tree)
      if (before?.state !== 'pending') return
      const result = await exportTree(ctx, python, await readManifest(ctx, tree)).catch((error: unknown) => {
        // After the last attempt nobody would end the versions' waiting.
        if (job.attempts < attempts) throw error
        return notExportable(
          `the export failed ${attempts} times: ${error instanceof Error ? error.message : 'unknown'}`,
        )
      })
      await finish(async (ctx) => {
        await q.finishExport(ctx.db, { tree, ...result, referenceDigest: null }, ctx.clock.now())
        ctx.emit({ type: 'registry.export_finished', tree, state: result.state })
        await settleVersions(ctx, tree, result)
      })
      ctx.log.info({ tree, state: result.state, reason: result.reason }, 'export ended')
    },
  }
}
