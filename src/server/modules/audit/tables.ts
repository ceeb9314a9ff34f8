export interface AuditRecordTable {
  id: number
  project_id: string
  at: number
  actor: string
  action: string
  subject: string
  details: string
  previous: string
  digest: string
}

declare module '../../platform/db/tables.ts' {
  interface Tables {
    audit_record: AuditRecordTable
  }
}
