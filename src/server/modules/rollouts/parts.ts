import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import type { LossMetric, PlaneLink } from '../serving/module.ts'

/** How good is good, as monitoring sees it: filled by compose, since monitoring stands above. */
export interface QualityPolicy {
  /** What each row loses: versions are compared by it. */
  metric: LossMetric
  limit: number | null
  /** What a version reached by the metric that the limit is on; null where that is the one above. */
  valueOf: ((version: number, from: number, to: number) => Promise<number | undefined>) | null
  /** Labelled rows of the units of a span of whose rows nearly all have a label, by their start. */
  completeUnits(from: number, to: number): Promise<ReadonlyMap<number, number>>
  /** Length of a unit of evidence and how late labels come, ms. Where entities are the unit a look is a day. */
  unit: number
  byEntity: boolean
  labelDelay: number
  /** Length of a window that performance is judged in, ms. */
  window: number
  watermark: number
  frozen: boolean
  /** Event-time ranges that count for nothing. */
  quarantined: readonly { from: number; to: number }[]
}

export interface RolloutsParts {
  home: string
  plane: PlaneLink
  analytics: Analytics
  policyOf(ctx: Ctx | TxCtx, endpoint: string): Promise<QualityPolicy | undefined>
}
