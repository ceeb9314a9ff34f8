import { afterAll, beforeAll, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import * as api from '../../../contract/pipelines.ts'
import type { Output } from '../../../contract/endpoint.ts'
import { listExperiments } from '../../../contract/experiments.ts'
import { listAudit } from '../../../contract/audit.ts'
import { startStack, TestClock, type Stack } from '../../../testkit/stack.ts'
import { processesByVariable } from '../../platform/compute/procfs.ts'
import { audit } from '../audit/module.ts'
import { claimNodes, finishAttempt } from './attempt.ts'
import { Leases } from './lease.ts'
import { ownHooks, PipelineRunner, savePipeline } from './module.ts'
import { listReadyCommands } from './queries/runs.ts'
import { fireDue } from './triggers.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack({ env: { MAINSTAY_STEP_CONCURRENCY: '4' } })
})
afterAll(async () => {
  for (const one of [...idle, stack]) await one[Symbol.asyncDispose]()
})

const idle: Stack[] = []
/** A server of its own whose runner does nothing by itself. */
async function idleStack(clock?: TestClock): Promise<Stack> {
  const made = await startStack({ running: false, ...(clock ? { clock } : {}) })
  idle.push(made)
  return made
}

async function save(name: string, definition: unknown, files: Record<string, string> = {}): Promise<void> {
  const codeTree = []
  for (const [path, text] of Object.entries(files)) {
    codeTree.push({ path, mode: 0o644, ...(await stack.ctx.blobs.putBytes(text)) })
  }
  await savePipeline(stack.ctx, { name, definition, codeTree })
}

type Run = Output<typeof api.getRun>

async function untilEnded(run: string, ms = 60_000): Promise<Run> {
  const end = Date.now() + ms
  for (;;) {
    const found = await stack.call(api.getRun, { run })
    if (found.ended_at !== null) return found
    if (Date.now() > end) throw new Error(`still ${found.state}: ${JSON.stringify(found.nodes)}`)
    await sleep(20)
  }
}

async function runOf(name: string, params: Record<string, string> = {}): Promise<Run> {
  const { id } = await stack.call(api.startRun, { name, params })
  return await untilEnded(id)
}

const nodeOf = (run: Run, name: string) => {
  const node = run.nodes.find((node) => node.name === name)
  if (!node) throw new Error(`no node ${name}`)
  return node
}

test('steps run in the order of their data, with the stored code as their folder', async () => {
  await save(
    'chain',
    {
      params: { who: 'world' },
      steps: {
        make: {
          run: 'sh make.sh ${{ params.who }}',
          in: { text: { file: 'data.txt' } },
          out: { made: { path: 'out.txt' } },
        },
        use: { run: 'cat inputs/made.txt', in: { made: { artifact: 'make.made' } } },
      },
    },
    { 'make.sh': 'echo "hello $1 and $MAINSTAY_PARAM_WHO from $(cat inputs/text.txt)" > out.txt', 'data.txt': 'afar' },
  )
  const run = await runOf('chain')
  expect(run).toMatchObject({ state: 'succeeded' })
  expect(run.edges).toEqual([{ from: 'make', to: 'use' }])
  const log = await stack.call(api.readLog, { run: run.id, node: 'use' })
  expect(log).toMatchObject({ text: 'hello world and world from afar\n', ended: true })
})

test('the same work is taken from the cache, and every miss is explained by its fields', async () => {
  const definition = (command: string) => ({
    params: { lr: 1, other: 1 },
    steps: { train: { run: command, params: ['lr'], out: { model: { path: 'model' } } }, free: { run: 'true' } },
  })
  await save('cached', definition('echo ${{ params.lr }} > model'))
  const first = await runOf('cached')
  expect(nodeOf(first, 'train').state).toBe('succeeded')
  expect(await stack.call(api.why, { run: first.id, node: 'train' })).toMatchObject({
    verdict: 'miss',
    compared_with: null,
  })

  const second = await runOf('cached', { other: '2' })
  expect(nodeOf(second, 'train')).toMatchObject({ state: 'cached', outputs: nodeOf(first, 'train').outputs })
  expect(nodeOf(second, 'free').state).toBe('succeeded')
  const hit = await stack.call(api.why, { run: second.id, node: 'train' })
  expect(hit).toMatchObject({ verdict: 'hit', compared_with: { run: first.id, node: 'train' } })
  expect(hit.fields.every(({ same }) => same)).toBe(true)

  await save('cached', definition('echo ${{ params.lr }}  > model'), { 'new.py': '' })
  const third = await runOf('cached', { lr: '2' })
  const miss = await stack.call(api.why, { run: third.id, node: 'train' })
  expect(miss).toMatchObject({ verdict: 'miss', sentence: 'changed: code (new.py), command, params.lr' })
  expect(await stack.call(api.why, { run: third.id, node: 'free' })).toMatchObject({ verdict: 'off' })
})

