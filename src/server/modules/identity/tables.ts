import type { Role } from '../../../contract/permissions.ts'

export interface ApiTokenTable {
  id: string
  project_id: string
  name: string
  role: Role
  digest: string
  attempt: string | null
  created_at: number
  expires_at: number | null
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    api_token: ApiTokenTable
  }
}
