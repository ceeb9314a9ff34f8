import type { MonitorState } from '../../../contract/monitoring.ts'

declare module '../../platform/events/outbox.ts' {
  interface EventMap {
    /** A performance window was judged, whatever came out. */
    'monitoring.performance_judged': {
      endpoint: string
      start: number
      end: number
      state: MonitorState
      value: number | null
      limit: number | null
    }
    'monitoring.performance_degraded': { endpoint: string; incident: string; at: number; value: number; limit: number }
    /** The live version's model errors grew beyond chance and beyond 1 % in a closed input window. */
    'monitoring.errors_high': { endpoint: string; incident: string; at: number; share: number; usual: number }
    'monitoring.inputs_broken': { endpoint: string; incident: string; from: number; reason: string }
    'monitoring.quarantine_lifted': { endpoint: string; from: number; to: number; at: number }
    'monitoring.incident_opened': { endpoint: string; incident: string; signal: string }
    'monitoring.incident_closed': { endpoint: string; incident: string; reason: string }
    'monitoring.evaluated': { endpoint: string; watermark: number }
  }
}
