import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type { PlaneStatus } from '../../../contract/plane.ts'
import type { getTraffic, ServedEndpoint, Variant } from '../../../contract/serving.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { getEndpointRow, type EndpointRow, type VariantRow } from './endpoints.ts'
import * as q from './queries.ts'
import * as labelRows from './queries/labels.ts'
import { findServable } from './servable.ts'

const dayMs = 86_400_000

/** One endpoint as people see it: rows of ours beside what the planes say. */
export async function viewEndpoint(
  ctx: Ctx,
  row: EndpointRow,
  statuses: readonly PlaneStatus[],
  predictUrl: string,
): Promise<ServedEndpoint> {
  const variants = await q.listVariants(ctx.db, row.name)
  const live = variants.find((variant) => variant.role === 'live') ?? variants[0]
  const servable = live && (await findServable(ctx, live.model, live.version))
  const totals = await q.captureTotals(ctx.db, row.name)
  const labels = await labelRows.labelTotals(ctx.db, row.name)
  return {
    name: row.name,
    spec: row.spec,
    state: variants.length === 0 ? 'empty' : statuses.length === 0 ? 'unreachable' : 'serving',
    generation: await q.currentGeneration(ctx.db),
    watermark: (await q.findWatermark(ctx.db, row.name)) ?? null,
    variants: variants.map((variant) => viewVariant(variant, statuses)),
    signature: servable?.signature ?? null,
    rollout: row.errorTest?.rollout ?? null,
    captured: { rows: totals.rows, segments: totals.segments, pending_labels: labels.pending, labels: labels.labels },
    predict_url: `${predictUrl}/v2/models/${encodeURIComponent(row.name)}/infer`,
    created_at: row.createdAt,
  }
}

function viewVariant(row: VariantRow, statuses: readonly PlaneStatus[]): Variant {
  const seen = statuses.flatMap((status) =>
    status.endpoints
      .filter((endpoint) => endpoint.endpoint === row.endpoint)
      .flatMap((endpoint) => endpoint.variants.filter((variant) => variant.variant === row.name)),
  )
  const first = seen[0]
  const sum = (of: (variant: (typeof seen)[number]) => number): number | null =>
    first ? seen.reduce((total, variant) => total + of(variant), 0) : null
  return {
    name: row.name,
    model: row.model,
    version: row.version,
    weight: first ? first.weight : row.weight,
    role: row.role,
    loaded: first?.loaded ?? 'unknown',
    error: first?.error ?? null,
    requests: sum((variant) => variant.requests),
    errors: sum((variant) => variant.errors),
    p50: first?.p50 ?? null,
    p99: first?.p99 ?? null,
  }
}

export async function viewTraffic(
  ctx: Ctx,
  { name, from, to, bucket }: Parsed<typeof getTraffic>,
): Promise<Output<typeof getTraffic>> {
  await getEndpointRow(ctx.db, name)
  const rows = await q.trafficBetween(ctx.db, name, from ?? 0, to ?? Number.MAX_SAFE_INTEGER)
  const buckets = new Map<string, { start: number; variant: string; rows: number; errors: number }>()
  for (const row of rows.filter((row) => row.kind === 'live')) {
    const start = bucket === 'day' ? Math.floor(row.hour / dayMs) * dayMs : row.hour
    const key = `${start}:${row.variant}`
    const known = buckets.get(key) ?? { start, variant: row.variant, rows: 0, errors: 0 }
    known.rows += row.rows
    known.errors += row.errors
    buckets.set(key, known)
  }
  return { items: [...buckets.values()] }
}
