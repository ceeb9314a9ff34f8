import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type { PlaneStatus } from '../../../contract/plane.ts'
import type { getTraffic, ServedEndpoint, TrafficBucket, Variant } from '../../../contract/serving.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { quantileOfCounts } from './latency.ts'
import { getEndpointRow, type EndpointRow, type VariantRow } from './endpoints.ts'
import * as q from './queries/endpoints.ts'
import { findWatermark } from './queries/watermark.ts'
import * as labelRows from './queries/labels.ts'
import { latenciesBetween } from './queries/latency.ts'
import { findServable } from './servable.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

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
  const asked = totals.rows - (await q.shadowRows(ctx.db, row.name))
  const labels = await labelRows.labelTotals(ctx.db, row.name)
  return {
    name: row.name,
    spec: row.spec,
    state: variants.length === 0 ? 'empty' : statuses.length === 0 ? 'unreachable' : 'serving',
    generation: await q.currentGeneration(ctx.db),
    watermark: (await findWatermark(ctx.db, row.name)) ?? null,
    variants: variants.map((variant) => viewVariant(variant, statuses)),
    signature: servable?.signature ?? null,
    rollout: row.errorTest?.rollout ?? null,
    captured: { rows: asked, segments: totals.segments, pending_labels: labels.pending, labels: labels.labels },
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

/** What callers got, by variant over time; a shadow is heard by nobody and is left out. */
export async function viewTraffic(
  ctx: Ctx,
  { name, from = 0, to = Number.MAX_SAFE_INTEGER, bucket }: Parsed<typeof getTraffic>,
): Promise<Output<typeof getTraffic>> {
  await getEndpointRow(ctx.db, name)
  const unit = bucket === 'day' ? dayMs : hourMs
  const latencies = new Map<string, Map<number, number>>()
  for (const row of await latenciesBetween(ctx.db, name, from, to, unit)) {
    const key = `${row.start}:${row.variant}`
    const counts = latencies.get(key) ?? new Map<number, number>()
    latencies.set(key, counts.set(row.bucket, row.rows))
  }
  const buckets = new Map<string, TrafficBucket>()
  for (const row of await q.trafficBetween(ctx.db, name, from, to)) {
    if (row.kind !== 'live') continue
    const { variant, version } = row
    const start = Math.floor(row.hour / unit) * unit
    const key = `${start}:${variant}`
    const counts = latencies.get(key) ?? new Map<number, number>()
    const times = { p50: quantileOfCounts(counts, 0.5), p99: quantileOfCounts(counts, 0.99) }
    const known = buckets.get(key) ?? { start, variant, version, rows: 0, errors: 0, ...times }
    known.rows += row.rows
    known.errors += row.errors
    buckets.set(key, known)
  }
  return { items: [...buckets.values()] }
}