test('independent steps run at the same time', async () => {
  const meet = (other: string) =>
    `touch "$HOME/.ms_$MAINSTAY_RUN.$MAINSTAY_STEP"; for i in $(seq 200); do test -e "$HOME/.ms_$MAINSTAY_RUN.${other}" && exit 0; sleep 0.05; done; exit 1`
  const clean = { run: 'rm -f "$HOME"/.ms_$MAINSTAY_RUN.*', needs: ['a', 'b'] }
  await save('meet', { steps: { a: { run: meet('b') }, b: { run: meet('a') }, clean } })
  expect(await runOf('meet')).toMatchObject({ state: 'succeeded' })
})

test('a step is tried again as often as it says; what depends on a failure is skipped, the rest goes on', async () => {
  await save('failing', {
    steps: {
      bad: { run: 'echo try; exit 9', retry: { max: 2, backoff: '5ms' } },
      after: { run: 'true', needs: ['bad'] },
      last: { run: 'true', needs: ['after', 'beside'] },
      beside: { run: 'true' },
    },
  })
  const run = await runOf('failing')
  expect(run).toMatchObject({ state: 'failed', sentence: 'bad: exit code 9' })
  expect(nodeOf(run, 'bad').attempts.map(({ number, reason, exit_code }) => [number, reason, exit_code])).toEqual([
    [1, 'failed', 9],
    [2, 'failed', 9],
    [3, 'failed', 9],
  ])
  for (const name of ['after', 'last'])
    expect(nodeOf(run, name)).toMatchObject({ state: 'skipped', sentence: 'bad failed' })
  expect(nodeOf(run, 'beside').state).toBe('succeeded')
  expect((await stack.call(api.readLog, { run: run.id, node: 'bad', attempt: 1 })).text).toBe('try\n')
})

test('a step that takes too long is ended with its children', async () => {
  await save('slow', { steps: { slow: { run: 'setsid sleep 100 & sleep 100', timeout: '300ms', grace: '100ms' } } })
  const run = await runOf('slow')
  expect(run).toMatchObject({ state: 'failed', sentence: 'slow: did not end within 300ms' })
  expect(nodeOf(run, 'slow').attempts[0]?.reason).toBe('timeout')
})

test('a declared output that is missing fails the step by name', async () => {
  await save('empty', { steps: { a: { run: 'true', out: { table: { path: 'out/x.csv' } } } } })
  expect(await runOf('empty')).toMatchObject({ sentence: 'a: out.table: the step did not write out/x.csv' })
})

test('a run that is cancelled leaves no process and cannot be cancelled again; retry completes it', async () => {
  await save('long', {
    steps: {
      one: {
        run: 'test -e "$MAINSTAY_CHECKPOINT_DIR/seen" && exit 0; touch "$MAINSTAY_CHECKPOINT_DIR/seen"; sleep 100',
      },
      two: { run: 'true', needs: ['one'] },
    },
  })
  const { id } = await stack.call(api.startRun, { name: 'long' })
  const started = async () => (await stack.call(api.getRun, { run: id })).nodes[0]?.attempts[0]?.pid ?? null
  for (let i = 0; i < 200 && (await started()) === null; i += 1) await sleep(20)
  expect(await stack.call(api.why, { run: id, node: 'two' })).toMatchObject({ sentence: 'waits for one (running)' })
  await stack.call(api.cancelRun, { run: id })
  expect(await untilEnded(id)).toMatchObject({ state: 'cancelled' })
  expect((await processesByVariable('MAINSTAY_RUN')).get(id) ?? []).toEqual([])
  await expect(stack.call(api.cancelRun, { run: id })).rejects.toMatchObject({ code: 'pipelines.not_cancellable' })

  await stack.call(api.retryRun, { run: id })
  expect(await untilEnded(id)).toMatchObject({ state: 'succeeded' })
  await expect(stack.call(api.retryRun, { run: id })).rejects.toMatchObject({ code: 'pipelines.not_retryable' })
})

