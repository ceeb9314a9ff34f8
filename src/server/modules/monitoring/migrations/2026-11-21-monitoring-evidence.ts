import { sql } from 'kysely'
import type { Migration } from '../../../platform/db/migrate.ts'

export const evidenceMigrations: Migration[] = [
  {
    name: '2026-11-21-monitoring-evidence',
    async up({ db, createTable }) {
      await createTable(
        'outcome_block',
        {
          endpoint: 'text',
          hour: 'millis',
          block: 'int',
          version: 'int',
          kind: 'text',
          n: 'int',
          error: 'float?',
          abs_error: 'float?',
          squared_error: 'float?',
          actual: 'float?',
          abs_actual: 'float?',
          log_loss: 'float?',
          correct: 'int',
          tp: 'int?',
          fp: 'int?',
          fn: 'int?',
          scores: 'text?',
        },
        ['endpoint', 'hour', 'block', 'version', 'kind'],
      )
      const sums = sql.raw(
        'endpoint, hour, version, kind, n, error, abs_error, squared_error, actual, abs_actual, log_loss, correct',
      )
      await sql`insert into outcome_block (block, ${sums}) select 0, ${sums} from outcome_hour`.execute(db)
      await db.schema.dropTable('outcome_hour').execute()
      /** Judged windows about which labels have come since. */
      await createTable('late_window', { endpoint: 'text', start: 'millis' }, ['endpoint', 'start'])
    },
  },
]
