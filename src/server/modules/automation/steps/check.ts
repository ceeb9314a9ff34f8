import type { Analytics } from '../../../platform/analytics/analytics.ts'
import type { Ctx } from '../../../platform/ctx.ts'
import { getRunMetrics } from '../../experiments/module.ts'
import { isFrozen, liveVersion, loopTimes } from '../../monitoring/module.ts'
import type { PlatformNode, PlatformStep, Prepared } from '../../pipelines/module.ts'
import { findExport, requestExport, type ModelExport } from '../../registry/module.ts'
import { recordLook } from '../gate-looks.ts'
import { listLooks } from '../queries/looks.ts'
import { compareOn, type Contest } from './compare.ts'
import { judgeBounds, type GateVerdict } from './gate-rules.ts'
import { nextLook, type GateRange } from './looks.ts'
import { findModel, numberOf, textOf, timeOf, type ModelOutput } from './upstream.ts'

interface Parts {
  home: string
  analytics: Analytics
}

const soonMs = 300
const laterMs = 1_000

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
  if (!live || endpoint === undefined || from === undefined || to === undefined)
    return { ready: await againstBound(ctx, node, model) }
  const contest = { endpoint, candidate: exported, live }
  // Who starts a run by hand waits for its answer; a retraining of a rule has time.
  if (node.trigger.kind !== 'automation') return { ready: await lookOnce(ctx, parts, contest, { from, to }, 0) }
  return await lookAgain(ctx, parts, node, contest, { from, to })
}

const lookOnce = async (
  ctx: Ctx,
  parts: Parts,
  contest: Contest,
  range: GateRange,
  look: number,
): Promise<GateVerdict> => {
  const { numbers, ...verdict } = await compareOn(ctx, parts, contest, range, look)
  const [from, to] = [new Date(range.from).toISOString(), new Date(range.to).toISOString()]
  return { ...verdict, numbers: { ...numbers, from, to } }
}

/** Each look is kept, so that what comes next follows from the rows, whoever asks and however often. */
async function lookAgain(
  ctx: Ctx,
  parts: Parts,
  node: PlatformNode,
  contest: Contest,
  range: GateRange,
): Promise<Prepared> {
  for (;;) {
    const looks = await listLooks(ctx.db, node.run, node.step)
    const matureUntil = (await loopTimes(ctx.db, contest.endpoint))?.matureUntil ?? 0
    const next = nextLook(looks, range, matureUntil)
    if (next.kind === 'decided') return { ready: next.look satisfies GateVerdict }
    if (next.kind !== 'look') return { wait: next.sentence, until: ctx.clock.now() + laterMs }
    const verdict = await lookOnce(ctx, parts, contest, next.range, next.look)
    await recordLook(
      ctx,
      { action: node.trigger.ref ?? '', run: node.run, step: node.step, look: next.look },
      next.range,
      verdict,
    )
  }
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
async function againstBound(ctx: Ctx, node: PlatformNode, model: ModelOutput): Promise<GateVerdict> {
  const metric = textOf(node.spec, 'metric') ?? 'backtest_wape'
  const values = Object.values(node.upstream)
    .flatMap((outputs) => Object.values(outputs))
    .flatMap((value) =>
      typeof value === 'object' && value !== null ? [(value as Record<string, unknown>)[metric]] : [],
    )
  const value = values.find((value) => typeof value === 'number') ?? (await loggedMetric(ctx, model, metric))
  return judgeBounds(metric, value, { min: numberOf(node.spec, 'min'), max: numberOf(node.spec, 'max') })
}

/** Nobody need declare them: the run that logged the model has its metrics. */
async function loggedMetric(ctx: Ctx, { run }: ModelOutput, metric: string): Promise<number | undefined> {
  const points = run === null ? [] : await getRunMetrics(ctx.db, run)
  return points.find(({ key, value }) => key === metric && Number.isFinite(value))?.value
}