test('runs of a pipeline wait for each other, and one key starts one run', async () => {
  await save('single', { steps: { a: { run: 'sleep 0.2' } } })
  const started = await Promise.all(
    ['x', 'x', 'x', 'y'].map((key) => stack.call(api.startRun, { name: 'single', key })),
  )
  const ids = [...new Set(started.map(({ id }) => id))]
  expect(ids).toHaveLength(2)
  expect(started.map(({ state }) => state)).toContain('queued')
  const [one, two] = await Promise.all(ids.map((id) => untilEnded(id)))
  const [first, second] = [one, two].toSorted((a, b) => (a?.started_at ?? 0) - (b?.started_at ?? 0))
  expect(second?.started_at).toBeGreaterThanOrEqual(first?.ended_at ?? Infinity)
})

test('what a platform step does commits once with its node; a refused gate is no failure', async () => {
  let asked = 0
  stack.control.pipelines.hooks.steps.unshift(
    {
      kind: 'check',
      prepare: () => Promise.resolve(asked++ < 2 ? { wait: 'waits for labels' } : { ready: 0.4 }),
      commit: (_, node, ready) => {
        const passed = Number(ready) <= Number(node.spec['max'])
        return Promise.resolve({
          passed,
          outputs: { wape: ready },
          sentence: `0.4 against ${String(node.spec['max'])}`,
        })
      },
    },
    {
      kind: 'register',
      prepare: () => Promise.resolve({ ready: null }),
      commit: async (ctx, node) => {
        await audit(ctx, 'test.registered', 'thing', { from: node.spec['from'] })
        return { passed: true, outputs: { version: 7 }, sentence: 'version 7' }
      },
    },
  )
  await save('loop', {
    params: { limit: 0.5 },
    steps: {
      train: { run: 'echo m > m', out: { model: { path: 'm' } } },
      gate: { check: { model: 'train.model', max: '${{ params.limit }}' } },
      refit: { run: 'true', when: '${{ gate.passed and params.limit > 1 }}' },
      register: { register: { model: 'bike', from: 'refit.model or train.model' }, needs: ['gate'] },
      told: { run: 'echo ${{ register.version }}', when: 'register.version == 7' },
    },
  })
  const good = await runOf('loop')
  expect(good.nodes.map(({ name, state }) => [name, state])).toEqual([
    ['train', 'succeeded'],
    ['gate', 'succeeded'],
    ['refit', 'skipped'],
    ['register', 'succeeded'],
    ['told', 'succeeded'],
  ])
  expect(nodeOf(good, 'gate')).toMatchObject({ passed: true, outputs: { wape: 0.4 } })
  expect((await stack.call(api.readLog, { run: good.id, node: 'told' })).text).toBe('7\n')

  const refused = await runOf('loop', { limit: '0.1' })
  expect(refused).toMatchObject({ state: 'succeeded', sentence: 'gate: 0.4 against 0.1' })
  expect(nodeOf(refused, 'gate')).toMatchObject({ state: 'succeeded', passed: false })
  expect(nodeOf(refused, 'register')).toMatchObject({ state: 'skipped', sentence: 'gate said no' })
  const { items } = await stack.call(listAudit, { subject: 'thing' })
  expect(items).toHaveLength(1)
})

