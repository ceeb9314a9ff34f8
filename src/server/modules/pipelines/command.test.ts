import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Output } from '../../../contract/endpoint.ts'
import * as api from '../../../contract/pipelines.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { processesByVariable } from '../../platform/compute/procfs.ts'
import { PythonEnvironments } from '../../platform/compute/python.ts'
import { savePipeline } from './module.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack[Symbol.asyncDispose]())

async function begin(name: string, steps: unknown, files: Record<string, string> = {}): Promise<string> {
  const codeTree = []
  for (const [path, text] of Object.entries(files))
    codeTree.push({ path, mode: 0o644, ...(await stack.ctx.blobs.putBytes(text)) })
  await savePipeline(stack.ctx, { name, definition: { steps }, codeTree })
  return (await stack.call(api.startRun, { name, params: {} })).id
}

async function until(
  run: string,
  isSo: (run: Output<typeof api.getRun>) => boolean,
): Promise<Output<typeof api.getRun>> {
  for (;;) {
    const found = await stack.call(api.getRun, { run })
    if (isSo(found)) return found
    await sleep(20)
  }
}

const untilEnded = (run: string) => until(run, ({ ended_at }) => ended_at !== null)

test('an output that is no file is refused and not read: a pipe has no end', async () => {
  const { nodes } = await untilEnded(
    await begin('pipes', {
      pipe: { run: 'mkfifo f', out: { f: { path: 'f' } } },
      folder: { run: 'mkdir d && mkfifo d/p && echo hi > d/x', out: { d: { path: 'd' } } },
      dangling: { run: 'mkdir d && ln -s /nowhere d/gone', out: { d: { path: 'd' } } },
    }),
  )
  const told = Object.fromEntries(nodes.map(({ name, state, sentence }) => [name, [state, sentence]]))
  expect(told).toEqual({
    pipe: ['failed', 'out.f: f is neither a file nor a folder'],
    folder: ['succeeded', null],
    dangling: ['failed', 'out.d: gone is a link to what is not there, or its name is no UTF-8'],
  })
  expect(nodes.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1])
})

test('a step that a signal ended is told by its name', async () => {
  const { nodes } = await untilEnded(await begin('killed', { a: { run: "sh -c 'kill -9 $$'" } }))
  expect(nodes[0]?.sentence).toBe('exit code 137 (SIGKILL)')
})

test('another try begins when nothing of the one before is alive', async () => {
  const run = `
    pid=$MAINSTAY_CHECKPOINT_DIR/pid
    test -s $pid && grep State /proc/$(cat $pid)/status || echo first or gone
    rm -f $pid
    setsid sh -c "echo \\$\\$ > $pid; exec sleep 60" &
    while ! test -s $pid; do sleep 0.01; done
    exit 1`
  const { id } = await untilEnded(await begin('escapes', { a: { run, retry: { max: 1, backoff: '1ms' } } }))
  const { text } = await stack.call(api.readLog, { run: id, node: 'a', attempt: 2 })
  expect(text).toMatch(/^(State:\s+Z|first or gone|grep)/)
})

/** A package that never ends installing itself. */
async function packageFolder(): Promise<string> {
  const folder = await mkdtemp(join(stack.home, 'package-'))
  await writeFile(join(folder, 'setup.py'), 'import time\ntime.sleep(600)\n')
  return folder
}
const builders = async () =>
  [...(await processesByVariable('MAINSTAY_ATTEMPT')).keys()].filter((id) => id.startsWith('env_'))

test('a Python environment in the making is given up at the cancellation of the last run that waits for it', async () => {
  const before = await builders()
  const folder = await packageFolder()
  const id = await begin('endless', { a: { run: 'true', env: 'r.txt' } }, { 'r.txt': folder })
  await until(id, ({ nodes }) => nodes[0]?.state === 'running')
  while ((await builders()).length === before.length) await sleep(20)
  await stack.call(api.cancelRun, { run: id })
  expect(await untilEnded(id)).toMatchObject({ state: 'cancelled' })
  expect(await builders()).toEqual(before)
})

test('a Python environment that takes longer than the step may is a timeout of the step', async () => {
  const before = await builders()
  const folder = await packageFolder()
  const id = await begin('late', { a: { run: 'true', env: 'r.txt', timeout: '2s' } }, { 'r.txt': folder })
  expect(await untilEnded(id)).toMatchObject({
    state: 'failed',
    sentence: 'a: the Python environment was not built within 2s',
  })
  expect(await builders()).toEqual(before)
})

test('a build that an earlier server began is given up too, and not begun again', async () => {
  const pythons = () => new PythonEnvironments(stack.home, 'python3')
  const requirements = Buffer.from(await packageFolder())
  const [stop, leave, never] = [new AbortController(), new AbortController(), new AbortController().signal]
  const before = await builders()
  const log = join(stack.home, 'build.log')
  const left = pythons().fromRequirements(requirements, log, { stop: never, leave: leave.signal })
  while ((await builders()).length === before.length) await sleep(20)
  leave.abort()
  expect(await left).toBeUndefined()
  expect(await builders()).toHaveLength(before.length + 1)

  const adopted = pythons().fromRequirements(requirements, log, { stop: stop.signal, leave: never })
  await sleep(200)
  stop.abort()
  expect(await adopted).toBeUndefined()
  await sleep(200)
  expect(await builders()).toEqual(before)
})
