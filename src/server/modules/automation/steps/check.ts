import type { Analytics } from '../../../platform/analytics/analytics.ts'
import type { Ctx } from '../../../platform/ctx.ts'
import { findMonitor, isFrozen, liveVersion, loopTimes, quarantinedRanges } from '../../monitoring/module.ts'
import type { PlatformNode, PlatformStep, Prepared } from '../../pipelines/module.ts'
import { findExport, requestExport, type ModelExport } from '../../registry/module.ts'
import { findServable, readLog, scoreRows, type ScoredRow } from '../../serving/module.ts'
import { judgeGate, lossOf, weightOf, type GateRow, type GateVerdict } from './gate-rules.ts'
import { findModel, numberOf, textOf, timeOf, type ModelOutput } from './upstream.ts'

interface Parts {
  home: string
  analytics: Analytics
}

const soonMs = 300
/** A gate decides by units; more rows than this only take time. */
const mostRows = 20_000

/**
 * The gate. With a window of labelled traffic and a live version it compares both on it; before there is one, it
 * holds a metric of the training run (a forward backtest) against its declared bound.
 */
export function checkStep(parts: Parts): PlatformStep {
  return {
    kind: 'check',
    prepare: (ctx, node) => prepare(ctx, parts, node),
    commit: (_, __, ready) => {
      const { verdict, sentence, numbers } = ready as GateVerdict
      return Promise.resolve({ passed: verdict === 'passed', outputs: { verdict, sentence, ...numbers }, sentence })
    },
  }
}

async function prepare(ctx: Ctx, parts: Parts, node: PlatformNode): Promise<Prepared> {
  const { spec } = node
  const model = findModel(node, spec['model'])
  const endpoint = textOf(spec, 'endpoint')
  const from = timeOf(spec, 'from')
  const to = timeOf(spec, 'to')
  if (endpoint !== undefined && (await isFrozen(ctx.db, endpoint)))
    return { wait: 'the inputs are quarantined; gates wait', until: ctx.clock.now() + 5_000 }
  if (model?.digest === undefined || model.digest === null)
    return {
      ready: {
        verdict: 'refused',
        sentence: 'Refused: the step before logged no model.',
        numbers: {},
      } satisfies GateVerdict,
    }
  const exported = await exportOf(ctx, model.digest)
  if (exported.state === 'pending')
    return { wait: 'the model is being exported to ONNX', until: ctx.clock.now() + soonMs }
  if (exported.state !== 'ready') return { ready: refusal(exported) }
  const live = endpoint === undefined ? undefined : await liveVersion(ctx.db, endpoint)
  if (live && endpoint !== undefined && from !== undefined && to !== undefined)
    return { ready: await compare(ctx, parts, endpoint, { from, to }, exported, live) }
  return { ready: againstBound(node, model) }
}

function refusal(exported: ModelExport): GateVerdict {
  return {
    verdict: 'refused',
    sentence: `Refused: the model cannot be served (${exported.reason ?? exported.state}).`,
    numbers: { difference: exported.difference },
  }
}

async function exportOf(ctx: Ctx, tree: string): Promise<ModelExport> {
  return (await findExport(ctx.db, tree)) ?? (await ctx.tx((ctx) => requestExport(ctx, tree)))
}

/** No version is live yet: the training run's own forward backtest must be good enough. */
function againstBound(node: PlatformNode, model: ModelOutput): GateVerdict {
  const metric = textOf(node.spec, 'metric') ?? 'backtest_wape'
  const bound = numberOf(node.spec, 'max')
  const metrics = Object.values(node.upstream)
    .flatMap((outputs) => Object.values(outputs))
    .find(
      (value): value is Record<string, number> =>
        typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[metric] === 'number',
    )
  const value = metrics?.[metric]
  if (value === undefined)
    return {
      verdict: 'refused',
      sentence: `Refused: the training run logged no ${metric}.`,
      numbers: { model: model.id },
    }
  if (bound === undefined)
    return {
      verdict: 'passed',
      sentence: `Passed: ${metric} ${value.toFixed(3)}; no bound is declared.`,
      numbers: { [metric]: value },
    }
  const passed = value <= bound
  return {
    verdict: passed ? 'passed' : 'refused',
    sentence: `${passed ? 'Passed' : 'Refused'}: ${metric} ${value.toFixed(3)}, bound ${bound.toFixed(3)}.`,
    numbers: { [metric]: value, bound },
  }
}

async function compare(
  ctx: Ctx,
  parts: Parts,
  endpoint: string,
  range: { from: number; to: number },
  exported: ModelExport,
  live: { model: string; version: number },
): Promise<GateVerdict> {
  const champion = await findServable(ctx, live.model, live.version)
  if (!champion || exported.onnx === null || exported.signature === null)
    return { verdict: 'insufficient', sentence: 'The live version cannot be scored.', numbers: {} }
  const rows = await readLog(ctx, parts.analytics, {
    endpoint,
    ...range,
    labelled: true,
    sample: mostRows,
    without: await quarantinedRanges(ctx.db, endpoint),
  })
  const candidate = await scoreRows(ctx, parts.home, { onnxDigest: exported.onnx, signature: exported.signature }, rows)
  const before = await scoreRows(ctx, parts.home, champion, rows)
  const unit = (await loopTimes(ctx.db, endpoint))?.unit ?? 86_400_000
  const metric = (await findMonitor(ctx.db, endpoint))?.spec.performance?.metric ?? 'wape'
  const paired: GateRow[] = rows.map((row, i) => {
    const label = row['label'] as string | number | boolean
    const loss = (scored: ScoredRow | undefined) => lossOf(metric, scored?.outputs ?? {}, label)
    return {
      time: Number(row['event_time']),
      candidate: loss(candidate.rows[i]),
      champion: loss(before.rows[i]),
      weight: weightOf(metric, label),
    }
  })
  const failures = candidate.rows.filter(
    (row) => row.error !== null || Object.values(row.outputs).some((value) => value === null),
  ).length
  return judgeGate(paired, { metric, unit, failures, candidateP99Ms: candidate.p99Ms, championP99Ms: before.p99Ms })
}
