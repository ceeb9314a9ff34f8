import { sql } from 'kysely'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { Database } from './db.ts'
import { migrate, type Migration } from './migrate.ts'

const table = (name: string): Migration['up'] => {
  return async ({ createTable }) => await createTable(name, { id: 'text' }, ['id'])
}

test('a start that ends between two migrations leaves nothing behind, and the next one makes all of them', async () => {
  const log = pino({ level: 'silent' })
  const database = await Database.open('sqlite::memory:', { clock: systemClock, log, synchronous: 'normal' })
  const first = { name: '1-first', up: table('first') }
  const killed = { name: '2-second', up: () => Promise.reject(new Error('killed')) }
  await expect(migrate(database, [first, killed])).rejects.toThrow('killed')
  await migrate(database, [first, { name: '2-second', up: table('second') }])
  const { rows } = await sql<{
    name: string
  }>`select name from sqlite_master where name in ('first', 'second')`.execute(database.db)
  expect(rows).toHaveLength(2)
})
