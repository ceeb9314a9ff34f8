import {
  sql,
  type ColumnDataType,
  type ColumnDefinitionBuilder,
  type CreateTableBuilder,
  type Kysely,
  type RawBuilder,
} from 'kysely'
import type { Tables } from './tables.ts'

export type Dialect = 'sqlite' | 'postgres'

/** The only vocabulary of columns. What is not here is not stored. */
const types = {
  /** Ids, names, free text; byte order on both dialects. */
  text: { sqlite: 'text', postgres: sql`text collate "C"` },
  /** JSON as text, parsed by zod in the row mapper. */
  json: { sqlite: 'text', postgres: 'text' },
  /** sha256 of an object, 64 hexadecimal digits. */
  digest: { sqlite: 'text', postgres: sql`text collate "C"` },
  int: { sqlite: 'integer', postgres: 'bigint' },
  /** Milliseconds UTC. */
  millis: { sqlite: 'integer', postgres: 'bigint' },
  /** 0 or 1 on both, so that no codec is needed. */
  flag: { sqlite: 'integer', postgres: 'integer' },
  float: { sqlite: 'real', postgres: 'double precision' },
  blob: { sqlite: 'blob', postgres: 'bytea' },
} satisfies Record<string, Record<Dialect, ColumnDataType | RawBuilder<unknown>>>

export type ColumnType = keyof typeof types
type Refine = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder

export interface MigrationContext {
  db: Kysely<Tables>
  dialect: Dialect
  /**
   * Creates a table (STRICT on SQLite). A column is `type` (not null) or `type?` (nullable);
   * `key` is its primary key.
   */
  createTable(
    name: string,
    columns: Record<string, ColumnType | `${ColumnType}?`>,
    key: readonly string[],
  ): Promise<void>
  /** A table whose `id` counts up by itself. */
  createCountedTable(name: string, columns: Record<string, ColumnType | `${ColumnType}?`>): Promise<void>
  /** Adds a column that is never null; rows that exist get the value. */
  addColumn(table: string, name: string, type: ColumnType, value: number | string): Promise<void>
  createIndex(
    name: string,
    table: string,
    columns: readonly string[],
    options?: { unique?: boolean; where?: string },
  ): Promise<void>
}

export function migrationContext(db: Kysely<Tables>, dialect: Dialect): MigrationContext {
  const add = (
    builder: CreateTableBuilder<string, string>,
    columns: Record<string, ColumnType | `${ColumnType}?`>,
  ): CreateTableBuilder<string, string> => {
    for (const [name, spec] of Object.entries(columns)) {
      const nullable = spec.endsWith('?')
      const type = types[(nullable ? spec.slice(0, -1) : spec) as ColumnType][dialect] as ColumnDataType
      const refine: Refine = (column) => (nullable ? column : column.notNull())
      builder = builder.addColumn(name, type, refine)
    }
    return builder
  }
  const strict = (builder: CreateTableBuilder<string, string>) =>
    dialect === 'sqlite' ? builder.modifyEnd(sql`strict`) : builder
  return {
    db,
    dialect,
    async createTable(name, columns, key) {
      const builder = add(db.schema.createTable(name), columns)
      await strict(builder.addPrimaryKeyConstraint(`${name}_pk`, [...key])).execute()
    },
    async createCountedTable(name, columns) {
      const first = db.schema.createTable(name) as CreateTableBuilder<string, string>
      const counted =
        dialect === 'sqlite'
          ? first.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
          : first.addColumn('id', 'bigserial', (column) => column.primaryKey())
      await strict(add(counted, columns)).execute()
    },
    async addColumn(table, name, type, value) {
      const made = types[type][dialect] as ColumnDataType
      await db.schema
        .alterTable(table)
        .addColumn(name, made, (column) => column.notNull().defaultTo(value))
        .execute()
    },
    async createIndex(name, table, columns, options = {}) {
      const unique = options.unique === true ? sql`unique ` : sql``
      const where = options.where === undefined ? sql`` : sql` where ${sql.raw(options.where)}`
      await sql`create ${unique}index ${sql.id(name)} on ${sql.table(table)} (${sql.join(columns.map((column) => sql.raw(column)))})${where}`.execute(
        db,
      )
    },
  }
}
