import { afterAll, beforeAll, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { fillPath, toQuery, type Input } from '../../../contract/endpoint.ts'
import { getAttempt, getOutputFile, getRun, listOutputFiles, startRun } from '../../../contract/pipelines.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { savePipeline } from './module.ts'

let stack: Stack
let run: string
beforeAll(async () => {
  stack = await startStack()
  const steps = {
    make: {
      run: "mkdir -p parts/deep && printf one > parts/a.txt && printf two > parts/deep/b.txt && printf '1,2' > table.csv",
      out: { parts: { path: 'parts' }, table: { path: 'table.csv' } },
    },
  }
  await savePipeline(stack.ctx, { name: 'files', definition: { steps }, codeTree: [] })
  run = (await stack.call(startRun, { name: 'files' })).id
  while ((await stack.call(getRun, { run })).ended_at === null) await sleep(20)
})
afterAll(() => stack[Symbol.asyncDispose]())

async function bytesOf(input: Input<typeof getOutputFile>): Promise<{ status: number; text: string }> {
  const { path, rest } = fillPath(getOutputFile.path, input)
  const answer = await stack.control.app.inject({ url: path + toQuery(rest), headers: { host: 'localhost' } })
  return { status: answer.statusCode, text: answer.payload }
}

test('what a step left is listed and handed out, a folder file by file', async () => {
  const of = (output: string) => stack.call(listOutputFiles, { run, node: 'make', output })
  expect((await of('table')).items).toEqual([{ path: 'table.csv', size: 3 }])
  expect((await of('parts')).items).toEqual([
    { path: 'a.txt', size: 3 },
    { path: 'deep/b.txt', size: 3 },
  ])
  expect(await bytesOf({ run, node: 'make', output: 'table', path: 'table.csv' })).toEqual({ status: 200, text: '1,2' })
  expect(await bytesOf({ run, node: 'make', output: 'parts', path: 'deep/b.txt' })).toEqual({
    status: 200,
    text: 'two',
  })
})

test('nothing but the stored files is handed out', async () => {
  for (const path of ['../a.txt', 'parts/a.txt', '/etc/passwd', ''])
    expect((await bytesOf({ run, node: 'make', output: 'parts', path })).status, path).toBe(404)
  for (const output of ['none', 'constructor', '__proto__'])
    await expect(stack.call(listOutputFiles, { run, node: 'make', output })).rejects.toMatchObject({
      code: 'pipelines.output_not_found',
    })
})

test('an attempt leads to its step and run', async () => {
  const { nodes } = await stack.call(getRun, { run })
  const attempt = nodes[0]?.attempts[0]?.id ?? ''
  expect(await stack.call(getAttempt, { attempt })).toEqual({
    attempt,
    number: 1,
    node: 'make',
    run,
    pipeline: 'files',
  })
  await expect(stack.call(getAttempt, { attempt: 'pa_none' })).rejects.toMatchObject({
    code: 'pipelines.attempt_not_found',
  })
})
