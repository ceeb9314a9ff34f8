import type { Migration } from '../../../platform/db/migrate.ts'

export const looksMigrations: Migration[] = [
  {
    name: '2026-11-21-automation-looks',
    async up({ createTable }) {
      await createTable(
        'gate_look',
        {
          run: 'text',
          step: 'text',
          /** 0 is the first; each further one sees one window more. */
          look: 'int',
          gate_from: 'millis',
          gate_to: 'millis',
          verdict: 'text',
          sentence: 'text',
          numbers: 'json',
          at: 'millis',
        },
        ['run', 'step', 'look'],
      )
    },
  },
]
