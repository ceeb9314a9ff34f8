import type { HourDraw, HourPair } from '../serving/module.ts'
export interface RolloutTable {
  id: string
  project_id: string
  endpoint: string
  model: string
  candidate: number
  champion: number | null
  stage: 'replay' | 'shadow' | 'canary' | 'promoted' | 'rolled_back'
  weight: number
  paused_by: string | null
  answers_drift: number
  reason: string
  incident: string | null
  sentence: string
  progress: string
  started_at: number
  started_event_time: number | null
  step_event_time: number | null
  ended_at: number | null
  ended_event_time: number | null
}

export interface RolloutVerdictTable {
  id: string
  rollout: string
  at: number
  event_time: number
  stage: RolloutTable['stage']
  weight: number
  verdict: 'promote' | 'rollback' | 'continue' | 'pause'
  sentence: string
  checks: string
}

export interface PairSliceTable extends HourPair {
  endpoint: string
}

export interface DrawHourTable extends HourDraw {
  endpoint: string
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    rollout: RolloutTable
    rollout_verdict: RolloutVerdictTable
    pair_slice: PairSliceTable
    draw_hour: DrawHourTable
  }
}
