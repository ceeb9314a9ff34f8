import type { Generated } from 'kysely'

export type Lifecycle = 'active' | 'deleted'
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'
export type LoggedModelStatus = 'PENDING' | 'READY' | 'FAILED'

export interface ExperimentTable {
  id: Generated<number>
  project_id: string
  name: string
  artifact_location: string
  lifecycle: Lifecycle
  created_at: number
  updated_at: number
}

export interface ExperimentTagTable {
  experiment: number
  key: string
  value: string
}

export interface RunTable {
  /** Small number by which the rows below name their run. */
  id: Generated<number>
  /** 32 hexadecimal digits: the name of the run outside. */
  run_id: string
  project_id: string
  experiment: number
  name: string
  user_name: string
  status: RunStatus
  lifecycle: Lifecycle
  start_time: number
  end_time: number | null
  artifact_uri: string
  /** The pipeline attempt whose token created it. */
  attempt: string | null
}

interface RunPair {
  run: number
  key: string
  value: string
}

export type RunParamTable = RunPair
export type RunTagTable = RunPair

export interface MetricTable {
  run: number
  key: string
  step: number
  timestamp: number
  value: number
  is_nan: number
}

export interface LatestMetricTable {
  run: number
  key: string
  value: number
  is_nan: number
  timestamp: number
  step: number
}

export interface DatasetTable {
  id: Generated<number>
  experiment: number
  name: string
  digest: string
  source_type: string
  source: string
  schema: string | null
  profile: string | null
}

export interface RunDatasetTable {
  run: number
  dataset: number
  context: string | null
  tags: string
}

export interface RunModelTable {
  run: number
  direction: 'input' | 'output'
  model_id: string
  step: number
}

export interface LoggedModelTable {
  id: Generated<number>
  model_id: string
  project_id: string
  experiment: number
  name: string
  model_type: string | null
  status: LoggedModelStatus
  lifecycle: Lifecycle
  source_run: string | null
  source_attempt: string | null
  artifact_uri: string
  /** Digest of the manifest of its files, from the moment it is finalized. */
  tree: string | null
  created_at: number
  updated_at: number
}

interface ModelPair {
  model: number
  key: string
  value: string
}

export interface LoggedModelMetricTable {
  model: number
  key: string
  run_id: string
  dataset_name: string
  dataset_digest: string
  step: number
  timestamp: number
  value: number
  is_nan: number
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    experiment: ExperimentTable
    experiment_tag: ExperimentTagTable
    run: RunTable
    run_param: RunParamTable
    run_tag: RunTagTable
    metric: MetricTable
    latest_metric: LatestMetricTable
    dataset: DatasetTable
    run_dataset: RunDatasetTable
    run_model: RunModelTable
    logged_model: LoggedModelTable
    logged_model_param: ModelPair
    logged_model_tag: ModelPair
    logged_model_metric: LoggedModelMetricTable
  }
}
