import { createHash } from 'node:crypto'
import type { Analytics } from '../../../platform/analytics/analytics.ts'
import type { Ctx } from '../../../platform/ctx.ts'
import { quarantinedRanges } from '../../monitoring/module.ts'
import type { InputSource } from '../../pipelines/module.ts'
import { exportParquet, logIdentity, type LogExport } from '../../serving/module.ts'
import { textOf, timeOf } from './upstream.ts'

async function rangeOf(ctx: Ctx, spec: Readonly<Record<string, unknown>>): Promise<LogExport> {
  const endpoint = textOf(spec, 'endpoint') ?? ''
  return {
    endpoint,
    from: timeOf(spec, 'from'),
    to: timeOf(spec, 'to'),
    labelled: spec['labelled'] !== false,
    without: await quarantinedRanges(ctx.db, endpoint),
  }
}

/** The labelled prediction log as training data, as Parquet with the model's column names; quarantined rows stay out. */
export function predictionsInput(parts: { analytics: Analytics }): InputSource {
  return {
    kind: 'predictions',
    async key(ctx, spec) {
      const range = await rangeOf(ctx, spec)
      return createHash('sha256')
        .update(JSON.stringify([range, await logIdentity(ctx, range)]))
        .digest('hex')
    },
    async deliver(ctx, spec, file) {
      return { rows: await exportParquet(ctx, parts.analytics, await rangeOf(ctx, spec), file) }
    },
  }
}
