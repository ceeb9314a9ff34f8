import type { Generated } from 'kysely'

export type VersionStatus = 'PENDING_REGISTRATION' | 'FAILED_REGISTRATION' | 'READY'
export type Stage = 'None' | 'Staging' | 'Production' | 'Archived'
export type ExportState = 'pending' | 'ready' | 'failed' | 'not_exportable'

export interface RegisteredModelTable {
  id: string
  project_id: string
  name: string
  description: string
  /** The largest version number ever given, so that none is given twice. */
  last_version: number
  created_at: number
  updated_at: number
}

export interface RegisteredModelTagTable {
  model: string
  key: string
  value: string
}

export interface ModelVersionTable {
  id: string
  project_id: string
  model: string
  version: number
  status: VersionStatus
  status_message: string
  stage: Stage
  description: string
  user_name: string
  source: string
  /** Where the client downloads it from. */
  storage_uri: string
  run_id: string
  run_link: string
  logged_model: string | null
  source_attempt: string | null
  /** Digest of the manifest of its files, frozen at registration; null if they lie elsewhere. */
  tree: string | null
  /** File of training rows (mainstay/reference.csv or .parquet of the run), if one was logged. */
  reference_digest: string | null
  reference_format: 'csv' | 'parquet' | null
  created_at: number
  updated_at: number
  deleted_at: number | null
}

export interface ModelVersionTagTable {
  version: string
  key: string
  value: string
}

export interface ModelAliasTable {
  model: string
  alias: string
  version: number
  updated_at: number
}

export interface ModelExportTable {
  /** Manifest digest of the model's files. */
  tree: string
  project_id: string
  state: ExportState
  onnx: string | null
  signature: string | null
  /** `{"max_abs","max_rel","rows","tolerance"}`, or null: unknown. */
  difference: string | null
  reason: string | null
  reference_digest: string | null
  requested_at: number
  finished_at: number | null
}

export interface GateResultTable {
  id: Generated<number>
  project_id: string
  version: string
  kind: string
  passed: number
  sentence: string
  numbers: string
  at: number
}

export interface UploadTable {
  id: string
  project_id: string
  model: string
  created_at: number
}

/** A version that somebody needs, such as an endpoint that serves it. */
export interface VersionHoldTable {
  version: string
  holder: string
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    registered_model: RegisteredModelTable
    registered_model_tag: RegisteredModelTagTable
    model_version: ModelVersionTable
    model_version_tag: ModelVersionTagTable
    model_alias: ModelAliasTable
    model_export: ModelExportTable
    gate_result: GateResultTable
    model_upload: UploadTable
    version_hold: VersionHoldTable
  }
}
