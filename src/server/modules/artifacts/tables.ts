export interface ArtifactTable {
  /** `run:<id>`, `model:<id>`, `upload:<id>` or `root`. */
  owner: string
  project_id: string
  path: string
  digest: string
  size: number
  updated_at: number
}

export interface ArtifactTreeTable {
  digest: string
  project_id: string
  files: number
  size: number
  created_at: number
}

export interface ArtifactFreezeTable {
  owner: string
  project_id: string
  tree: string
  frozen_at: number
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    artifact: ArtifactTable
    artifact_tree: ArtifactTreeTable
    artifact_freeze: ArtifactFreezeTable
  }
}
