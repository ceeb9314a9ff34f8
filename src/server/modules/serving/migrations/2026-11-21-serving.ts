import type { Migration } from '../../../platform/db/migrate.ts'

export const servingMigrations: Migration[] = [
  {
    name: '2026-11-21-serving',
    async up({ createTable, createIndex }) {
      await createTable(
        'endpoint',
        {
          name: 'text',
          project_id: 'text',
          spec: 'json',
          salt: 'text',
          error_test: 'json?',
          created_at: 'millis',
          updated_at: 'millis',
        },
        ['name'],
      )
      await createTable(
        'endpoint_variant',
        {
          endpoint: 'text',
          name: 'text',
          model: 'text',
          version: 'int',
          weight: 'float',
          role: 'text',
          since: 'millis',
        },
        ['endpoint', 'name'],
      )
      await createTable('snapshot_generation', { id: 'int', generation: 'int' }, ['id'])
      await createTable(
        'capture_segment',
        {
          replica: 'text',
          sequence: 'int',
          endpoint: 'text',
          digest: 'digest',
          rows: 'int',
          min_time: 'millis',
          max_time: 'millis',
          ingested_at: 'millis',
        },
        ['replica', 'sequence', 'endpoint'],
      )
      await createIndex('capture_segment_time', 'capture_segment', ['endpoint', 'max_time'])
      await createTable('segment_ingested', { replica: 'text', sequence: 'int', ingested_at: 'millis' }, [
        'replica',
        'sequence',
      ])
      await createTable(
        'endpoint_watermark',
        { endpoint: 'text', replica: 'text', watermark: 'millis', not_captured: 'int', updated_at: 'millis' },
        ['endpoint', 'replica'],
      )
      await createTable(
        'label',
        {
          endpoint: 'text',
          id: 'text',
          value: 'json',
          at: 'millis',
          received_at: 'millis',
          /** Of the prediction, once it is found; a label for an id that is not known yet waits. */
          event_time: 'millis?',
          prediction_id: 'text?',
          /** When the whole log was last looked through for it in vain. */
          searched_at: 'millis?',
        },
        ['endpoint', 'id'],
      )
      await createIndex('label_waiting', 'label', ['endpoint', 'received_at'], { where: 'event_time is null' })
      await createIndex('label_time', 'label', ['endpoint', 'event_time'])
      await createTable(
        'version_reference',
        { model: 'text', version: 'int', digest: 'digest', rows: 'int', unit: 'text?' },
        ['model', 'version'],
      )
      await createTable('log_unit', { endpoint: 'text', unit: 'text', chosen_at: 'millis' }, ['endpoint'])
      await createTable(
        'traffic_hour',
        { endpoint: 'text', hour: 'millis', variant: 'text', version: 'int', kind: 'text', rows: 'int', errors: 'int' },
        ['endpoint', 'hour', 'variant', 'kind'],
      )
    },
  },
]
