import { sql } from 'kysely'
import type { Migration } from '../../../platform/db/migrate.ts'

export const pairSlicesMigrations: Migration[] = [
  {
    name: '2026-11-22-rollouts-pair-slices',
    async up({ db, createTable }) {
      await createTable(
        'pair_slice',
        {
          endpoint: 'text',
          hour: 'millis',
          version_a: 'int',
          version_b: 'int',
          /** 0 where entities are not the unit of evidence. */
          slice: 'int',
          n: 'int',
          abs_error_a: 'float?',
          abs_error_b: 'float?',
          squared_error_a: 'float?',
          squared_error_b: 'float?',
          log_loss_a: 'float?',
          log_loss_b: 'float?',
          wrong_a: 'int',
          wrong_b: 'int',
          abs_actual: 'float?',
        },
        ['endpoint', 'hour', 'version_a', 'version_b', 'slice'],
      )
      const sums = sql.raw(
        'endpoint, hour, version_a, version_b, n, abs_error_a, abs_error_b, squared_error_a, squared_error_b, log_loss_a, log_loss_b, wrong_a, wrong_b, abs_actual',
      )
      await sql`insert into pair_slice (slice, ${sums}) select 0, ${sums} from pair_hour`.execute(db)
      await db.schema.dropTable('pair_hour').execute()
    },
  },
]
