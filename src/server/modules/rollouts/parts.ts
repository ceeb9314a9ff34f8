import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import type { PlaneLink } from '../serving/module.ts'

/** How good is good, as monitoring sees it: filled by compose, since monitoring stands above. */
export interface QualityPolicy {
  metric: string
  limit: number | null
  /** Length of a unit of evidence and how late labels come, ms. */
  unit: number
  labelDelay: number
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
