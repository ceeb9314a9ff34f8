import { count, percent, spanText } from '../../../contract/format.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import { endIncident, findOpenIncident, openIncident, tellIncident } from './incidents.ts'
import { errorsHigh, type ErrorCount } from './input-rules.ts'
import * as q from './queries/windows.ts'
import { type Span } from './windows.ts'

export interface ErrorWindow {
  endpoint: string
  version: number | null
  window: Span
  now: ErrorCount
  /** Clean input windows before, oldest first. */
  earlier: readonly q.WindowRow[]
}

const numberOf = (row: q.WindowRow, name: string): number =>
  typeof row.numbers[name] === 'number' ? row.numbers[name] : 0
/** A rollout's own error test ends with the rollout; from then on the live version is watched here, window by window. */
export async function judgeErrors(ctx: TxCtx, { endpoint, version, window, now, earlier }: ErrorWindow): Promise<void> {
  if (now.rows === 0) return
  const before = { rows: 0, errors: 0 }
  for (const past of earlier) {
    before.rows += numberOf(past, 'version_rows')
    before.errors += numberOf(past, 'errors')
  }
  const found = errorsHigh(now, before)
  const open = await findOpenIncident(ctx.db, endpoint, 'errors')
  if (!found.isHigh) {
    if (open)
      await endIncident(
        ctx,
        open,
        window.end,
        `${count(now.errors)} of ${count(now.rows)} rows failed in ${spanText(window.start, window.end)}: back to normal.`,
      )
    return
  }
  const sentence = `${count(now.errors)} of ${count(now.rows)} rows failed in ${spanText(window.start, window.end)} (${percent(found.share)}; usual ${percent(found.usual)}).`
  const numbers = { ...now, share: found.share, usual: found.usual, lower: found.lower, version }
  const opening = {
    endpoint,
    signal: 'errors',
    severity: 'critical',
    title: `${endpoint}: v${version ?? '?'} fails on ${percent(found.share)} of the rows`,
    cause: sentence,
    eventTime: window.end,
    numbers,
  } as const
  const { incident, isNew } = await openIncident(ctx, opening)
  await tellIncident(ctx, incident.id, {
    event_time: window.end,
    kind: isNew ? 'opened' : 'signal',
    state: 'critical',
    title: isNew ? 'Incident opened' : 'Still failing',
    text: sentence,
    link: `/endpoints/${endpoint}`,
    numbers,
    key: `window:${window.start}`,
  })
  if (isNew)
    await q.addMarker(ctx.db, {
      endpoint,
      at: window.end,
      kind: 'incident',
      label: 'errors',
      link: `/incidents/${incident.id}`,
    })
  ctx.emit({
    type: 'monitoring.errors_high',
    endpoint,
    incident: incident.id,
    at: window.end,
    share: found.share,
    usual: found.usual,
  })
}
