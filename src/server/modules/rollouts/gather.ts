import type { PlaneStatus } from '../../../contract/plane.ts'
import { toMs } from '../../../contract/duration.ts'
import { latencyBucketEnd } from '../../../stats/latency-buckets.ts'
import { ksStatistic } from '../../../stats/kolmogorov-smirnov.ts'
import type { TailHistogram } from '../../../stats/quantile-sequence.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { assignedSince, getEndpointRow, predictionsOf, trafficBetween, variantName } from '../serving/module.ts'
import type { Evidence } from './evidence.ts'
import type { QualityPolicy, RolloutsParts } from './parts.ts'
import type * as q from './queries/rollouts.ts'
import { drawsBetween, pairsBetween } from './queries/compared.ts'
import { chooseUnits, drawnUnits, pairedUnits, withDays, type ComparedUnit } from './units.ts'

const dayMs = 86_400_000

/** Complete, mature, unquarantined units since the rollout began in which both versions' losses are known. */
export async function comparedUnits(db: Db, rollout: q.RolloutRow, policy: QualityPolicy): Promise<ComparedUnit[]> {
  const { endpoint, candidate, champion, started_event_time: from } = rollout
  if (champion === null || from === null) return []
  const { unit, metric } = policy
  const mature = policy.watermark - policy.labelDelay
  const complete = await policy.completeUnits(from, mature)
  const unitOf = (hour: number): number | undefined => {
    const start = Math.floor(hour / unit) * unit
    const isWhole = start >= from && start + unit <= mature
    const isClean = !policy.quarantined.some((hole) => start < hole.to && start + unit > hole.from)
    return isWhole && isClean && complete.has(start) ? start : undefined
  }
  const about = { endpoint, versions: [candidate, champion], from, to: mature } as const
  const pairing = { metric, candidateIsA: candidate < champion, byEntity: policy.byEntity }
  const paired = pairedUnits(await pairsBetween(db, about), pairing, unitOf)
  const draws = await drawsBetween(db, about)
  const drawn = drawnUnits(draws, metric, { candidate, champion }, unitOf)
  if (unit >= dayMs) return chooseUnits(paired, drawn)
  const dayOf = (hour: number): number | undefined => {
    const start = Math.floor(hour / dayMs) * dayMs
    const isWhole = start >= from && start + dayMs <= mature
    return isWhole && unitOf(hour) !== undefined ? start : undefined
  }
  return chooseUnits(paired, withDays(drawn, drawnUnits(draws, metric, { candidate, champion }, dayOf), paired))
}

/** The plane's latency counts by their upper ends, µs. */
function tailOf(cumulative: readonly number[]): TailHistogram {
  const counts = cumulative.map((count, i) => count - (cumulative[i - 1] ?? 0))
  const edges = [0, ...counts.map((_, i) => (i === counts.length - 1 ? Number.POSITIVE_INFINITY : latencyBucketEnd(i)))]
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
  const units = await comparedUnits(ctx.db, rollout, policy)
  const stepStart = rollout.step_event_time ?? 0
  const maxAge = toMs(spec.rollout.max_duration)
  const startedAt = rollout.started_event_time ?? policy.watermark
  const mature = policy.watermark - policy.labelDelay
  const lastKnown = startedAt + maxAge - policy.labelDelay
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
    unit: policy.unit,
    byEntity: policy.byEntity,
    unitsAtEnd: units.filter((unit) => unit.start + policy.unit <= lastKnown).length,
    isLastStep: !spec.rollout.steps.some((step) => step < 100 && step / 100 > rollout.weight),
    unitsInStep: units.filter((unit) => unit.start >= stepStart).length,
    metric: policy.metric,
    limit: policy.limit,
    limited: policy.valueOf && { value: await policy.valueOf(rollout.candidate, startedAt, mature) },
    margin: spec.rollout.margin,
    errors: test ? { ...test, hurtRows: 0 } : null,
    latency:
      candidate && champion
        ? { candidate: tailOf(candidate.latencyCounts), champion: tailOf(champion.latencyCounts) }
        : null,
    split: (await splitOf(ctx, parts, rollout, policy.watermark)) ?? null,
    predictions: await compareSamples(ctx, parts, rollout),
    answersDrift: rollout.answersDrift,
    pausedBy: rollout.paused_by,
    age: policy.watermark - startedAt,
    maxAge,
    frozen: policy.frozen,
  }
}

const hourMs = 3_600_000
/** So many rows are enough to see a wrong split, and few enough to be counted within a second. */
const mostCounted = 1_000_000

/**
 * How many entities each version was given in the present step, from its first full hour: planes take some time to change
 * their weights. Asked of the log once for each hour of event time; of a busy endpoint the newest hours.
 */
async function splitOf(
  ctx: Ctx,
  parts: RolloutsParts,
  rollout: q.RolloutRow,
  watermark: number,
): Promise<q.Progress['split']> {
  const { endpoint, stage, candidate, champion, weight, step_event_time: stepStart } = rollout
  if (stage !== 'canary' || champion === null || stepStart === null) return undefined
  const known = rollout.progress.split
  if (known?.weight === weight && watermark < known.at + hourMs) return known
  const first = Math.ceil((stepStart + 1) / hourMs) * hourMs
  const hours = (await trafficBetween(ctx.db, endpoint, first, Number.MAX_SAFE_INTEGER)).toReversed()
  let rows = 0
  const from = hours.find((hour) => (rows += hour.rows) > mostCounted)?.hour ?? first
  const assigned = await assignedSince(ctx, parts.analytics, endpoint, from)
  const count = (version: number): number => assigned.find((side) => side.version === version)?.entities ?? 0
  return { counts: [count(champion), count(candidate)], weight, at: watermark }
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
