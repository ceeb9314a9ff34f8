import type { PlaneStatus } from '../../../contract/plane.ts'
import { toMs } from '../../../contract/serving.ts'
import { ksStatistic } from '../../../stats/kolmogorov-smirnov.ts'
import type { TailHistogram } from '../../../stats/quantile-sequence.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { getEndpointRow, predictionsOf, trafficBetween, variantName } from '../serving/module.ts'
import type { QualityPolicy, RolloutsParts } from './parts.ts'
import * as q from './queries.ts'
import type { Evidence, PairedUnit } from './rules.ts'

/** Complete, mature, unquarantined units that both versions scored since the rollout began. */
export async function pairedUnits(db: Db, rollout: q.RolloutRow, policy: QualityPolicy): Promise<PairedUnit[]> {
  if (rollout.champion === null || rollout.started_event_time === null) return []
  const mature = policy.watermark - policy.labelDelay
  const rows = await q.pairsBetween(
    db,
    rollout.endpoint,
    rollout.candidate,
    rollout.champion,
    rollout.started_event_time,
    mature,
  )
  const candidateIsA = rollout.candidate < rollout.champion
  const isWhole = (start: number): boolean =>
    start >= (rollout.started_event_time ?? 0) &&
    start + policy.unit <= mature &&
    !policy.quarantined.some((hole) => start < hole.to && start + policy.unit > hole.from)
  const units = new Map<number, PairedUnit>()
  for (const row of rows) {
    const start = Math.floor(row.hour / policy.unit) * policy.unit
    if (!isWhole(start)) continue
    const unit = units.get(start) ?? { start, n: 0, candidateLoss: 0, championLoss: 0, absActual: 0 }
    const [a, b] = lossesOf(row, policy.metric)
    unit.n += row.n
    unit.candidateLoss += candidateIsA ? a : b
    unit.championLoss += candidateIsA ? b : a
    unit.absActual += row.abs_actual ?? Number.NaN
    units.set(start, unit)
  }
  // A unit in which the metric does not exist for some row says nothing about it.
  const isKnown = (unit: PairedUnit): boolean =>
    Number.isFinite(unit.candidateLoss) && Number.isFinite(unit.championLoss)
  return [...units.values()].filter(isKnown).sort((a, b) => a.start - b.start)
}

type PairRow = Awaited<ReturnType<typeof q.pairsBetween>>[number]

/** Σ of the loss that the metric is made of: squares for RMSE, wrong answers for accuracy. */
function lossesOf(row: PairRow, metric: string): [number, number] {
  const known = (a: number | null, b: number | null): [number, number] => [a ?? Number.NaN, b ?? Number.NaN]
  if (metric === 'rmse') return known(row.squared_error_a, row.squared_error_b)
  if (metric === 'log_loss') return known(row.log_loss_a, row.log_loss_b)
  if (metric === 'accuracy') return known(row.wrong_a, row.wrong_b)
  return known(row.abs_error_a, row.abs_error_b)
}

/** Upper ends of the plane's latency counts, µs: 8 per doubling from 1 µs. */
function tailOf(cumulative: readonly number[]): TailHistogram {
  const counts = cumulative.map((count, i) => count - (cumulative[i - 1] ?? 0))
  const edges = [0, ...counts.map((_, i) => (i === counts.length - 1 ? Number.POSITIVE_INFINITY : 2 ** (i / 8)))]
  return { edges, counts }
}

function statusOf(statuses: readonly PlaneStatus[], endpoint: string): PlaneStatus['endpoints'][number] | undefined {
  return statuses.flatMap((status) => status.endpoints).find((known) => known.endpoint === endpoint)
}

/** Everything one look at a rollout needs; the verdict itself is pure (rules.ts). */
export async function gatherEvidence(
  ctx: Ctx,
  parts: RolloutsParts,
  rollout: q.RolloutRow,
  policy: QualityPolicy,
): Promise<Evidence> {
  const { spec } = await getEndpointRow(ctx.db, rollout.endpoint)
  const units = await pairedUnits(ctx.db, rollout, policy)
  const stepStart = rollout.step_event_time ?? 0
  const plane = statusOf(parts.plane.statuses(), rollout.endpoint)
  const candidate = plane?.variants.find((variant) => variant.variant === variantName(rollout.candidate))
  const champion =
    rollout.champion === null
      ? undefined
      : plane?.variants.find((variant) => variant.variant === variantName(rollout.champion ?? 0))
  const test = plane?.errorTest?.rollout === rollout.id ? plane.errorTest : null
  return {
    stage: rollout.stage === 'canary' ? 'canary' : 'shadow',
    weight: rollout.weight,
    units,
    isLastStep: !spec.rollout.steps.some((step) => step < 100 && step / 100 > rollout.weight),
    unitsInStep: units.filter((unit) => unit.start >= stepStart).length,
    metric: policy.metric,
    limit: policy.limit,
    margin: spec.rollout.margin,
    errors: test ? { ...test, hurtRows: 0 } : null,
    latency:
      candidate && champion
        ? { candidate: tailOf(candidate.latencyCounts), champion: tailOf(champion.latencyCounts) }
        : null,
    split: await splitOf(ctx, rollout),
    predictions: await compareSamples(ctx, parts, rollout),
    answersDrift: rollout.answersDrift,
    pausedBy: rollout.paused_by,
    age: policy.watermark - (rollout.started_event_time ?? policy.watermark),
    maxAge: toMs(spec.rollout.max_duration),
    frozen: policy.frozen,
  }
}

async function splitOf(ctx: Ctx, rollout: q.RolloutRow): Promise<Evidence['split']> {
  if (rollout.stage !== 'canary' || rollout.champion === null || rollout.step_event_time === null) return null
  const hourMs = 3_600_000
  const from = Math.ceil((rollout.step_event_time + 1) / hourMs) * hourMs
  const rows = (await trafficBetween(ctx.db, rollout.endpoint, from, Number.MAX_SAFE_INTEGER)).filter(
    (row) => row.kind === 'live',
  )
  const count = (version: number): number =>
    rows.filter((row) => row.version === version).reduce((sum, row) => sum + row.rows, 0)
  return { counts: [count(rollout.champion), count(rollout.candidate)], weight: rollout.weight }
}

const sampleRows = 2_000

/** The first pairs of the rollout, compared until there are enough of them; then that comparison stands. */
async function compareSamples(ctx: Ctx, parts: RolloutsParts, rollout: q.RolloutRow): Promise<Evidence['predictions']> {
  const { endpoint, candidate, champion, started_event_time: from, progress } = rollout
  if (champion === null || from === null) return null
  if (progress.predictions && progress.predictions.n >= sampleRows) return progress.predictions
  const pairs = await predictionsOf(ctx, parts.analytics, endpoint, candidate, champion, from, sampleRows)
  const distance =
    pairs.length < 24
      ? undefined
      : ksStatistic(
          pairs.map((pair) => pair.champion),
          pairs.map((pair) => pair.candidate),
        )
  return distance === undefined ? null : { distance, n: pairs.length }
}
