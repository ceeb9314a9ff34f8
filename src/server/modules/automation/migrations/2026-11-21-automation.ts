import type { Migration } from '../../../platform/db/migrate.ts'

export const automationMigrations: Migration[] = [
  {
    name: '2026-11-21-automation',
    async up({ createTable, createIndex }) {
      await createTable(
        'rule',
        {
          name: 'text',
          project_id: 'text',
          endpoint: 'text',
          spec: 'json',
          mode: 'text',
          created_at: 'millis',
          updated_at: 'millis',
        },
        ['name'],
      )
      await createTable('automation_switch', { id: 'int', enabled: 'flag', reason: 'text', at: 'millis' }, ['id'])
      await createTable(
        'decision',
        {
          id: 'text',
          at: 'millis',
          event_time: 'millis',
          rule: 'text',
          endpoint: 'text',
          verdict: 'text',
          sentence: 'text',
          numbers: 'json',
          action: 'text?',
          key: 'text',
        },
        ['id'],
      )
      await createIndex('decision_key', 'decision', ['rule', 'key'], { unique: true })
      await createIndex('decision_time', 'decision', ['endpoint', 'event_time'])
      await createTable(
        'automation_action',
        {
          id: 'text',
          project_id: 'text',
          rule: 'text',
          endpoint: 'text',
          incident: 'text?',
          kind: 'text',
          state: 'text',
          sentence: 'text',
          outcome: 'text?',
          outcome_sentence: 'text?',
          run: 'text?',
          rollout: 'text?',
          params: 'json',
          numbers: 'json',
          at: 'millis',
          event_time: 'millis',
          /** When its version went live. */
          promoted_at: 'millis?',
          ended_at: 'millis?',
          ended_event_time: 'millis?',
          key: 'text',
        },
        ['id'],
      )
      await createIndex('automation_action_key', 'automation_action', ['key'], { unique: true })
      await createIndex('automation_action_flight', 'automation_action', ['endpoint'], {
        unique: true,
        where: `state in ('proposed', 'waiting', 'running', 'verifying')`,
      })
    },
  },
]
