import type { Migration } from '../../../platform/db/migrate.ts'

export const entityMigrations: Migration[] = [
  {
    name: '2026-11-22-monitoring-entities',
    async up({ addColumn }) {
      await addColumn('outcome_block', 'by_entity', 'flag', 0)
      await addColumn('outcome_block', 'named', 'int', 0)
    },
  },
]
