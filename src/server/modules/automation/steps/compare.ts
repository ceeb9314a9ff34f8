import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Analytics } from '../../../platform/analytics/analytics.ts'
import type { Ctx } from '../../../platform/ctx.ts'
import { completeUnits, findMonitor, lossBehind, loopTimes, quarantinedRanges } from '../../monitoring/module.ts'
import type { ModelExport } from '../../registry/module.ts'
import {
  findServable,
  lossOf,
  readLog,
  scoreRows,
  weightOf,
  type LossMetric,
  type ScoredRow,
} from '../../serving/module.ts'
import type { GateRow, GateUnit } from './gate-losses.ts'
import { judgeGate, type GateVerdict } from './gate-rules.ts'
import { judgeExport, judgeLatency, judgeSegments, judgeSize } from './guardrails.ts'
import type { GateRange } from './looks.ts'

/** A gate decides by units; more rows than this only take time. */
const mostRows = 20_000

export interface Contest {
  endpoint: string
  candidate: ModelExport
  live: { model: string; version: number }
}

/** Both versions on the labelled rows of the gate window, and what must not be worse beside the loss. */
export async function compareOn(
  ctx: Ctx,
  parts: { home: string; analytics: Analytics },
  { endpoint, candidate, live }: Contest,
  range: GateRange,
  look: number,
): Promise<GateVerdict> {
  const champion = await findServable(ctx, live.model, live.version)
  const { onnx, signature } = candidate
  if (!champion || onnx === null || signature === null)
    return { verdict: 'insufficient', sentence: 'The live version cannot be scored.', numbers: {} }
  const monitor = await findMonitor(ctx.db, endpoint)
  const byEntity = monitor?.unit === 'entity'
  const span = (await loopTimes(ctx.db, endpoint))?.unit ?? 86_400_000
  const complete = await completeUnits(ctx.db, endpoint, { ...range, unit: span })
  const labelled = await readLog(ctx, parts.analytics, {
    endpoint,
    ...range,
    labelled: true,
    sample: mostRows,
    entities: byEntity,
    without: await quarantinedRanges(ctx.db, endpoint),
  })
  const rows = labelled.filter((row) => complete.has(Math.floor(Number(row['event_time']) / span) * span))
  const after = await scoreRows(ctx, parts.home, { onnxDigest: onnx, signature }, rows)
  const before = await scoreRows(ctx, parts.home, champion, rows)
  const unit = byEntity ? 'entity' : span
  const metric = lossBehind(monitor?.spec.performance?.metric ?? 'wape')
  const declared = Object.entries(monitor?.spec.columns ?? {})
  const texts = signature.inputs.filter(({ kind }) => kind === 'string').map(({ name }) => name)
  const codes = declared.filter(([, { kind }]) => kind === 'category').map(([name]) => name)
  const ignored = new Set(declared.filter(([, { ignore }]) => ignore === true).map(([name]) => name))
  const columns = [...new Set([...texts, ...codes])].filter((name) => !ignored.has(name))
  const contested = gateRows(rows, { metric, unit, columns }, after.rows, before.rows)
  const failures = after.rows.filter(
    (row) => row.error !== null || Object.values(row.outputs).some((value) => value === null),
  ).length
  return judgeGate(contested, {
    metric,
    unit,
    ...(byEntity ? { named: rows.filter((row) => row['mainstay-named'] === true).length } : {}),
    failures,
    look,
    guardrails: [
      judgeSegments(contested, metric, unit),
      judgeLatency(after.p99Ms, before.p99Ms),
      judgeSize(await sizeOf(ctx, onnx), await sizeOf(ctx, champion.onnxDigest)),
      judgeExport(candidate.difference),
    ],
  })
}

/** A column with more values than this is an id, not a segment. */
const mostValues = 50

function gateRows(
  rows: readonly Record<string, unknown>[],
  { metric, unit, columns }: { metric: LossMetric; unit: GateUnit; columns: readonly string[] },
  after: readonly ScoredRow[],
  before: readonly ScoredRow[],
): GateRow[] {
  const valuesOf = (name: string): number => new Set(rows.map((row) => row[name])).size
  const segments = columns.filter((name) => valuesOf(name) <= mostValues)
  return rows.map((row, i) => {
    const label = row['label'] as string | number | boolean
    const known = segments.filter((name) => row[name] !== null && row[name] !== undefined)
    return {
      unit: unit === 'entity' ? String(row['mainstay-entity']) : Math.floor(Number(row['event_time']) / unit) * unit,
      candidate: lossOf(metric, after[i]?.outputs ?? {}, label),
      champion: lossOf(metric, before[i]?.outputs ?? {}, label),
      weight: weightOf(metric, label),
      segments: Object.fromEntries(known.map((name) => [name, String(row[name])])),
    }
  })
}

const sizeOf = async (ctx: Ctx, digest: string): Promise<number> =>
  (await stat(fileURLToPath(ctx.blobs.urlOf(digest)))).size
