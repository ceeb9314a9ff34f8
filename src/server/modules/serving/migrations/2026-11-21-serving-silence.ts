import type { Migration } from '../../../platform/db/migrate.ts'

export const silenceMigrations: Migration[] = [
  {
    name: '2026-11-21-serving-silence',
    async up({ addColumn }) {
      await addColumn('endpoint_watermark', 'silent', 'flag', 0)
    },
  },
]
