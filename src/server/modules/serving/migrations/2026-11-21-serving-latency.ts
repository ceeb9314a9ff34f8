import type { Migration } from '../../../platform/db/migrate.ts'

export const latencyMigrations: Migration[] = [
  {
    name: '2026-11-21-serving-latency',
    async up({ createTable }) {
      await createTable(
        'latency_hour',
        { endpoint: 'text', hour: 'millis', variant: 'text', bucket: 'int', rows: 'int' },
        ['endpoint', 'hour', 'variant', 'bucket'],
      )
    },
  },
]
