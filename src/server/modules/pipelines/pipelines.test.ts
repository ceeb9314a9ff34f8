import { afterAll, beforeAll, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import * as api from '../../../contract/pipelines.ts'
import type { Output } from '../../../contract/endpoint.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { savePipeline } from './module.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack({ env: { MAINSTAY_STEP_CONCURRENCY: '4' } })
})
afterAll(() => stack[Symbol.asyncDispose]())

async function save(name: string, definition: unknown, files: Record<string, string> = {}): Promise<void> {
  const codeTree = []
  for (const [path, text] of Object.entries(files)) {
    codeTree.push({ path, mode: 0o644, ...(await stack.ctx.blobs.putBytes(text)) })
  }
  await savePipeline(stack.ctx, { name, definition, codeTree })
}

type Run = Output<typeof api.getRun>

async function untilEnded(run: string, ms = 15_000): Promise<Run> {
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
        make: { run: 'sh make.sh ${{ params.who }}', in: { text: { file: 'data.txt' } }, out: { made: { path: 'out.txt' } } },
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
