import type { PlaneTrip } from '../../../contract/plane.ts'

declare module '../../platform/events/outbox.ts' {
  interface EventMap {
    /** A sealed segment is in the prediction log; the endpoint's event time has reached the watermark. */
    'serving.captured': { endpoint: string; watermark: number; rows: number }
    /** Labels found their predictions; the hours they fall in have new outcomes. */
    'serving.outcomes_changed': { endpoint: string; from: number; to: number }
    /** The plane took a variant out of traffic by itself. */
    'serving.variant_tripped': { endpoint: string; trip: PlaneTrip }
    'serving.variants_changed': {
      endpoint: string
      generation: number
      variants: { name: string; version: number; weight: number; role: string }[]
    }
  }
}
