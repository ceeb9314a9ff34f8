import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { expect, test } from 'vitest'
import { testDatabase } from '../../../testkit/stack.ts'

const program = fileURLToPath(new URL('../../main.ts', import.meta.url))
const server = process.env['MAINSTAY_TEST_DATABASE_URL']

/** A control process on its own, as the supervisor starts it. */
function startControl(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, said })),
  )
  const ready = new Promise<string>((resolve, reject) => {
    child.on('message', (message: { port: number }) => resolve(`http://127.0.0.1:${message.port}`))
    void ended.then(() => reject(new Error(said)))
  })
  return { child, ready, ended }
}

test.runIf(server !== undefined)(
  'control that loses its database ends at once, and works again when started again',
  { timeout: 60_000 },
  async () => {
    const database = await testDatabase()
    const home = await mkdtemp(join(tmpdir(), 'ms-pg-'))
    const url = new URL(database.url)
    url.searchParams.set('application_name', 'mainstay-that-loses')
    const env = { MAINSTAY_HOME: home, MAINSTAY_DATABASE_URL: url.href, MAINSTAY_PORT: '0' }

    const first = startControl(env)
    await first.ready
    const admin = new pg.Client({ connectionString: server })
    await admin.connect()
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mainstay-that-loses'",
    )
    await admin.end()
    const { code, said } = await first.ended
    expect(code).toBe(1)
    expect(said).toContain('terminating connection due to administrator command')

    const second = startControl(env)
    expect(await (await fetch(`${await second.ready}/readyz`)).json()).toEqual({ ready: true, missing: [] })
    second.child.kill('SIGTERM')
    expect((await second.ended).code).toBe(0)
    await database.drop()
    await rm(home, { recursive: true, force: true })
  },
)