test('a fact of the platform starts a run with what it says, once', async () => {
  await save('cause', { steps: { a: { run: 'true' } } })
  await save('effect', {
    params: { by: '' },
    triggers: [
      {
        event: 'pipelines.run_finished',
        match: { pipeline: 'cause', state: 'succeeded' },
        params: { by: '${{ event.run }}' },
      },
    ],
    steps: { a: { run: 'true' } },
  })
  const cause = await runOf('cause')
  for (let i = 0; i < 200 && (await runsOf('effect')).length === 0; i += 1) await sleep(20)
  await sleep(100)
  const runs = await runsOf('effect')
  expect(runs).toHaveLength(1)
  expect(runs[0]).toMatchObject({ params: { by: cause.id }, trigger: { kind: 'event' } })
})

const runsOf = async (pipeline: string) => (await stack.call(api.listRuns, { pipeline })).items

test('the same definition and code again change nothing', async () => {
  await save('again', { steps: { a: { run: 'true' } } }, { 'a.py': '1' })
  const saved = async (): Promise<number> =>
    (await stack.events()).filter(({ type }) => type === 'pipelines.saved').length
  const before = await saved()
  await save('again', { steps: { a: { run: 'true' } } }, { 'a.py': '1' })
  expect(await saved()).toBe(before)
  await expect(save('again', { steps: { a: { run: 'true', needs: ['z'] } } })).rejects.toMatchObject({
    code: 'pipelines.invalid_definition',
    message: 'steps.a.needs.0: there is no step z',
  })
})

test('steps see no secrets, and a log is told while it grows', async () => {
  await save('told', { params: { x: 'y' }, steps: { a: { run: 'env | cut -d= -f1 | sort; sleep 0.3; echo end' } } })
  const { id } = await stack.call(api.startRun, { name: 'told' })
  const stream = await stack.control.app.inject({
    url: `/api/v1/pipeline-runs/${id}/nodes/a/log/tail?attempt=1`,
    headers: { host: 'localhost' },
  })
  const pieces = [...stream.body.matchAll(/event: log\ndata: (.*)\n/g)].map(
    (match) => JSON.parse(match[1] ?? '') as { text: string },
  )
  const text = pieces.map((piece) => piece.text).join('')
  expect(stream.body).toContain('event: end')
  expect(text.split('\n').filter((name) => name !== '' && !['PWD', 'OLDPWD', '_', 'SHLVL'].includes(name))).toEqual([
    'HOME',
    'LANG',
    'MAINSTAY_ATTEMPT',
    'MAINSTAY_CHECKPOINT_DIR',
    'MAINSTAY_IDEMPOTENCY_KEY',
    'MAINSTAY_PARAM_X',
    'MAINSTAY_RUN',
    'MAINSTAY_STEP',
    'MLFLOW_EXPERIMENT_NAME',
    'MLFLOW_TRACKING_TOKEN',
    'MLFLOW_TRACKING_URI',
    'PATH',
    'PYTHONUNBUFFERED',
    'end',
  ])
})

test('the token of a step counts until its attempt has ended', async () => {
  await save('spent', { steps: { a: { run: 'echo "$MLFLOW_TRACKING_TOKEN"; sleep 1' } } })
  const { id } = await stack.call(api.startRun, { name: 'spent' })
  let token = ''
  for (let i = 0; i < 100 && token === ''; i += 1) {
    token = (await stack.call(api.readLog, { run: id, node: 'a' })).text.trim()
    await sleep(20)
  }
  const withToken = (): Promise<unknown> => stack.call(listExperiments, {}, { authorization: `Bearer ${token}` })
  await expect(withToken()).resolves.toMatchObject({ items: expect.anything() })
  await untilEnded(id)
  await expect(withToken()).rejects.toThrow('access.unauthenticated')
})

