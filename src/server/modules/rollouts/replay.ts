import {
  isRateHarmful,
  rateRatioLogE,
  startRateRatio,
  updateRateRatio,
  type RateRatioState,
} from '../../../stats/eprocess.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { findServable, getEndpointRow, readLog, scoreRows, type ScoredRow, type Servable } from '../serving/module.ts'
import { alphas } from './evidence.ts'
import type { QualityPolicy, RolloutsParts } from './parts.ts'
import type { RolloutRow } from './queries/rollouts.ts'
import { countOutOfRange, pairedLosses } from './replay-losses.ts'
import type { ReplayResult } from './rules.ts'

const dayMs = 86_400_000

/** Sends the newest captured requests through the candidate, off the path; nobody is exposed (loop.md 12). */
export async function replayCaptured(
  ctx: Ctx,
  parts: RolloutsParts,
  rollout: RolloutRow,
  policy: QualityPolicy | undefined,
): Promise<{ result: ReplayResult; state: RateRatioState }> {
  const { spec } = await getEndpointRow(ctx.db, rollout.endpoint)
  const state = startRateRatio()
  const empty: ReplayResult = {
    rows: 0,
    errors: 0,
    nonFinite: 0,
    constant: false,
    outOfRange: null,
    logE: 0,
    firstError: null,
    losses: null,
  }
  const model = await findServable(ctx, rollout.model, rollout.candidate)
  if (!model || spec.rollout.replay === 0) return { result: empty, state }
  const rows = await newestRows(ctx, parts, rollout, spec.rollout.replay)
  if (rows.length === 0) return { result: empty, state }
  const scored = await scoredOrFailed(ctx, parts, model, rows)
  const failed = scored.rows.map(failureOf)
  // The champion answered these rows; the candidate had the same chance of every one of them.
  for (const failure of failed)
    if (failure !== undefined) updateRateRatio(state, { isCandidate: true, propensity: 0.5 })
  const values = scored.rows.flatMap((row) => Object.values(row.outputs).filter((value) => typeof value === 'number'))
  const result = {
    rows: rows.length,
    errors: failed.filter((failure) => failure === 'error').length,
    nonFinite: failed.filter((failure) => failure === 'non_finite').length,
    constant: values.length > 0 && values.every((value) => value === values[0]),
    ...(await besideLabels(ctx, parts, rollout, policy, rows, scored.rows)),
    logE: isRateHarmful(state, alphas.errors) ? state.peakLogE : rateRatioLogE(state),
    firstError: scored.rows.find((row) => row.error !== null)?.error ?? null,
  }
  return { result, state }
}

/** The candidate's answers beside labels, and beside the champion's where a metric is declared. */
async function besideLabels(
  ctx: Ctx,
  parts: RolloutsParts,
  { model, champion }: RolloutRow,
  policy: QualityPolicy | undefined,
  rows: readonly Record<string, unknown>[],
  scored: readonly ScoredRow[],
): Promise<Pick<ReplayResult, 'outOfRange' | 'losses'>> {
  const isClean = (at: number): boolean => !policy?.quarantined.some(({ from, to }) => at >= from && at < to)
  const known = rows.flatMap((row, i) => {
    const label = row['label'] as string | number | boolean | null
    return label !== null && isClean(Number(row['event_time'])) ? [{ row, label, candidate: scored[i] }] : []
  })
  const labels = known.map(({ label }) => label)
  const outOfRange = countOutOfRange(scored, labels)
  const before = champion === null || known.length === 0 ? undefined : await findServable(ctx, model, champion)
  if (!policy || !before) return { outOfRange, losses: null }
  const { rows: answered } = await scoreRows(
    ctx,
    parts.home,
    before,
    known.map(({ row }) => row),
  )
  const candidate = known.map((one) => one.candidate ?? { outputs: {}, error: null })
  return { outOfRange, losses: pairedLosses(policy.metric, labels, candidate, answered) }
}

function failureOf(row: ScoredRow): 'error' | 'non_finite' | undefined {
  if (row.error !== null) return 'error'
  return Object.values(row.outputs).some((value) => value === null) ? 'non_finite' : undefined
}

/** A model that cannot even be loaded fails on every row: that is the answer of the replay, not its breakdown. */
async function scoredOrFailed(
  ctx: Ctx,
  parts: RolloutsParts,
  model: Servable,
  rows: readonly Record<string, unknown>[],
): Promise<{ rows: ScoredRow[] }> {
  try {
    return await scoreRows(ctx, parts.home, model, rows)
  } catch (error) {
    if (!(error instanceof MainstayError) || error.code !== 'serving.model_failed') throw error
    return { rows: rows.map(() => ({ outputs: {}, error: error.message })) }
  }
}

/** The newest rows lie in the last weeks; the whole log is read only if they do not. */
async function newestRows(
  ctx: Ctx,
  parts: RolloutsParts,
  rollout: RolloutRow,
  count: number,
): Promise<Record<string, unknown>[]> {
  const to = (rollout.started_event_time ?? ctx.clock.now()) + dayMs
  const read = (from: number) =>
    readLog(ctx, parts.analytics, { endpoint: rollout.endpoint, from, to, labelled: false, newest: count })
  const recent = await read(to - 30 * dayMs)
  return recent.length >= count ? recent : await read(0)
}
