import type { Migration } from '../../../platform/db/migrate.ts'

export const artifactMigrations: Migration[] = [
  {
    name: '2026-11-21-artifact',
    async up({ createTable }) {
      await createTable(
        'artifact',
        { owner: 'text', project_id: 'text', path: 'text', digest: 'digest', size: 'int', updated_at: 'millis' },
        ['owner', 'path'],
      )
      await createTable(
        'artifact_tree',
        { digest: 'digest', project_id: 'text', files: 'int', size: 'int', created_at: 'millis' },
        ['digest'],
      )
      await createTable('artifact_freeze', { owner: 'text', project_id: 'text', tree: 'digest', frozen_at: 'millis' }, [
        'owner',
      ])
    },
  },
]
