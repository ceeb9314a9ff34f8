import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Snapshot, SnapshotVariant } from '../../../contract/plane.ts'
import { toMs } from '../../../contract/duration.ts'
import type { Ctx } from '../../platform/ctx.ts'
import * as q from './queries/endpoints.ts'
import { findServable } from './servable.ts'

/** What every data plane must serve now, from the rows alone, so that any control process builds the same. */
export async function buildSnapshot(ctx: Ctx, home: string): Promise<Snapshot> {
  const [generation, endpoints, variants] = [
    await q.currentGeneration(ctx.db),
    await q.listEndpoints(ctx.db),
    await q.listVariants(ctx.db),
  ]
  const built: Snapshot = { generation, endpoints: [] }
  for (const endpoint of endpoints) {
    const own = variants.filter((variant) => variant.endpoint === endpoint.name)
    const { spec } = endpoint
    built.endpoints.push({
      name: endpoint.name,
      project: ctx.project,
      clock: spec.clock,
      capture: spec.capture,
      allowed_lateness_ms: toMs(spec.allowed_lateness),
      pair_below: spec.pair_below,
      queue_rows: spec.queue_rows,
      deadline_ms: toMs(spec.deadline),
      salt: endpoint.salt,
      variants: (await Promise.all(own.map((variant) => snapshotVariant(ctx, home, variant)))).flatMap(
        (variant) => variant ?? [],
      ),
      error_test: endpoint.errorTest,
    })
  }
  return built
}

async function snapshotVariant(ctx: Ctx, home: string, row: q.VariantRow): Promise<SnapshotVariant | undefined> {
  const servable = await findServable(ctx, row.model, row.version)
  if (!servable) return undefined
  return {
    name: row.name,
    model: row.model,
    version: row.version,
    weight: row.weight,
    role: row.role,
    model_digest: servable.onnxDigest,
    model_url: placeOf(ctx, home, servable.onnxDigest),
    signature: servable.signature,
    reference_digest: servable.referenceDigest,
    reference_url: servable.referenceDigest === null ? null : placeOf(ctx, home, servable.referenceDigest),
  }
}

/** Seen from the home where the object lies in it, so that a plane serves its snapshot in a home that was moved too. */
function placeOf(ctx: Ctx, home: string, digest: string): string {
  const url = ctx.blobs.urlOf(digest)
  const base = pathToFileURL(join(home, '/')).href
  return url.startsWith(base) ? url.slice(base.length) : url
}

export function newSalt(seed: string): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, 16)
}
