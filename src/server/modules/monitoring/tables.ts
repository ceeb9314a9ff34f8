import type { HourOutcome } from '../serving/module.ts'
import type { IncidentEntry, MonitorState } from '../../../contract/monitoring.ts'

export interface MonitorTable {
  endpoint: string
  project_id: string
  spec: string
  anchor: number | null
  state: MonitorState
  since: number | null
  sentence: string
  unit: string | null
  relative_limit: number | null
  updated_at: number
}

export interface ProfileBucketTable {
  endpoint: string
  version: number
  kind: 'live' | 'shadow'
  start: number
  rows: number
  errors: number
  columns: string
  outputs: string
}

export interface FeedBucketTable {
  endpoint: string
  start: number
  rows: number
  refused: number
  not_captured: number
}

export interface OutcomeBlockTable extends HourOutcome {
  endpoint: string
}

export type WindowSubject = 'inputs' | 'drift' | 'performance'

export interface MonitorWindowTable {
  endpoint: string
  subject: WindowSubject
  start: number
  stop: number
  state: string
  version: number | null
  sentence: string
  numbers: string
  judged_at: number
}

/** A judged window of performance about which labels have come since. */
export interface LateWindowTable {
  endpoint: string
  start: number
}

export interface QuarantineTable {
  id: string
  endpoint: string
  start: number
  stop: number
  clean_windows: number
  lifted_at: number | null
  reason: string
  incident: string
}

export interface IncidentTable {
  id: string
  project_id: string
  number: number
  endpoint: string
  signal: 'performance' | 'inputs' | 'volume' | 'errors' | 'capture' | 'drift'
  severity: 'warning' | 'critical'
  state: 'open' | 'recovering' | 'closed'
  title: string
  cause: string
  numbers: string
  opened_at: number
  opened_event_time: number
  closed_at: number | null
  closed_event_time: number | null
  closed_reason: string | null
}

export interface IncidentEntryTable {
  id: string
  incident: string
  at: number
  event_time: number | null
  kind: IncidentEntry['kind']
  state: IncidentEntry['state']
  title: string
  body: string
  link: string | null
  numbers: string
  key: string
}

export interface ChangeMarkerTable {
  endpoint: string
  at: number
  kind: 'incident' | 'retrain' | 'promote' | 'rollback' | 'deploy' | 'quarantine' | 'lift' | 'refused'
  label: string
  link: string | null
  changes_live: number
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    monitor: MonitorTable
    profile_bucket: ProfileBucketTable
    feed_bucket: FeedBucketTable
    outcome_block: OutcomeBlockTable
    monitor_window: MonitorWindowTable
    late_window: LateWindowTable
    quarantine: QuarantineTable
    incident: IncidentTable
    incident_entry: IncidentEntryTable
    change_marker: ChangeMarkerTable
  }
}
