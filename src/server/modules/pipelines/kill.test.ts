import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { crashPoints, type CrashPoint } from '../../platform/compute/crash-point.ts'
import { processesByVariable, sweep } from '../../platform/compute/procfs.ts'

/** A real control process is killed at each point, started again and drained. */
const src = resolve(fileURLToPath(import.meta.url), '../../../..')

const host = (mode: string): string => `
import { writeFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { compose } from '${src}/server/compose.ts'
import { readConfig } from '${src}/server/config/config.ts'
import { createLogger } from '${src}/server/platform/log.ts'
import { listEventsAfter } from '${src}/server/platform/events/outbox.ts'
import { cancelRun, retryRun } from '${src}/server/modules/pipelines/cancel.ts'
import { savePipeline } from '${src}/server/modules/pipelines/define.ts'
import { startRun } from '${src}/server/modules/pipelines/start.ts'
import { getRun, listRuns } from '${src}/server/modules/pipelines/views.ts'

const config = readConfig(process.env)
const control = await compose({ config, log: createLogger('host', 'error') })
const { ctx, pipelines } = control
pipelines.hooks.steps.unshift(
  { kind: 'check', prepare: () => Promise.resolve({ ready: 1 }), commit: () => Promise.resolve({ passed: true, outputs: {}, sentence: 'fine' }) },
  {
    kind: 'register',
    prepare: () => Promise.resolve({ ready: 1 }),
    commit: (ctx, node) => {
      ctx.emit({ type: 'test.registered', run: node.run } as never)
      return Promise.resolve({ passed: true, outputs: { version: 1 }, sentence: 'registered' })
    },
  },
)
const note = 'echo "$MAINSTAY_STEP" >> "$HOME/effects"'
const main = {
  steps: {
    first: { run: note + '; sleep 0.6; echo made > made', out: { made: { path: 'made' } } },
    side: { run: note },
    flaky: { run: note + '; test -e "$HOME/tried" || { touch "$HOME/tried"; exit 1; }', needs: ['first'], retry: { max: 1, backoff: '10ms' } },
    gate: { check: {}, needs: ['flaky', 'side'] },
    reg: { register: {}, needs: ['gate'] },
  },
}
const long = { steps: { long: { run: note + '; setsid sh -c \\'trap "" TERM; sleep 300\\' & trap "" TERM; sleep 300', grace: '200ms' }, after: { run: note, needs: ['long'] } } }
const broken = { steps: { ok: { run: note }, bad: { run: note + '; test -e "$HOME/mended"', needs: ['ok'] } } }
const next = { triggers: [{ event: 'pipelines.run_finished', match: { pipeline: 'main' } }], steps: { follow: { run: note } } }
const mode = '${mode}'
const definitions = { main, cancel: long, retry: broken }
await savePipeline(ctx, { name: 'main', definition: definitions[mode], codeTree: [] })
if (mode === 'main') await savePipeline(ctx, { name: 'next', definition: next, codeTree: [] })
await control.app.listen({ host: '127.0.0.1', port: 0 })
control.start()
const { id } = await startRun(ctx, { pipeline: 'main', params: {}, trigger: { kind: 'manual', ref: 'test' }, key: 'one' })
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (test) => { while (!(await test())) await sleep(20) }
const state = async () => await getRun(ctx, { run: id })
if (mode === 'cancel') {
  await until(async () => existsSync(join(process.env.HOME, 'effects')) || (await state()).ended_at)
  const { ended_at, sentence } = await state()
  if (ended_at === null && sentence === null) { await cancelRun(ctx, id); pipelines.runner.nudgeCancel() }
}
if (mode === 'retry') {
  await until(async () => (await state()).ended_at)
  writeFileSync(join(process.env.HOME, 'mended'), '')
  if ((await state()).state === 'failed') await retryRun(ctx, id)
}
const wanted = mode === 'main' ? 2 : 1
await until(async () => {
  const { items } = await listRuns(ctx, { limit: 100 })
  return items.length >= wanted && items.every((run) => run.ended_at !== null)
})
await sleep(100)
await until(() => control.dispatcher.isIdle())
const { items } = await listRuns(ctx, { limit: 100 })
const events = (await listEventsAfter(ctx.db, 0, 1000)).map(({ event }) => event)
writeFileSync(join(process.env.HOME, 'result.json'), JSON.stringify({ runs: items, run: await state(), events }))
await control[Symbol.asyncDispose]()
process.exit(0)
`

