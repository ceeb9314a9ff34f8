import type { Analytics } from '../../platform/analytics/analytics.ts'
import type { CaptureSink } from './ingest.ts'
import type { OutcomeSink } from './outcomes.ts'
import type { PlaneLink } from './plane-link.ts'
import type { PendingSource } from './settled.ts'

export interface ServingParts {
  home: string
  predictUrl: string
  plane: PlaneLink
  analytics: Analytics
  eventsDelivered(): Promise<boolean>
  /** Filled by compose: what higher modules do with captured segments, labelled outcomes, and what they have pending. */
  captureSinks: readonly CaptureSink[]
  outcomeSinks: readonly OutcomeSink[]
  pending: readonly PendingSource[]
}
