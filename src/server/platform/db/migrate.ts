import { Migrator, type Migration as KyselyMigration } from 'kysely'
import { migrationContext, type MigrationContext } from './columns.ts'
import type { Database } from './db.ts'

/** One forward step of the schema. Names sort by date; a released one is never edited. */
export interface Migration {
  name: string
  up(context: MigrationContext): Promise<void>
}

/** Brings the database to the newest schema; a failed step leaves it as it was. */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<void> {
  const byName: Record<string, KyselyMigration> = {}
  for (const migration of migrations) {
    byName[migration.name] = { up: (db) => migration.up(migrationContext(db, database.dialect)) }
  }
  const migrator = new Migrator({
    db: database.db,
    provider: { getMigrations: () => Promise.resolve(byName) },
    // Each module's migrations follow each other; those of two modules may come in either order.
    allowUnorderedMigrations: true,
    migrationTableName: 'schema_migration',
    migrationLockTableName: 'schema_migration_lock',
  })
  const { error } = await migrator.migrateToLatest()
  if (error instanceof Error) throw error
  if (error !== undefined) throw new Error('a migration failed', { cause: error })
}
