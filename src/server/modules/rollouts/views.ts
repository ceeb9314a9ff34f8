import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type * as api from '../../../contract/rollouts.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { comparedUnits } from './gather.ts'
import type { RolloutsParts } from './parts.ts'
import * as q from './queries/rollouts.ts'
import { compareUnits } from './quality.ts'
import { getRolloutRow } from './rows.ts'
import { differences } from './units.ts'

export async function toRollout(ctx: Ctx, row: q.RolloutRow): Promise<api.Rollout> {
  const ended = row.ended_at !== null
  return {
    id: row.id,
    endpoint: row.endpoint,
    model: row.model,
    candidate: row.candidate,
    champion: row.champion,
    stage: row.paused_by !== null && !ended ? 'paused' : row.stage,
    weight: row.weight,
    reason: row.reason,
    incident: row.incident,
    steps: row.progress.steps.map((step, i) => ({
      name: step.name,
      state: stepState(row, i),
      started_at: step.startedAt,
      facts: step.facts,
    })),
    verdict: (await q.newestVerdict(ctx.db, row.id)) ?? null,
    sentence: row.sentence,
    started_at: row.started_at,
    started_event_time: row.started_event_time,
    ended_at: row.ended_at,
    ended_event_time: row.ended_event_time,
  }
}

function stepState(row: q.RolloutRow, index: number): api.Rollout['steps'][number]['state'] {
  const step = row.progress.steps[index]
  const ended = row.ended_at !== null
  if (row.stage === 'promoted')
    return step?.startedAt !== null || index === row.progress.steps.length - 1 ? 'done' : 'skipped'
  if (step?.startedAt === null || step === undefined) return ended ? 'skipped' : 'waiting'
  const isLastBegun = row.progress.steps.findLastIndex((known) => known.startedAt !== null) === index
  if (ended && isLastBegun) return 'failed'
  return step.endedAt === null ? 'running' : 'done'
}

export async function listRollouts(
  ctx: Ctx,
  { endpoint, limit }: Parsed<typeof api.listRollouts>,
): Promise<Output<typeof api.listRollouts>> {
  const rows = await q.listRollouts(ctx.db, endpoint, limit)
  return { items: await Promise.all(rows.map((row) => toRollout(ctx, row))) }
}

/** Every verdict with its numbers, and the paired evidence as it stood at each unit. */
export async function showRollout(ctx: Ctx, parts: RolloutsParts, id: string): Promise<Output<typeof api.getRollout>> {
  const row = await getRolloutRow(ctx, id)
  const policy = await parts.policyOf(ctx, row.endpoint)
  const until = row.ended_event_time ?? Number.POSITIVE_INFINITY
  const units = policy ? (await comparedUnits(ctx.db, row, policy)).filter((unit) => unit.start < until) : []
  const steps = differences(units)
  return {
    ...(await toRollout(ctx, row)),
    verdicts: await q.listVerdicts(ctx.db, id),
    paired: units.map((unit, i) => {
      const { mean, lower, upper } = compareUnits(units.slice(0, i + 1), 0, policy?.metric ?? 'mae')
      return {
        unit: unit.start,
        units: i + 1,
        drawn: unit.isDrawn,
        difference: steps[i] ?? 0,
        mean: mean ?? 0,
        lower: lower ?? null,
        upper: upper ?? null,
      }
    }),
  }
}
