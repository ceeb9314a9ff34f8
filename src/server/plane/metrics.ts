import type { Endpoint, Variant } from './endpoint.ts'
import type { Plane } from './plane.ts'

const escape = (text: string): string => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))

interface Family {
  name: string
  help: string
  type: 'counter' | 'gauge'
  read: (variant: Variant) => number
}

const FAMILIES: Family[] = [
  {
    name: 'mainstay_predictions_total',
    help: 'Rows predicted for callers.',
    type: 'counter',
    read: (v) => v.counters.rows,
  },
  { name: 'mainstay_requests_total', help: 'Requests answered.', type: 'counter', read: (v) => v.counters.requests },
  {
    name: 'mainstay_prediction_errors_total',
    help: 'Rows with a model error, non-finite outputs included.',
    type: 'counter',
    read: (v) => v.counters.errors,
  },
  {
    name: 'mainstay_client_errors_total',
    help: 'Requests refused for what they sent.',
    type: 'counter',
    read: (v) => v.counters.clientErrors,
  },
  {
    name: 'mainstay_shadow_rows_total',
    help: 'Rows scored off the path.',
    type: 'counter',
    read: (v) => v.counters.shadowRows,
  },
  {
    name: 'mainstay_shadow_dropped_total',
    help: 'Rows the shadow queue had no room for.',
    type: 'counter',
    read: (v) => v.counters.shadowDropped,
  },
  { name: 'mainstay_variant_weight', help: 'Share of traffic.', type: 'gauge', read: (v) => v.weight },
  {
    name: 'mainstay_queued_rows',
    help: 'Rows waiting for the model.',
    type: 'gauge',
    read: (v) => v.lane?.queuedRows ?? 0,
  },
]

/** Prometheus text, written by hand: the counters are plain numbers of the hot path. */
export function writeMetrics(plane: Plane): string {
  const lines: string[] = []
  const all = [...plane.endpoints.values()].flatMap((endpoint) =>
    endpoint.variants.map((variant) => ({ endpoint, variant })),
  )
  for (const { name, help, type, read } of FAMILIES) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
    for (const { endpoint, variant } of all) lines.push(`${name}{${labels(endpoint, variant)}} ${read(variant)}`)
  }
  lines.push(
    '# HELP mainstay_prediction_duration_seconds Time from the request’s headers to its answer.',
    '# TYPE mainstay_prediction_duration_seconds histogram',
  )
  for (const { endpoint, variant } of all) writeDurations(lines, labels(endpoint, variant), variant)
  const { spool } = plane.capture
  lines.push(
    '# TYPE mainstay_not_captured_rows_total counter',
    `mainstay_not_captured_rows_total ${plane.capture.notCaptured}`,
  )
  lines.push('# TYPE mainstay_spool_bytes gauge', `mainstay_spool_bytes ${spool.usedBytes}`)
  lines.push('# TYPE mainstay_snapshot_generation gauge', `mainstay_snapshot_generation ${plane.generation}`)
  return `${lines.join('\n')}\n`
}

function labels(endpoint: Endpoint, variant: Variant): string {
  return `endpoint="${escape(endpoint.name)}",variant="${escape(variant.spec.name)}",version="${variant.spec.version}"`
}

/** One bucket per doubling from 64 µs to about 17 s. */
function writeDurations(lines: string[], label: string, variant: Variant): void {
  const { latency } = variant.counters
  const cumulative = latency.cumulative()
  for (let power = 6; power <= 24; power++) {
    lines.push(
      `mainstay_prediction_duration_seconds_bucket{${label},le="${2 ** power / 1e6}"} ${cumulative[power * 8] ?? 0}`,
    )
  }
  lines.push(
    `mainstay_prediction_duration_seconds_bucket{${label},le="+Inf"} ${latency.total}`,
    `mainstay_prediction_duration_seconds_sum{${label}} ${latency.sumUs / 1e6}`,
    `mainstay_prediction_duration_seconds_count{${label}} ${latency.total}`,
  )
}
