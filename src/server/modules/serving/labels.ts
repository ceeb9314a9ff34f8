import type { Output, Parsed } from '../../../contract/endpoint.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type { putLabels } from '../../../contract/serving.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { getEndpointRow } from './endpoints.ts'
import * as labelRows from './queries/labels.ts'

/** Work of one endpoint; the end mark keeps `bike` apart from `bike-demand`, since lanes are counted by prefix. */
export const labelLane = (endpoint: string): string => `endpoint:${endpoint}:`

/**
 * Takes the truth for earlier predictions. The same label again changes nothing; another value for the
 * same id corrects it. A label whose prediction is not known yet waits.
 */
export function acceptLabels(ctx: Ctx, { name, labels }: Parsed<typeof putLabels>): Promise<Output<typeof putLabels>> {
  return ctx.groupTx(async (ctx) => {
    await getEndpointRow(ctx.db, name)
    const now = ctx.clock.now()
    const byId = new Map(labels.map((label) => [label.id, label]))
    const known = new Map((await labelRows.findLabels(ctx.db, name, [...byId.keys()])).map((row) => [row.id, row]))
    const fresh: labelRows.LabelRow[] = []
    let corrected = 0
    for (const label of byId.values()) {
      if (typeof label.value === 'number' && !Number.isFinite(label.value)) {
        throw new MainstayError('serving.invalid_label', `the label of ${label.id} is not a finite number`)
      }
      const row = {
        endpoint: name,
        id: label.id,
        value: JSON.stringify(label.value),
        at: label.at === undefined ? now : new Date(label.at).getTime(),
        received_at: now,
        event_time: null,
        prediction_id: null,
        searched_at: null,
      }
      const before = known.get(label.id)
      if (!before) fresh.push(row)
      else if (before.value !== row.value) {
        corrected += 1
        await labelRows.correctLabel(ctx.db, row)
      }
    }
    await labelRows.insertLabels(ctx.db, fresh)
    const accepted = fresh.length + corrected
    if (accepted > 0)
      await ctx.enqueue({ kind: 'serving.join', key: name, lane: labelLane(name), payload: { endpoint: name } })
    return { accepted, unchanged: labels.length - accepted }
  })
}
