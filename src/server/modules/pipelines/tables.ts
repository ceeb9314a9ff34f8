import type { NodeKind, NodeState, RunState } from '../../../contract/pipelines.ts'

export interface PipelineTable {
  project_id: string
  name: string
  version: string
  /** Counts up to hold the row while a decision about the pipeline's runs is made. */
  turn: number
  created_at: number
  updated_at: number
}

export interface PipelineVersionTable {
  project_id: string
  pipeline: string
  digest: string
  definition: string
  code: string
  created_at: number
}

export interface PipelineRunTable {
  id: string
  project_id: string
  pipeline: string
  version: string
  params: string
  trigger_kind: string
  trigger_ref: string
  /** One run per key and pipeline. */
  key: string
  state: RunState
  /** Nodes that have not ended. */
  remaining: number
  cancel: number
  sentence: string | null
  created_by: string
  created_at: number
  started_at: number | null
  ended_at: number | null
}

export interface PipelineNodeTable {
  run_id: string
  name: string
  project_id: string
  kind: NodeKind
  state: NodeState
  /** Needs that have not ended. */
  pending: number
  /** Number of the newest attempt; a change by an older one changes nothing. */
  fence: number
  user_failures: number
  infra_failures: number
  /** Not before so long after it became ready; 0 is now. */
  backoff_ms: number
  passed: number | null
  outputs: string
  sentence: string | null
  refused_by: string | null
  why: string | null
  ready_at: number | null
  started_at: number | null
  ended_at: number | null
}

export interface PipelineAttemptTable {
  id: string
  project_id: string
  run_id: string
  node: string
  fence: number
  /** The home whose server runs it. */
  holder: string
  state: 'running' | 'ended'
  reason: string | null
  exit_code: number | null
  pid: number | null
  started_at: number
  ended_at: number | null
}

export interface PipelineHolderTable {
  id: string
  project_id: string
  /** Moves while the holder lives; others watch it with their own monotonic clock. */
  beat: number
}

export interface PipelineCacheTable {
  project_id: string
  key: string
  pipeline: string
  node: string
  run_id: string
  outputs: string
  fields: string
  created_at: number
}

export interface PipelineTriggerTable {
  project_id: string
  pipeline: string
  id: string
  trigger: string
  event: string | null
  /** Facts up to this one are older than the trigger. */
  since: number
  next_at: number | null
}

export interface PipelineTriggerFireTable {
  project_id: string
  pipeline: string
  trigger_id: string
  ref: string
  run_id: string
  at: number
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    pipeline: PipelineTable
    pipeline_version: PipelineVersionTable
    pipeline_run: PipelineRunTable
    pipeline_node: PipelineNodeTable
    pipeline_attempt: PipelineAttemptTable
    pipeline_holder: PipelineHolderTable
    pipeline_cache: PipelineCacheTable
    pipeline_trigger: PipelineTriggerTable
    pipeline_trigger_fire: PipelineTriggerFireTable
  }
}
