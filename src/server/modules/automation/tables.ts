import type { Action, Decision } from '../../../contract/automation.ts'

export interface RuleTable {
  name: string
  project_id: string
  endpoint: string
  spec: string
  mode: 'observe' | 'propose' | 'auto'
  created_at: number
  updated_at: number
}

export interface DecisionTable {
  id: string
  at: number
  event_time: number
  rule: string
  endpoint: string
  verdict: Decision['verdict']
  sentence: string
  numbers: string
  action: string | null
  key: string
}

export interface ActionTable {
  id: string
  project_id: string
  rule: string
  endpoint: string
  incident: string | null
  kind: Action['kind']
  state: Action['state']
  sentence: string
  outcome: Action['outcome']
  outcome_sentence: string | null
  run: string | null
  rollout: string | null
  params: string
  numbers: string
  at: number
  event_time: number
  promoted_at: number | null
  ended_at: number | null
  ended_event_time: number | null
  key: string
}

export interface GateLookTable {
  run: string
  step: string
  look: number
  gate_from: number
  gate_to: number
  verdict: 'passed' | 'refused' | 'insufficient'
  sentence: string
  numbers: string
  at: number
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    rule: RuleTable
    automation_switch: { id: number; enabled: number; reason: string; at: number }
    decision: DecisionTable
    automation_action: ActionTable
    gate_look: GateLookTable
  }
}
