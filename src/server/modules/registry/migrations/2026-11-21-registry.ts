import type { MigrationContext } from '../../../platform/db/columns.ts'
import type { Migration } from '../../../platform/db/migrate.ts'

export const registryMigrations: Migration[] = [
  { name: '2026-11-21-registry', up: models },
  { name: '2026-11-21-registry-export', up: exports },
]

async function models({ createTable, createIndex }: MigrationContext): Promise<void> {
  await createTable(
    'registered_model',
    {
      id: 'text',
      project_id: 'text',
      name: 'text',
      description: 'text',
      last_version: 'int',
      created_at: 'millis',
      updated_at: 'millis',
    },
    ['id'],
  )
  await createIndex('registered_model_name', 'registered_model', ['project_id', 'name'], { unique: true })
  await createTable('registered_model_tag', { model: 'text', key: 'text', value: 'text' }, ['model', 'key'])
  await createTable(
    'model_version',
    {
      id: 'text',
      project_id: 'text',
      model: 'text',
      version: 'int',
      status: 'text',
      status_message: 'text',
      stage: 'text',
      description: 'text',
      user_name: 'text',
      source: 'text',
      storage_uri: 'text',
      run_id: 'text',
      run_link: 'text',
      logged_model: 'text?',
      source_attempt: 'text?',
      tree: 'digest?',
      reference_digest: 'digest?',
      reference_format: 'text?',
      created_at: 'millis',
      updated_at: 'millis',
      deleted_at: 'millis?',
    },
    ['id'],
  )
  await createIndex('model_version_number', 'model_version', ['model', 'version'], { unique: true })
  await createIndex('model_version_updated', 'model_version', ['project_id', 'updated_at desc'])
  await createIndex('model_version_run', 'model_version', ['run_id'], { where: `run_id <> ''` })
  await createIndex('model_version_tree', 'model_version', ['tree'], { where: 'tree is not null' })
  await createTable('model_version_tag', { version: 'text', key: 'text', value: 'text' }, ['version', 'key'])
  await createTable('model_alias', { model: 'text', alias: 'text', version: 'int', updated_at: 'millis' }, [
    'model',
    'alias',
  ])
}

async function exports({ createTable, createCountedTable, createIndex }: MigrationContext): Promise<void> {
  await createTable(
    'model_export',
    {
      tree: 'digest',
      project_id: 'text',
      state: 'text',
      onnx: 'digest?',
      signature: 'json?',
      difference: 'json?',
      reason: 'text?',
      reference_digest: 'digest?',
      requested_at: 'millis',
      finished_at: 'millis?',
    },
    ['tree'],
  )
  await createCountedTable('gate_result', {
    project_id: 'text',
    version: 'text',
    kind: 'text',
    passed: 'flag',
    sentence: 'text',
    numbers: 'json',
    at: 'millis',
  })
  await createIndex('gate_result_version', 'gate_result', ['version', 'id'])
  await createTable('model_upload', { id: 'text', project_id: 'text', model: 'text', created_at: 'millis' }, ['id'])
}