test('a schedule fires at its time, and times that were missed fire once', async () => {
  const clock = new TestClock()
  const timed = await idleStack(clock)
  const definition = { triggers: [{ cron: '0 3 * * *', zone: 'Europe/Berlin' }], steps: { a: { run: 'true' } } }
  await savePipeline(timed.ctx, { name: 'nightly', definition, codeTree: [] })
  const fired = async () =>
    (await timed.call(api.listRuns, { pipeline: 'nightly' })).items.map(({ trigger }) => trigger.ref)
  await fireDue(timed.ctx)
  expect(await fired()).toEqual([])
  clock.advance(2 * 3_600_000)
  await fireDue(timed.ctx)
  await fireDue(timed.ctx)
  expect(await fired()).toEqual(['2026-01-01T02:00:00.000Z'])
  clock.advance(5 * 86_400_000)
  await Promise.all([fireDue(timed.ctx), fireDue(timed.ctx)])
  expect(await fired()).toEqual(['2026-01-06T02:00:00.000Z', '2026-01-01T02:00:00.000Z'])
  expect((await timed.call(api.getPipeline, { name: 'nightly' })).next_fire_at).toBe(Date.parse('2026-01-07T02:00:00Z'))
})

test('attempts of a server that shows no sign of life are given up after the lease, whatever the date says', async () => {
  const clock = new TestClock()
  const other = await idleStack(clock)
  await savePipeline(other.ctx, { name: 'p', definition: { steps: { a: { run: 'true' } } }, codeTree: [] })
  const { id } = await other.call(api.startRun, { name: 'p' })
  await new Leases(other.ctx, 'dead').renew()
  const [attempt] = await claimNodes(other.ctx, 'dead', await listReadyCommands(other.ctx.db, 1))
  const watcher = new Leases(other.ctx, 'alive')
  expect(await watcher.takeFromTheDead()).toBe(false)
  clock.advance(44_000)
  expect(await watcher.takeFromTheDead()).toBe(false)
  clock.advance(2_000)
  expect(await watcher.takeFromTheDead()).toBe(true)
  const run = await other.call(api.getRun, { run: id })
  expect(nodeOf(run, 'a')).toMatchObject({ state: 'ready', attempts: [{ reason: 'lost' }] })
  if (!attempt) throw new Error('nothing was claimed')
  expect(await finishAttempt(other.ctx, attempt, { kind: 'succeeded', outputs: {} })).toBe(false)
})

test('a server that stops leaves its steps running, and the next one adopts them', async () => {
  const quiet = await idleStack()
  const definition = {
    steps: { a: { run: 'sleep 2; echo "$MAINSTAY_ATTEMPT"', out: { n: { path: 'n', optional: true } } } },
  }
  await savePipeline(quiet.ctx, { name: 'p', definition, codeTree: [] })
  const { id } = await quiet.call(api.startRun, { name: 'p' })
  const runner = () =>
    new PipelineRunner({
      ctx: quiet.ctx,
      home: quiet.home,
      python: 'python3',
      width: 1,
      hooks: ownHooks(),
      trackingUri: () => '',
    })
  const processes = async () => (await processesByVariable('MAINSTAY_RUN')).get(id) ?? []
  const first = runner()
  first.start()
  for (let i = 0; i < 200 && (await processes()).length === 0; i += 1) await sleep(10)
  await first[Symbol.asyncDispose]()
  expect(await processes()).not.toEqual([])
  const second = runner()
  second.start()
  const state = async () => await quiet.call(api.getRun, { run: id })
  for (let i = 0; i < 1_000 && (await state()).ended_at === null; i += 1) await sleep(20)
  await second[Symbol.asyncDispose]()
  const run = await state()
  expect(run.state).toBe('succeeded')
  expect(nodeOf(run, 'a').attempts).toHaveLength(1)
  const { text } = await quiet.call(api.readLog, { run: id, node: 'a' })
  expect(text.trim()).toBe(nodeOf(run, 'a').attempts[0]?.id)
})

test('a requirements file becomes an environment, once', { timeout: 150_000 }, async () => {
  const steps = { a: { run: 'python -c "import sys; print(sys.prefix)"' } }
  await save('venv', { env: 'requirements.txt', steps }, { 'requirements.txt': '' })
  const first = await runOf('venv')
  const second = await runOf('venv')
  const [one, two] = await Promise.all(
    [first, second].map((run) => stack.call(api.readLog, { run: run.id, node: 'a' })),
  )
  expect(one?.text.trim().split('\n').at(-1)).toMatch(/envs\/[0-9a-f]{64}\/venv$/)
  expect(two?.text.trim()).toBe(one?.text.trim().split('\n').at(-1))
})
