import type { Migration } from '../../../platform/db/migrate.ts'

export const auditMigrations: Migration[] = [
  {
    name: '2026-11-21-audit',
    async up({ createTable, createIndex }) {
      await createTable(
        'audit_record',
        {
          id: 'int',
          project_id: 'text',
          at: 'millis',
          actor: 'text',
          action: 'text',
          subject: 'text',
          details: 'json',
          previous: 'digest',
          digest: 'digest',
        },
        ['id'],
      )
      await createIndex('audit_subject', 'audit_record', ['subject', 'id'])
    },
  },
]
