import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { complaints, rotate } from './logs.ts'

let folder: string
let log: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ms-logs-'))
  log = join(folder, 'control.log')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a log that has grown is cut while its process goes on writing to it', async () => {
  const file = openSync(log, 'a')
  writeSync(file, 'x'.repeat(50))
  await rotate(log, 100)
  expect(await readFile(log, 'utf8')).toHaveLength(50)
  writeSync(file, 'y'.repeat(100))
  await rotate(log, 100)
  writeSync(file, 'later')
  closeSync(file)
  expect(await readFile(log, 'utf8')).toBe('later')
  expect(await readFile(`${log}.1`, 'utf8')).toHaveLength(150)
})

test('a log that cannot be cut stays whole, and so does the one kept before', async () => {
  await writeFile(log, 'x'.repeat(150))
  await mkdir(`${log}.1`)
  await expect(rotate(log, 100)).rejects.toThrow()
  expect(await readFile(log, 'utf8')).toHaveLength(150)
  expect((await readdir(folder)).toSorted()).toEqual(['control.log', 'control.log.1'])
})

test('of a log only what is new and bad is told, in words', async () => {
  const line = (level: number, msg: string, more: object = {}) =>
    appendFileSync(log, `${JSON.stringify({ level, msg, ...more })}\n`)
  line(60, 'of yesterday')
  const before = (await readFile(log)).length
  line(30, 'ready')
  line(50, 'request failed', { err: { message: 'no space left' } })
  appendFileSync(log, 'Error: out of memory\n')
  line(60, 'PostgreSQL is away', { next: 'Start it.' })
  expect(await complaints(log, before)).toEqual([
    'request failed: no space left',
    'Error: out of memory',
    'PostgreSQL is away',
    'Start it.',
  ])
  expect(await complaints(join(folder, 'none.log'), 0)).toEqual([])
})
