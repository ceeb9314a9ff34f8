import type { Migration } from '../../../platform/db/migrate.ts'

export const drawsMigrations: Migration[] = [
  {
    name: '2026-11-21-rollouts-draws',
    async up({ createTable }) {
      await createTable(
        'draw_hour',
        {
          endpoint: 'text',
          hour: 'millis',
          version: 'int',
          slice: 'int',
          /** Labelled rows; all that follows is summed by the inverse of their propensity. */
          n: 'int',
          weight: 'float',
          abs_error: 'float?',
          squared_error: 'float?',
          log_loss: 'float?',
          wrong: 'float',
          abs_actual: 'float?',
        },
        ['endpoint', 'hour', 'version', 'slice'],
      )
    },
  },
]
