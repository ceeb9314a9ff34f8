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

export interface PairHourTable {
  endpoint: string
  hour: number
  version_a: number
  version_b: number
  n: number
  abs_error_a: number | null
  abs_error_b: number | null
  squared_error_a: number | null
  squared_error_b: number | null
  log_loss_a: number | null
  log_loss_b: number | null
  wrong_a: number
  wrong_b: number
  abs_actual: number | null
}

export interface DrawHourTable {
  endpoint: string
  hour: number
  version: number
  slice: number
  n: number
  weight: number
  abs_error: number | null
  squared_error: number | null
  log_loss: number | null
  wrong: number
  abs_actual: number | null
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    rollout: RolloutTable
    rollout_verdict: RolloutVerdictTable
    pair_hour: PairHourTable
    draw_hour: DrawHourTable
  }
}
