import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as api from '../../../contract/registry.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { linearModel } from '../../../testkit/onnx-models.ts'
import { putArtifact } from '../artifacts/module.ts'
import { createLoggedModel, createRun, finalizeLoggedModel } from '../experiments/module.ts'
import {
  createModel,
  createVersion,
  deleteVersion,
  exportOf,
  findExport,
  moveAlias,
  recordGate,
  requestExport,
  searchVersions,
} from './module.ts'
import { uploadFile } from './uploads.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack({ env: { MAINSTAY_PYTHON: '/there/is/no/python' } })
})
afterAll(() => stack[Symbol.asyncDispose]())

async function until<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (let i = 0; i < 400; i += 1) {
    const value = await read()
    if (done(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return await read()
}

async function aLoggedModel(name: string): Promise<{ model: string; run: string; tree: string }> {
  const run = await createRun(stack.ctx, { experimentId: '0' })
  await putArtifact(stack.ctx, `run:${run.run_id}`, 'mainstay/reference.csv', Readable.from([Buffer.from('a\n1\n')]))
  const model = await createLoggedModel(stack.ctx, {
    experimentId: '0',
    name,
    sourceRunId: run.run_id,
    params: [],
    tags: [],
  })
  await putArtifact(
    stack.ctx,
    `model:${model.model_id}`,
    'MLmodel',
    Readable.from([Buffer.from(`flavors: {} # ${name}`)]),
  )
  const { tree } = await finalizeLoggedModel(stack.ctx, model.model_id, 'READY')
  return { model: model.model_id, run: run.run_id, tree: tree ?? '' }
}

test('a version waits for its export and says what came of it; one without an ONNX form is tried again', async () => {
  const logged = await aLoggedModel('waits')
  const made = await stack.call(api.registerVersion, { name: 'waits', logged_model: logged.model })
  expect(made).toMatchObject({ version: 1, status: 'PENDING_REGISTRATION', run: logged.run, tree: logged.tree })
  expect(made.reference_digest).toMatch(/^[0-9a-f]{64}$/)
  const ended = await until(
    () => stack.call(api.getVersion, { name: 'waits', version: 1 }),
    (version) => version.status !== 'PENDING_REGISTRATION',
  )
  expect(ended).toMatchObject({ status: 'READY', onnx: { state: 'not_exportable' } })
  expect(ended.onnx.reason).toContain('MAINSTAY_PYTHON')

  const again = await stack.call(api.registerVersion, { name: 'waits', logged_model: logged.model })
  expect(again).toMatchObject({ version: 2, status: 'PENDING_REGISTRATION', onnx: { state: 'pending' } })
  await until(
    () => stack.call(api.getVersion, { name: 'waits', version: 2 }),
    (version) => version.status === 'READY' && version.onnx.state === 'not_exportable',
  )

  const facts = (await stack.events()).filter((event) => event.type.startsWith('registry.'))
  expect(facts).toEqual([
    { type: 'registry.version_created', model: 'waits', version: 1, version_id: made.id, attempt: null },
    { type: 'registry.export_finished', tree: logged.tree, state: 'not_exportable' },
    {
      type: 'registry.version_ready',
      model: 'waits',
      version: 1,
      version_id: made.id,
      deployable: false,
      attempt: null,
    },
    { type: 'registry.version_created', model: 'waits', version: 2, version_id: again.id, attempt: null },
    { type: 'registry.export_finished', tree: logged.tree, state: 'not_exportable' },
    {
      type: 'registry.version_ready',
      model: 'waits',
      version: 2,
      version_id: again.id,
      deployable: false,
      attempt: null,
    },
  ])
})

test('an ONNX file alone is read without Python, with the signature of its graph', async () => {
  const { upload } = await stack.call(api.createUpload, { name: 'graph' })
  await uploadFile(stack.ctx, upload, 'graph.onnx', Readable.from([linearModel([2, 3], 1)]))
  await stack.call(api.registerVersion, { name: 'graph', upload })
  const version = await until(
    () => stack.call(api.getVersion, { name: 'graph', version: 1 }),
    ({ status }) => status !== 'PENDING_REGISTRATION',
  )
  expect(version).toMatchObject({ status: 'READY', onnx: { state: 'ready', reason: null } })
  const { export: known } = await exportOf(stack.ctx.db, version.id)
  expect(known?.signature).toMatchObject({ inputs: [{ name: 'X_0' }, { name: 'X_1' }], outputs: [{ name: 'y' }] })
})

test('what is no ONNX file says why Python could not read it', async () => {
  const { upload } = await stack.call(api.createUpload, { name: 'rubbish' })
  await uploadFile(stack.ctx, upload, 'graph.onnx', Readable.from([Buffer.from('no graph')]))
  await stack.call(api.registerVersion, { name: 'rubbish', upload })
  const version = await until(
    () => stack.call(api.getVersion, { name: 'rubbish', version: 1 }),
    ({ status }) => status !== 'PENDING_REGISTRATION',
  )
  expect(version.onnx).toMatchObject({ state: 'not_exportable', reason: expect.stringContaining('MAINSTAY_PYTHON') })
})

test('a logged model can be exported before it is registered', async () => {
  const logged = await aLoggedModel('before')
  expect(await stack.ctx.tx((ctx) => requestExport(ctx, logged.tree))).toMatchObject({ state: 'pending' })
  await until(
    () => findExport(stack.ctx.db, logged.tree),
    (found) => found?.state !== 'pending',
  )
  await stack.call(api.registerVersion, { name: 'before', logged_model: logged.model })
  await until(
    () => stack.call(api.getVersion, { name: 'before', version: 1 }),
    (version) => version.status === 'READY',
  )
})

test('an alias moves in the caller’s transaction, and with it nothing is half done', async () => {
  for (let i = 0; i < 2; i += 1)
    await createVersion(stack.ctx, { name: 'aliased', source: `s3://bucket/${i}`, makeModel: true })
  expect(await stack.call(api.setAlias, { name: 'aliased', alias: 'champion', version: 1 })).toMatchObject({
    previous: null,
  })
  const halfway = stack.ctx.tx(async (ctx) => {
    await moveAlias(ctx, 'aliased', 'champion', 2)
    throw new Error('something else failed')
  })
  await expect(halfway).rejects.toThrow('something else failed')
  expect((await stack.call(api.getModel, { name: 'aliased' })).aliases).toEqual([{ alias: 'champion', version: 1 }])
  expect(await stack.call(api.setAlias, { name: 'aliased', alias: 'champion', version: 2 })).toMatchObject({
    previous: 1,
  })
  expect((await stack.events()).filter((event) => event.type === 'registry.alias_moved')).toEqual([
    { type: 'registry.alias_moved', model: 'aliased', alias: 'champion', version: 1, previous: null },
    { type: 'registry.alias_moved', model: 'aliased', alias: 'champion', version: 2, previous: 1 },
  ])
  await expect(stack.call(api.setAlias, { name: 'aliased', alias: 'v3', version: 1 })).rejects.toMatchObject({
    status: 400,
  })
})

test('a version number is never given twice, and deleting takes the aliases along', async () => {
  await createModel(stack.ctx, { name: 'numbers' })
  for (let i = 0; i < 3; i += 1) await createVersion(stack.ctx, { name: 'numbers', source: 's3://bucket/x' })
  await stack.call(api.setAlias, { name: 'numbers', alias: 'a', version: 3 })
  await deleteVersion(stack.ctx, 'numbers', 3)
  expect((await createVersion(stack.ctx, { name: 'numbers', source: 's3://bucket/x' })).version).toBe(4)
  expect((await stack.call(api.getModel, { name: 'numbers' })).aliases).toEqual([])
  const { items, next } = await stack.call(api.listVersions, { name: 'numbers', limit: 2 })
  expect([items.map((item) => item.version), next === undefined]).toEqual([[4, 2], false])
  const found = await searchVersions(stack.ctx, { filter: "name = 'numbers' and version_number < 4", limit: 10 })
  expect(found.items.map((item) => item.version)).toEqual([2, 1])
})

test('gate results are kept with their numbers, newest first', async () => {
  const version = await createVersion(stack.ctx, { name: 'gated', source: 's3://bucket/x', makeModel: true })
  await stack.ctx.tx(async (ctx) => {
    await recordGate(ctx, {
      versionId: version.id,
      kind: 'performance',
      passed: false,
      sentence: 'worse',
      numbers: { bound: 0.1 },
    })
    await recordGate(ctx, {
      versionId: version.id,
      kind: 'performance',
      passed: true,
      sentence: 'better',
      numbers: { bound: -0.1 },
    })
  })
  const { gates } = await stack.call(api.getVersion, { name: 'gated', version: 1 })
  expect(gates.map(({ passed, sentence, numbers }) => [passed, sentence, numbers])).toEqual([
    [true, 'better', { bound: -0.1 }],
    [false, 'worse', { bound: 0.1 }],
  ])
  expect((await exportOf(stack.ctx.db, version.id)).export).toBeUndefined()
})

test('a folder is uploaded file by file and registered', async () => {
  const { upload } = await stack.call(api.createUpload, { name: 'uploaded' })
  for (const [path, type] of [
    ['MLmodel', 'text/plain'],
    ['data/input.json', 'application/json'],
  ] as const) {
    const put = await stack.control.app.inject({
      method: 'PUT',
      url: `/api/v1/uploads/${upload}/files/${path}`,
      headers: { host: 'localhost', 'content-type': type },
      payload: 'flavors: {}',
    })
    expect(put.statusCode).toBe(200)
  }
  const version = await stack.call(api.registerVersion, { name: 'uploaded', upload, description: 'by hand' })
  expect(version).toMatchObject({
    version: 1,
    description: 'by hand',
    source: `mlflow-artifacts:/trees/${version.tree ?? ''}`,
  })
  await expect(stack.call(api.registerVersion, { name: 'uploaded', upload })).rejects.toMatchObject({
    code: 'artifacts.not_found',
  })
})
