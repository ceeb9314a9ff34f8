import type { Unit } from '../../../stats/blocks.ts'

export interface EndpointTable {
  name: string
  project_id: string
  spec: string
  salt: string
  error_test: string | null
  created_at: number
  updated_at: number
}

export interface EndpointVariantTable {
  endpoint: string
  name: string
  model: string
  version: number
  weight: number
  role: 'live' | 'canary' | 'shadow'
  since: number
}

export interface CaptureSegmentTable {
  replica: string
  sequence: number
  endpoint: string
  digest: string
  rows: number
  min_time: number
  max_time: number
  ingested_at: number
}

export interface LabelTable {
  endpoint: string
  id: string
  value: string
  at: number
  received_at: number
  event_time: number | null
  prediction_id: string | null
  searched_at: number | null
}

export interface TrafficHourTable {
  endpoint: string
  hour: number
  variant: string
  version: number
  kind: 'live' | 'shadow'
  rows: number
  errors: number
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    endpoint: EndpointTable
    endpoint_variant: EndpointVariantTable
    snapshot_generation: { id: number; generation: number }
    capture_segment: CaptureSegmentTable
    segment_ingested: { replica: string; sequence: number; ingested_at: number }
    endpoint_watermark: {
      endpoint: string
      replica: string
      watermark: number
      not_captured: number
      updated_at: number
      /** 1 while it has shown nothing for a while: then it holds nobody back. */
      silent: number
    }
    label: LabelTable
    version_reference: { model: string; version: number; digest: string; rows: number; unit: Unit | null }
    log_unit: { endpoint: string; unit: Unit; chosen_at: number }
    traffic_hour: TrafficHourTable
    latency_hour: { endpoint: string; hour: number; variant: string; bucket: number; rows: number }
  }
}
