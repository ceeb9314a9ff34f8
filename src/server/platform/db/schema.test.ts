import { sql } from 'kysely'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, type Stack } from '../../../testkit/stack.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack({ running: false })
})
afterAll(() => stack[Symbol.asyncDispose]())

async function sqliteSchema(): Promise<string[]> {
  const { rows } = await sql<{
    sql: string
  }>`select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by tbl_name, type desc, name`.execute(
    stack.ctx.db,
  )
  return rows.map((row) => `${row.sql};`)
}

async function postgresSchema(): Promise<string[]> {
  const { rows: columns } = await sql<{ line: string }>`
    select table_name || '.' || column_name || ' ' || data_type || coalesce(' collate ' || collation_name, '') || case is_nullable when 'NO' then ' not null' else '' end as line
    from information_schema.columns where table_schema = current_schema() order by table_name, ordinal_position`.execute(
    stack.ctx.db,
  )
  const { rows: indexes } = await sql<{ line: string }>`
    select replace(indexdef, current_schema() || '.', '') as line from pg_indexes where schemaname = current_schema() order by tablename, indexname`.execute(
    stack.ctx.db,
  )
  return [...columns, ...indexes].map((row) => row.line)
}

/** What the migrations make of each dialect is checked in, so that a change of schema is seen in review. */
test('the schema is the one that is checked in', async () => {
  const found = stack.ctx.dialect === 'sqlite' ? await sqliteSchema() : await postgresSchema()
  const file = fileURLToPath(new URL(`schema.${stack.ctx.dialect}.sql`, import.meta.url))
  const text = `${found.join('\n')}\n`
  if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(file, text)
  expect(existsSync(file) ? readFileSync(file, 'utf8') : 'run the test with UPDATE_SCHEMA=1 to write it').toBe(text)
})
