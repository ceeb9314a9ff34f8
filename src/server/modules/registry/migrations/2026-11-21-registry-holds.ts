import type { Migration } from '../../../platform/db/migrate.ts'

export const holdMigrations: Migration[] = [
  {
    name: '2026-11-21-registry-holds',
    async up({ createTable, createIndex }) {
      await createTable('version_hold', { version: 'text', holder: 'text' }, ['version', 'holder'])
      await createIndex('version_hold_holder', 'version_hold', ['holder'])
    },
  },
]
