import type { Migration } from '../../../platform/db/migrate.ts'

export const monitoringMigrations: Migration[] = [
  {
    name: '2026-11-21-monitoring',
    async up({ createTable, createIndex }) {
      await createTable(
        'monitor',
        {
          endpoint: 'text',
          project_id: 'text',
          spec: 'json',
          /** First event day: long windows are counted from here. */
          anchor: 'millis?',
          state: 'text',
          since: 'millis?',
          sentence: 'text',
          unit: 'text?',
          relative_limit: 'float?',
          updated_at: 'millis',
        },
        ['endpoint'],
      )
      await createTable(
        'profile_bucket',
        {
          endpoint: 'text',
          version: 'int',
          kind: 'text',
          start: 'millis',
          rows: 'int',
          errors: 'int',
          columns: 'json',
          outputs: 'json',
        },
        ['endpoint', 'version', 'kind', 'start'],
      )
      await createTable(
        'feed_bucket',
        { endpoint: 'text', start: 'millis', rows: 'int', refused: 'int', not_captured: 'int' },
        ['endpoint', 'start'],
      )
      await createTable(
        'outcome_hour',
        {
          endpoint: 'text',
          hour: 'millis',
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
        },
        ['endpoint', 'hour', 'version', 'kind'],
      )
      await createTable(
        'monitor_window',
        {
          endpoint: 'text',
          /** inputs, drift or performance. */
          subject: 'text',
          start: 'millis',
          stop: 'millis',
          state: 'text',
          version: 'int?',
          sentence: 'text',
          numbers: 'json',
          judged_at: 'millis',
        },
        ['endpoint', 'subject', 'start'],
      )
      await createTable(
        'quarantine',
        {
          id: 'text',
          endpoint: 'text',
          start: 'millis',
          stop: 'millis',
          clean_windows: 'int',
          lifted_at: 'millis?',
          reason: 'text',
          incident: 'text',
        },
        ['id'],
      )
      await createIndex('quarantine_open', 'quarantine', ['endpoint'], { unique: true, where: 'lifted_at is null' })
      await createTable(
        'incident',
        {
          id: 'text',
          project_id: 'text',
          number: 'int',
          endpoint: 'text',
          signal: 'text',
          severity: 'text',
          state: 'text',
          title: 'text',
          cause: 'text',
          numbers: 'json',
          opened_at: 'millis',
          opened_event_time: 'millis',
          closed_at: 'millis?',
          closed_event_time: 'millis?',
          closed_reason: 'text?',
        },
        ['id'],
      )
      await createIndex('incident_open', 'incident', ['endpoint', 'signal'], {
        unique: true,
        where: `state <> 'closed'`,
      })
      await createTable(
        'incident_entry',
        {
          id: 'text',
          incident: 'text',
          at: 'millis',
          event_time: 'millis?',
          kind: 'text',
          state: 'text',
          title: 'text',
          body: 'text',
          link: 'text?',
          numbers: 'json',
          /** The same fact told twice stays one entry. */
          key: 'text',
        },
        ['id'],
      )
      await createIndex('incident_entry_key', 'incident_entry', ['incident', 'key'], { unique: true })
      await createTable(
        'change_marker',
        { endpoint: 'text', at: 'millis', kind: 'text', label: 'text', link: 'text?', changes_live: 'flag' },
        ['endpoint', 'at', 'kind', 'label'],
      )
    },
  },
]