interface Result {
  runs: { pipeline: string; state: string }[]
  run: { state: string; nodes: { name: string; state: string; attempts: { state: string }[] }[] }
  events: { type: string; node?: string }[]
}

function runHost(
  home: string,
  point: CrashPoint | undefined,
): Promise<{ code: number | null; signal: string | null; said: string }> {
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    TMPDIR: home,
    MAINSTAY_HOME: home,
    MAINSTAY_PORT: '0',
    MAINSTAY_CRASH_POINT: point,
  }
  const child = spawn(process.execPath, ['--import', 'tsx', join(home, 'host.ts')], {
    cwd: resolve(src, '..'),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const timer = setTimeout(() => child.kill('SIGKILL'), 40_000)
  return new Promise((done) => {
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      done({ code, signal, said })
    })
  })
}

const modes: Record<string, string> = { cancel: 'cancel', kill: 'cancel', restart: 'retry' }
const expected: Record<string, { state: string; effects: string[]; states: Record<string, string> }> = {
  main: {
    state: 'succeeded',
    effects: ['first', 'flaky', 'flaky', 'follow', 'side'],
    states: { first: 'succeeded', side: 'succeeded', flaky: 'succeeded', gate: 'succeeded', reg: 'succeeded' },
  },
  cancel: { state: 'cancelled', effects: ['long'], states: { long: 'cancelled', after: 'cancelled' } },
  retry: { state: 'succeeded', effects: ['bad', 'bad', 'ok'], states: { ok: 'succeeded', bad: 'succeeded' } },
}

const count = (items: readonly string[]): Record<string, number> =>
  items.reduce<Record<string, number>>((sum, item) => ({ ...sum, [item]: (sum[item] ?? 0) + 1 }), {})

/** A test that fails leaves nothing of its own behind either. */
const homes: string[] = []
afterAll(async () => {
  await sweep('HOME', new Set(homes))
  for (const home of homes) await rm(home, { recursive: true, force: true })
})

async function orphansOf(home: string): Promise<number[]> {
  const found = await processesByVariable('HOME')
  return (found.get(home) ?? []).filter((pid) => pid !== process.pid)
}

describe.concurrent('a control process killed at', () => {
  test.each([undefined, ...crashPoints])(
    '%s leaves one result per node, no effect twice and no process',
    { timeout: 120_000 },
    async (point) => {
      const home = await mkdtemp(join(tmpdir(), 'mainstay-kill-'))
      homes.push(home)
      const mode = modes[point?.split('.')[1] ?? ''] ?? 'main'
      const wanted = expected[mode]
      await mkdir(home, { recursive: true })
      await writeFile(join(home, 'host.ts'), host(mode))
      await writeFile(join(home, 'package.json'), '{"type":"module"}')

      const first = await runHost(home, point)
      if (point !== undefined) expect(first, first.said).toMatchObject({ signal: 'SIGKILL' })
      if (!existsSync(join(home, 'result.json'))) {
        const second = await runHost(home, undefined)
        expect(second, second.said).toMatchObject({ code: 0 })
      }

      const { run, runs, events } = JSON.parse(await readFile(join(home, 'result.json'), 'utf8')) as Result
      expect(run.state).toBe(wanted?.state)
      expect(Object.fromEntries(run.nodes.map(({ name, state }) => [name, state]))).toEqual(wanted?.states)
      expect((await readFile(join(home, 'effects'), 'utf8')).trim().split('\n').toSorted()).toEqual(wanted?.effects)
      expect(runs.map(({ pipeline }) => pipeline).toSorted()).toEqual(mode === 'main' ? ['main', 'next'] : ['main'])
      expect(run.nodes.flatMap(({ attempts }) => attempts).filter(({ state }) => state !== 'ended')).toEqual([])
      if (mode === 'main') {
        expect(events.filter(({ type }) => type === 'test.registered')).toHaveLength(1)
        const finished = events.flatMap(({ type, node }) =>
          type === 'pipelines.node_finished' && node !== undefined ? [node] : [],
        )
        expect(count(finished)).toEqual({ first: 1, side: 1, flaky: 1, gate: 1, reg: 1, follow: 1 })
      }
      expect(await orphansOf(home)).toEqual([])
    },
  )
})
