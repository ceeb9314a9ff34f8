import type { Migration } from '../../../platform/db/migrate.ts'

export const identityMigrations: Migration[] = [
  {
    name: '2026-11-21-token',
    async up({ createTable, createIndex }) {
      await createTable(
        'api_token',
        {
          id: 'text',
          project_id: 'text',
          name: 'text',
          role: 'text',
          digest: 'digest',
          attempt: 'text?',
          created_at: 'millis',
          expires_at: 'millis?',
        },
        ['id'],
      )
      await createIndex('api_token_digest', 'api_token', ['digest'], { unique: true })
    },
  },
]
