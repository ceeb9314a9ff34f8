import { sql } from 'kysely'
import type { Migration } from '../../../platform/db/migrate.ts'
import type { MigrationContext } from '../../../platform/db/columns.ts'

/** How many characters of a value an index holds; PostgreSQL refuses index rows above 2.7 kB. */
const head = 'substr(value, 1, 200)'

export const experimentMigrations: Migration[] = [
  {
    name: '2026-11-21-experiment',
    async up(context) {
      await experiments(context)
      await runs(context)
      await metrics(context)
      await datasets(context)
    },
  },
  {
    name: '2026-11-21-logged-model',
    up: loggedModels,
  },
]

async function experiments({ db, createCountedTable, createTable, createIndex }: MigrationContext): Promise<void> {
  await createCountedTable('experiment', {
    project_id: 'text',
    name: 'text',
    artifact_location: 'text',
    lifecycle: 'text',
    created_at: 'millis',
    updated_at: 'millis',
  })
  await createIndex('experiment_name', 'experiment', ['project_id', 'name'], { unique: true })
  await createIndex('experiment_newest', 'experiment', ['project_id', 'lifecycle', 'created_at desc', 'id'])
  await createTable('experiment_tag', { experiment: 'int', key: 'text', value: 'text' }, ['experiment', 'key'])
  await sql`insert into experiment (id, project_id, name, artifact_location, lifecycle, created_at, updated_at)
    values (0, 'default', 'Default', 'mlflow-artifacts:/0', 'active', 0, 0)`.execute(db)
}

async function runs({ createCountedTable, createTable, createIndex }: MigrationContext): Promise<void> {
  await createCountedTable('run', {
    run_id: 'text',
    project_id: 'text',
    experiment: 'int',
    name: 'text',
    user_name: 'text',
    status: 'text',
    lifecycle: 'text',
    start_time: 'millis',
    end_time: 'millis?',
    artifact_uri: 'text',
    attempt: 'text?',
  })
  await createIndex('run_run_id', 'run', ['run_id'], { unique: true })
  await createIndex('run_newest', 'run', ['experiment', 'lifecycle', 'start_time desc', 'run_id'])
  await createIndex('run_attempt', 'run', ['attempt'], { where: 'attempt is not null' })
  for (const table of ['run_param', 'run_tag']) {
    await createTable(table, { run: 'int', key: 'text', value: 'text' }, ['run', 'key'])
    await createIndex(`${table}_value`, table, ['key', head])
  }
  await createTable('run_model', { run: 'int', direction: 'text', model_id: 'text', step: 'int' }, [
    'run',
    'direction',
    'model_id',
  ])
}

/**
 * Metric points are clustered by (run, key, step), so that a history is one range. The key is the whole row: an
 * exact duplicate is dropped by it. On SQLite the table is its key's tree, which the vocabulary cannot say yet.
 */
async function metrics({ db, dialect, createTable, createIndex }: MigrationContext): Promise<void> {
  if (dialect === 'sqlite') {
    await sql`create table metric (run integer not null, key text not null, step integer not null,
      timestamp integer not null, value real not null, is_nan integer not null,
      primary key (run, key, step, timestamp, value, is_nan)) strict, without rowid`.execute(db)
    await sql`create table latest_metric (run integer not null, key text not null, value real not null,
      is_nan integer not null, timestamp integer not null, step integer not null,
      primary key (run, key)) strict, without rowid`.execute(db)
  } else {
    await createTable(
      'metric',
      { run: 'int', key: 'text', step: 'int', timestamp: 'millis', value: 'float', is_nan: 'flag' },
      ['run', 'key', 'step', 'timestamp', 'value', 'is_nan'],
    )
    await createTable(
      'latest_metric',
      { run: 'int', key: 'text', value: 'float', is_nan: 'flag', timestamp: 'millis', step: 'int' },
      ['run', 'key'],
    )
  }
  await createIndex('latest_metric_value', 'latest_metric', ['key', 'value'])
}

async function datasets({ createCountedTable, createTable, createIndex }: MigrationContext): Promise<void> {
  await createCountedTable('dataset', {
    experiment: 'int',
    name: 'text',
    digest: 'text',
    source_type: 'text',
    source: 'text',
    schema: 'text?',
    profile: 'text?',
  })
  await createIndex('dataset_identity', 'dataset', ['experiment', 'name', 'digest'], { unique: true })
  await createTable('run_dataset', { run: 'int', dataset: 'int', context: 'text?', tags: 'json' }, ['run', 'dataset'])
  await createIndex('run_dataset_dataset', 'run_dataset', ['dataset'])
}

async function loggedModels({ createCountedTable, createTable, createIndex }: MigrationContext): Promise<void> {
  await createCountedTable('logged_model', {
    model_id: 'text',
    project_id: 'text',
    experiment: 'int',
    name: 'text',
    model_type: 'text?',
    status: 'text',
    lifecycle: 'text',
    source_run: 'text?',
    source_attempt: 'text?',
    artifact_uri: 'text',
    tree: 'digest?',
    created_at: 'millis',
    updated_at: 'millis',
  })
  await createIndex('logged_model_model_id', 'logged_model', ['model_id'], { unique: true })
  await createIndex('logged_model_newest', 'logged_model', ['experiment', 'lifecycle', 'created_at desc', 'model_id'])
  await createIndex('logged_model_run', 'logged_model', ['source_run'], { where: 'source_run is not null' })
  await createIndex('logged_model_attempt', 'logged_model', ['source_attempt'], { where: 'source_attempt is not null' })
  for (const table of ['logged_model_param', 'logged_model_tag']) {
    await createTable(table, { model: 'int', key: 'text', value: 'text' }, ['model', 'key'])
    await createIndex(`${table}_value`, table, ['key', head])
  }
  await createTable(
    'logged_model_metric',
    {
      model: 'int',
      key: 'text',
      run_id: 'text',
      dataset_name: 'text',
      dataset_digest: 'text',
      step: 'int',
      timestamp: 'millis',
      value: 'float',
      is_nan: 'flag',
    },
    ['model', 'key', 'run_id', 'dataset_name', 'dataset_digest', 'step', 'timestamp', 'value', 'is_nan'],
  )
  await createIndex('logged_model_metric_value', 'logged_model_metric', ['key', 'value'])
}
