import { sql } from 'kysely'
import type { Migration } from '../../../platform/db/migrate.ts'

/** What endpoints served before there were holds is held too. */
export const holdMigrations: Migration[] = [
  {
    name: '2026-11-21-serving-holds',
    async up({ db }) {
      await sql`
        insert into version_hold (version, holder)
        select distinct model_version.id, 'endpoint ' || endpoint_variant.endpoint
        from endpoint_variant
        join registered_model on registered_model.name = endpoint_variant.model
        join model_version on model_version.model = registered_model.id
          and model_version.version = endpoint_variant.version`.execute(db)
    },
  },
]
