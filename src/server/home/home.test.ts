import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyAudit } from '../../contract/audit.ts'
import { listExperiments } from '../../contract/experiments.ts'
import { createToken } from '../../contract/identity.ts'
import { startStack, type Stack } from '../../testkit/stack.ts'
import { readConfig } from '../config/config.ts'
import { backup } from './backup.ts'
import { restore } from './restore.ts'

let folder: string
let stacks: Stack[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ms-home-'))
})
afterEach(async () => {
  for (const stack of stacks) await stack[Symbol.asyncDispose]()
  stacks = []
  await rm(folder, { recursive: true, force: true })
})

const quiet = (): void => undefined
const place = (name: string): string => join(folder, name)
const envOf = (home: string) => ({ MAINSTAY_HOME: home, MAINSTAY_DATABASE_URL: `sqlite:${join(home, 'mainstay.db')}` })
const configOf = (home: string) => readConfig(envOf(home))

async function stackOn(home: string): Promise<Stack> {
  await mkdir(home, { recursive: true })
  const stack = await startStack({ env: envOf(home) })
  stacks.push(stack)
  return stack
}

async function addExperiment(stack: Stack, name: string): Promise<void> {
  const answer = await stack.control.app.inject({
    method: 'POST',
    url: '/api/2.0/mlflow/experiments/create',
    headers: { host: 'localhost' },
    payload: { name },
  })
  expect(answer.statusCode).toBe(200)
}

const namesIn = async (stack: Stack): Promise<string[]> =>
  (await stack.call(listExperiments, { limit: 500 })).items.map(({ name }) => name)

test('a backup of a home in use holds all that was acknowledged before it began, and becomes a home', async () => {
  const stack = await stackOn(place('home'))
  const { digest } = await stack.ctx.blobs.putBytes('a model')
  await stack.call(createToken, { name: 'ci', role: 'viewer' })
  await mkdir(place('home/spool/r1'), { recursive: true })
  await writeFile(place('home/spool/r1/0001.open'), 'rows')
  for (let i = 0; i < 5; i += 1) await addExperiment(stack, `before-${i}`)

  let isOver = false
  const writing = (async () => {
    for (let i = 0; !isOver; i += 1) await addExperiment(stack, `meanwhile-${i}`)
  })()
  const { objects } = await backup(configOf(place('home')), place('copy'), quiet)
  isOver = true
  await writing
  expect(objects).toBe(1)

  await restore(place('copy'), place('other'), quiet)
  const restored = await stackOn(place('other'))
  const names = await namesIn(restored)
  for (let i = 0; i < 5; i += 1) expect(names).toContain(`before-${i}`)
  expect((await restored.ctx.blobs.read(digest)).toString()).toBe('a model')
  expect(await readdir(place('other/spool/r1'))).toEqual(['0001.open'])
  expect(await restored.call(verifyAudit, {})).toMatchObject({ intact: true })
})

test('the same folder again takes what is new and lets go of segments that are in the log by now', async () => {
  const stack = await stackOn(place('home'))
  await mkdir(place('home/spool/r1'), { recursive: true })
  await writeFile(place('home/spool/r1/0001.seg'), 'rows')
  await backup(configOf(place('home')), place('copy'), quiet)
  await rm(place('home/spool/r1/0001.seg'))
  await addExperiment(stack, 'later')
  await stack.ctx.blobs.putBytes('another model')
  expect(await backup(configOf(place('home')), place('copy'), quiet)).toMatchObject({ objects: 1 })
  expect(existsSync(place('copy/spool/r1/0001.seg'))).toBe(false)

  await restore(place('copy'), place('other'), quiet)
  const restored = await stackOn(place('other'))
  expect(await namesIn(restored)).toContain('later')
})

test('what is no whole and sound backup becomes no home', async () => {
  const stack = await stackOn(place('home'))
  const { digest } = await stack.ctx.blobs.putBytes('a model')
  await backup(configOf(place('home')), place('copy'), quiet)

  await writeFile(place(`copy/objects/${digest.slice(0, 2)}/${digest}`), 'a modex')
  await expect(restore(place('copy'), place('other'), quiet)).rejects.toMatchObject({ code: 'home.damaged' })
  await rm(place(`copy/objects/${digest.slice(0, 2)}/${digest}`))
  await expect(restore(place('copy'), place('other'), quiet)).rejects.toMatchObject({ code: 'home.damaged' })
  await writeFile(place('copy/mainstay.db'), 'not a database')
  await expect(restore(place('copy'), place('other'), quiet)).rejects.toMatchObject({ code: 'home.damaged' })
  await rm(place('copy/backup.json'))
  await expect(restore(place('copy'), place('other'), quiet)).rejects.toMatchObject({ code: 'home.not_a_backup' })
  expect(existsSync(place('other'))).toBe(false)
})

test('nothing is written over', async () => {
  await stackOn(place('home'))
  const config = configOf(place('home'))
  await mkdir(place('full'))
  await writeFile(place('full/thesis.txt'), 'years of work')
  const refused = { code: 'home.target_in_use' }
  await expect(backup(config, place('full'), quiet)).rejects.toMatchObject(refused)
  await expect(backup(config, place('home/objects/copy'), quiet)).rejects.toMatchObject(refused)
  await backup(config, place('copy'), quiet)
  await expect(restore(place('copy'), place('full'), quiet)).rejects.toMatchObject(refused)
  await expect(backup(configOf(place('full')), place('new'), quiet)).rejects.toMatchObject({ code: 'home.not_found' })
  const elsewhere = { ...config, database: 'postgres://db/mainstay' }
  await expect(backup(elsewhere, place('new'), quiet)).rejects.toMatchObject({ code: 'home.records_elsewhere' })
  expect(await readdir(place('full'))).toEqual(['thesis.txt'])
})

test('a home whose database is gone or damaged does not begin anew without a word', async () => {
  const stack = await stackOn(place('home'))
  await stack.ctx.blobs.putBytes('a model')
  await stack[Symbol.asyncDispose]()
  stacks = []
  const damaged = { code: 'platform.database_damaged' }
  for (const [name, text] of Object.entries({ noise: 'no database at all '.repeat(100), empty: '' })) {
    await cp(place('home/objects'), place(`${name}/objects`), { recursive: true })
    await writeFile(place(`${name}/mainstay.db`), text)
    await expect(stackOn(place(name))).rejects.toMatchObject(damaged)
  }
  await rm(place('empty/objects'), { recursive: true })
  expect(await namesIn(await stackOn(place('empty')))).toEqual(['Default'])
})

test('the one file of a database that was closed holds all of it', async () => {
  const stack = await stackOn(place('home'))
  await addExperiment(stack, 'last')
  await stack[Symbol.asyncDispose]()
  stacks = []
  await mkdir(place('copy'))
  await cp(place('home/mainstay.db'), place('copy/mainstay.db'))
  expect(await namesIn(await stackOn(place('copy')))).toContain('last')
})
