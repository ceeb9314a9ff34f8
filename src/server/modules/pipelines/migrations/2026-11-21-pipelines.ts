import type { Migration } from '../../../platform/db/migrate.ts'
import type { MigrationContext } from '../../../platform/db/columns.ts'

export const pipelineMigrations: Migration[] = [
  {
    name: '2026-11-21-pipelines',
    async up(context) {
      await definitions(context)
      await runs(context)
      await triggers(context)
    },
  },
]

async function definitions({ createTable, createIndex }: MigrationContext): Promise<void> {
  await createTable(
    'pipeline',
    { project_id: 'text', name: 'text', version: 'digest', turn: 'int', created_at: 'millis', updated_at: 'millis' },
    ['project_id', 'name'],
  )
  await createTable(
    'pipeline_version',
    { project_id: 'text', pipeline: 'text', digest: 'digest', definition: 'json', code: 'json', created_at: 'millis' },
    ['project_id', 'pipeline', 'digest'],
  )
  await createTable(
    'pipeline_cache',
    {
      project_id: 'text',
      key: 'digest',
      pipeline: 'text',
      node: 'text',
      run_id: 'text',
      outputs: 'json',
      fields: 'json',
      created_at: 'millis',
    },
    ['project_id', 'key'],
  )
  await createIndex('pipeline_cache_node', 'pipeline_cache', ['project_id', 'pipeline', 'node', 'created_at'])
}

async function runs({ createTable, createIndex }: MigrationContext): Promise<void> {
  await createTable(
    'pipeline_run',
    {
      id: 'text',
      project_id: 'text',
      pipeline: 'text',
      version: 'digest',
      params: 'json',
      trigger_kind: 'text',
      trigger_ref: 'text',
      key: 'text',
      state: 'text',
      remaining: 'int',
      cancel: 'flag',
      sentence: 'text?',
      created_by: 'text',
      created_at: 'millis',
      started_at: 'millis?',
      ended_at: 'millis?',
    },
    ['id'],
  )
  await createIndex('pipeline_run_key', 'pipeline_run', ['project_id', 'pipeline', 'key'], { unique: true })
  await createIndex('pipeline_run_state', 'pipeline_run', ['project_id', 'pipeline', 'state', 'id'])
  await createTable(
    'pipeline_node',
    {
      run_id: 'text',
      name: 'text',
      project_id: 'text',
      kind: 'text',
      state: 'text',
      pending: 'int',
      fence: 'int',
      user_failures: 'int',
      infra_failures: 'int',
      backoff_ms: 'int',
      passed: 'flag?',
      outputs: 'json',
      sentence: 'text?',
      refused_by: 'text?',
      why: 'json?',
      ready_at: 'millis?',
      started_at: 'millis?',
      ended_at: 'millis?',
    },
    ['run_id', 'name'],
  )
  await createIndex('pipeline_node_ready', 'pipeline_node', ['ready_at'], { where: `state = 'ready'` })
  await createTable(
    'pipeline_attempt',
    {
      id: 'text',
      project_id: 'text',
      run_id: 'text',
      node: 'text',
      fence: 'int',
      holder: 'text',
      state: 'text',
      reason: 'text?',
      exit_code: 'int?',
      pid: 'int?',
      started_at: 'millis',
      ended_at: 'millis?',
    },
    ['id'],
  )
  await createIndex('pipeline_attempt_fence', 'pipeline_attempt', ['run_id', 'node', 'fence'], { unique: true })
  await createIndex('pipeline_attempt_running', 'pipeline_attempt', ['holder'], { where: `state = 'running'` })
  await createTable('pipeline_holder', { id: 'text', project_id: 'text', beat: 'int' }, ['id'])
}

async function triggers({ createTable, createIndex }: MigrationContext): Promise<void> {
  await createTable(
    'pipeline_trigger',
    {
      project_id: 'text',
      pipeline: 'text',
      id: 'text',
      trigger: 'json',
      event: 'text?',
      since: 'int',
      next_at: 'millis?',
    },
    ['project_id', 'pipeline', 'id'],
  )
  await createIndex('pipeline_trigger_next', 'pipeline_trigger', ['next_at'], { where: 'next_at is not null' })
  await createTable(
    'pipeline_trigger_fire',
    { project_id: 'text', pipeline: 'text', trigger_id: 'text', ref: 'text', run_id: 'text', at: 'millis' },
    ['project_id', 'pipeline', 'trigger_id', 'ref'],
  )
}
