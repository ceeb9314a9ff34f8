import type { CaptureSink } from './ingest.ts'
import type { JoinParts } from './join.ts'
import type { PlaneLink } from './plane-link.ts'
import type { PendingSource } from './settled.ts'

export interface ServingParts extends JoinParts {
  home: string
  predictUrl: string
  plane: PlaneLink
  eventsDelivered(): Promise<boolean>
  /** Filled by compose, as are those of joins: what higher modules do with captured segments, and what they have pending. */
  captureSinks: readonly CaptureSink[]
  pending: readonly PendingSource[]
}
