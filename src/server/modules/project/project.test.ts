import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listAudit } from '../../../contract/audit.ts'
import { apply, getFileSchema, type ChangeKind } from '../../../contract/project.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import type { Section } from './section.ts'
import { applyFile } from './service.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack[Symbol.asyncDispose]())

/** The sections of this file's stories keep their entries in maps; the real ones are proven by their modules' stories. */
const kept: Record<ChangeKind, Map<string, unknown>> = {
  model: new Map(),
  pipeline: new Map(),
  endpoint: new Map(),
  monitor: new Map(),
  rule: new Map(),
}
beforeEach(() => Object.values(kept).forEach((map) => map.clear()))
const section = (kind: ChangeKind): Section => ({
  kind,
  names: () => Promise.resolve([...kept[kind].keys()]),
  current: (_, name) => Promise.resolve(kept[kind].get(name)),
  save: (_, name, spec) => Promise.resolve(kept[kind].set(name, spec)),
})
const sections = (['model', 'pipeline', 'endpoint', 'monitor', 'rule'] as const).map(section)
const run = (file: string, more: { dry_run?: boolean; code?: object[] } = {}) =>
  applyFile(stack.ctx, sections, apply.input.parse({ file, ...more }))
const applied = async () =>
  (await stack.call(listAudit, { subject: 'default' })).items.filter(({ action }) => action === 'project.applied')
    .length

const file = `
endpoints:
  bikes: {clock: event}
monitors:
  bikes: {}
automation:
  keep-fresh: {when: performance.degraded, endpoint: bikes, do: rollback}
`

test('the same file again changes nothing and leaves no record', async () => {
  const before = await applied()
  expect((await run(file)).changes.map(({ change }) => change)).toEqual(['create', 'create', 'create'])
  expect((await run(file)).changes.map(({ change }) => change)).toEqual(['unchanged', 'unchanged', 'unchanged'])
  expect(await applied()).toBe(before + 1)
})

test('a change is told by its fields, and a dry run saves nothing', async () => {
  await run(file)
  const changed = file.replace('{clock: event}', '{clock: event, rollout: {margin: 0.1}}')
  const dry = await run(changed, { dry_run: true })
  expect(dry).toMatchObject({
    applied: false,
    changes: [{ change: 'update', fields: [{ field: 'rollout.margin', before: 0.05, after: 0.1 }] }, {}, {}],
  })
  expect((await run(changed)).changes[0]).toMatchObject({ change: 'update' })
})

test('a name that stands nowhere is refused with its line; one on the server is not', async () => {
  const rule = 'automation:\n  r: {when: inputs.broken, endpoint: bikes, do: notify}\n'
  await expect(run(rule)).rejects.toThrow('mainstay.yaml:2:28: automation.r.endpoint: there is no endpoint “bikes”')
  await run('endpoints:\n  bikes: {}\n')
  expect(await run(rule)).toMatchObject({ applied: true })
})

test('nothing is applied while code is missing, and objects that are not what they say are refused', async () => {
  const text = 'print("hello")\n'
  const digest = createHash('sha256').update(text).digest('hex')
  const pipeline = 'pipelines:\n  train:\n    steps:\n      fit: {run: python fit.py}\n'
  const code = [{ path: 'fit.py', digest, size: text.length, mode: 0o644 }]
  expect(await run(pipeline, { code })).toMatchObject({ applied: false, missing: [digest] })

  const put = (name: string, body: string) =>
    stack.control.app.inject({
      method: 'PUT',
      url: `/api/v1/code/${name}`,
      headers: { host: 'localhost', 'content-type': 'application/octet-stream' },
      payload: body,
    })
  const refused = 'something else'
  expect((await put(digest, refused)).statusCode).toBe(400)
  expect(await stack.ctx.blobs.has(createHash('sha256').update(refused).digest('hex'))).toBe(false)
  expect((await put(digest, text)).json()).toEqual({ digest, size: text.length })
  expect(await run(pipeline, { code })).toMatchObject({ applied: true, missing: [] })
})

test.each(['../evil.py', '/etc/passwd', 'a/../../b', 'a\\b'])('code cannot be named %s', async (path) => {
  const pipeline = 'pipelines:\n  train:\n    steps:\n      fit: {run: "true"}\n'
  const code = { path, digest: 'a'.repeat(64), size: 1, mode: 0o644 }
  await expect((async () => await run(pipeline, { code: [code] }))()).rejects.toThrow()
})

test('a name in the code is a file or a folder, and no longer than a file system takes', async () => {
  const pipeline = 'pipelines:\n  train:\n    steps:\n      fit: {run: "true"}\n'
  const file = (path: string) => ({ path, digest: 'a'.repeat(64), size: 1, mode: 0o644 })
  await expect(run(pipeline, { code: [file('a/b'), file('a/b/c.py')] })).rejects.toThrow(
    'a/b as a file and as a folder',
  )
  await expect(run(pipeline, { code: [file('ü'.repeat(200))] })).rejects.toThrow('longer than 255 bytes')
})

test('editors get the schema of the file', async () => {
  const schema = await stack.call(getFileSchema, {})
  expect(schema).toMatchObject({ title: 'mainstay.yaml' })
  expect(Object.keys(schema['properties'] as object)).toEqual([
    'project',
    'models',
    'pipelines',
    'endpoints',
    'monitors',
    'automation',
  ])
  expect(JSON.stringify(schema)).toContain('allowed_lateness')
})
