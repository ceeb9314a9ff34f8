import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Child, nextDelay } from './child.ts'
import { endProcess, isAlive, readRecord, startTimeOf, type ProcessRecord } from './process-record.ts'

const cli = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

let home: string
let running: ChildProcess[] = []

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ms-sup-'))
})
afterEach(async () => {
  await mainstay('down', '--home', home)
  for (const child of running) child.kill('SIGKILL')
  running = []
  await rm(home, { recursive: true, force: true })
})

interface Ended {
  code: number | null
  output: string
}

interface Started {
  child: ChildProcess
  output: () => string
  ended: Promise<Ended>
}

const start = (...args: string[]): Started => startWith({}, ...args)

function startWith(env: Record<string, string>, ...args: string[]): Started {
  const child = spawn(process.execPath, ['--import', 'tsx', cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  running.push(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return {
    child,
    output: () => output,
    ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, output }))),
  }
}

const mainstay = (...args: string[]): Promise<Ended> => start(...args).ended

async function until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (let i = 0; i < 600; i += 1) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited 30 s for ${what}`)
}

async function up(...more: string[]) {
  const started = start('up', '--home', home, '--port', '0', '--predict-port', '0', ...more)
  await until(
    `mainstay up: ${started.output()}`,
    () => started.output().includes('home  ') || started.child.exitCode !== null,
  )
  expect(started.output()).toContain('MLFLOW_TRACKING_URI=http://127.0.0.1:')
  return { ...started, url: /pages\s+(\S+)/.exec(started.output())?.[1] ?? '' }
}

const record = (name: string): Promise<ProcessRecord | undefined> => readRecord(join(home, 'run', `${name}.json`))
const living = async (name: string): Promise<ProcessRecord | undefined> => {
  const found = await record(name)
  return found && (await isAlive(found)) ? found : undefined
}
const supervisorPid = async (): Promise<number> => {
  const control = await until('control', () => living('control'))
  const stat = await readFile(`/proc/${control.pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

describe.sequential('mainstay up', { timeout: 60_000 }, () => {
  test('serves, restarts a killed control on its port, and down leaves nothing', async () => {
    const { url, ended } = await up()
    expect((await fetch(`${url}/healthz`)).ok).toBe(true)

    const before = await until('control', () => living('control'))
    process.kill(before.pid, 'SIGKILL')
    await until('the next control', async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok)
    const after = await until('its record', () => living('control'))
    expect(after.pid).not.toBe(before.pid)
    expect(after.port).toBe(before.port)

    const plane = await record('plane-r1')
    expect((await mainstay('down', '--home', home)).output).toContain('ended everything')
    expect((await ended).code).toBe(0)
    for (const ended of [after, plane]) if (ended) expect(await isAlive(ended)).toBe(false)
    expect(existsSync(join(home, 'run', 'supervisor.sock'))).toBe(false)
  })

  test('a second up on the same home is refused and disturbs nothing', async () => {
    const { url } = await up()
    const second = await mainstay('up', '--home', home, '--port', '0', '--predict-port', '0')
    expect(second.code).toBe(1)
    expect(second.output).toContain('another Mainstay runs on')
    expect(second.output).toContain('mainstay down')
    expect((await fetch(`${url}/healthz`)).ok).toBe(true)
  })

  test('a port in use is refused by name', async () => {
    const { url } = await up()
    const other = await mkdtemp(join(tmpdir(), 'ms-sup-'))
    const second = await mainstay('up', '--home', other, '--port', new URL(url).port, '--predict-port', '0')
    expect(second).toMatchObject({ code: 1 })
    expect(second.output).toContain('is used by another program')
    await rm(other, { recursive: true, force: true })
  })

  test('a database that cannot be reached is said in a sentence, with what to do', async () => {
    const url = 'postgres://mainstay:secret@127.0.0.1:1/mainstay'
    const ports = ['--port', '0', '--predict-port', '0']
    const { code, output } = await startWith({ MAINSTAY_DATABASE_URL: url }, 'up', '--home', home, ...ports).ended
    expect(code).toBe(1)
    expect(output).toContain('PostgreSQL at 127.0.0.1:1 cannot be used: connect ECONNREFUSED')
    expect(output).toContain('Start PostgreSQL, or correct MAINSTAY_DATABASE_URL.')
    expect(output).not.toMatch(/secret|at async/)
  })

  test('SIGTERM ends everything in order', async () => {
    const { child, ended } = await up()
    const control = await until('control', () => living('control'))
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    expect(await isAlive(control)).toBe(false)
  })

  test('the data plane outlives a killed supervisor, and the next up adopts it', async () => {
    await up()
    const plane = await until('plane', () => living('plane-r1'))
    const control = await until('control', () => living('control'))
    process.kill(await supervisorPid(), 'SIGKILL')
    await until('control to end by itself', async () => !(await isAlive(control)))
    expect(await isAlive(plane)).toBe(true)

    await up()
    expect(await living('plane-r1')).toEqual(plane)
    const doctor = await mainstay('doctor', '--home', home)
    expect(doctor.output).toContain(`plane-r1 (pid ${plane.pid})`)
    expect(doctor.output).toContain(`http://127.0.0.1:${(await living('control'))?.port}, version`)
  })

  test('down ends a data plane whose supervisor is dead', async () => {
    await up()
    const plane = await until('plane', () => living('plane-r1'))
    process.kill(await supervisorPid(), 'SIGKILL')
    await until('the supervisor to end', async () => !(await living('control')))
    expect((await mainstay('down', '--home', home)).output).toContain('plane-r1')
    expect(await isAlive(plane)).toBe(false)
  })
})

test('a reused pid is not mistaken for the process that was noted', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
  const pid = child.pid ?? 0
  const startTime = (await startTimeOf(pid)) ?? ''
  expect(await isAlive({ pid, startTime })).toBe(true)
  expect(await isAlive({ pid, startTime: '1' })).toBe(false)
  await endProcess({ pid, startTime: '1' })
  expect(await isAlive({ pid, startTime })).toBe(true)
  await endProcess({ pid, startTime })
  expect(await startTimeOf(pid)).toBeUndefined()
})

test('the delay before a restart doubles to ten seconds and begins anew after a long life', () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7].reduce<number[]>((all) => [...all, nextDelay(all.at(-1) ?? 0, 100)], [])
  expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
  expect(nextDelay(10_000, 30_000)).toBe(200)
})

test('a process that runs and has stopped to answer is ended and started again', async () => {
  const answers = join(home, 'answers')
  const told: string[] = []
  const child = new Child(
    {
      name: 'a process',
      command: ['-e', `setInterval(() => require('node:fs').writeFileSync(${JSON.stringify(answers)}, ''), 10)`],
      env: process.env,
      log: join(home, 'log'),
      record: join(home, 'record.json'),
      port: 0,
      isTied: false,
      nice: 0,
      isReady: () => Promise.resolve(existsSync(answers)),
      async answers() {
        await rm(answers, { force: true })
        await new Promise((resolve) => setTimeout(resolve, 300))
        return existsSync(answers)
      },
      onRestart: (why) => told.push(why),
      onHang: () => told.push('hangs'),
      onUnnoted: (why) => told.push(why),
    },
    { askEveryMs: 50, unanswered: 3 },
  )
  await child.start()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const { pid } = child.describe()
  expect(told).toEqual([])
  process.kill(pid ?? 0, 'SIGSTOP')
  await until('another process', () => told.length === 2 && child.describe().pid !== pid)
  expect(told).toEqual(['hangs', 'SIGKILL'])
  await child.stop()
})
