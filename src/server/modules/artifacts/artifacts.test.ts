import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listArtifacts } from '../../../contract/artifacts.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { freezeTree, listFiles, putArtifact, putTree, readManifest } from './module.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack[Symbol.asyncDispose]())

const put = (owner: string, path: string, text: string) =>
  putArtifact(stack.ctx, owner, path, Readable.from([Buffer.from(text)]))
const download = (owner: string, path: string, headers: Record<string, string> = {}) =>
  stack.control.app.inject({
    url: `/api/v1/artifacts/run/${owner}/file?path=${encodeURIComponent(path)}`,
    headers: { host: 'localhost', ...headers },
  })

test('a folder lists its files and folders one level deep', async () => {
  await put('run:a', 'b/c/deep.txt', 'deep')
  await put('run:a', 'b/near.txt', 'near')
  await put('run:a', 'top.txt', 'top')
  expect((await stack.call(listArtifacts, { owner: 'run', id: 'a' })).items).toEqual([
    { path: 'b', folder: true, size: 0 },
    { path: 'top.txt', folder: false, size: 3 },
  ])
  expect((await stack.call(listArtifacts, { owner: 'run', id: 'a', folder: 'b' })).items).toEqual([
    { path: 'b/c', folder: true, size: 0 },
    { path: 'b/near.txt', folder: false, size: 4 },
  ])
  expect((await stack.call(listArtifacts, { owner: 'run', id: 'a', folder: 'none' })).items).toEqual([])
})

test('a download names its file, forbids sniffing and answers ranges', async () => {
  await put('run:d', 'f/größe.csv', '0123456789')
  const whole = await download('d', 'f/größe.csv')
  expect(whole.body).toBe('0123456789')
  expect(whole.headers).toMatchObject({
    'content-type': 'text/csv',
    'x-content-type-options': 'nosniff',
    'content-length': '10',
  })
  expect(whole.headers['content-disposition']).toContain("filename*=UTF-8''gr%C3%B6%C3%9Fe.csv")
  const range = async (value: string) => {
    const answer = await download('d', 'f/größe.csv', { range: value })
    return [answer.statusCode, answer.body, answer.headers['content-range']]
  }
  expect(await range('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10'])
  expect(await range('bytes=7-')).toEqual([206, '789', 'bytes 7-9/10'])
  expect(await range('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10'])
  expect(await range('bytes=10-')).toEqual([416, '', 'bytes */10'])
  expect((await range('lines=1-2'))[0]).toBe(200)
})

test.each([
  '../x',
  '/x',
  'a//b',
  'a/./b',
  'a\\b',
  'a\0b',
  '',
  'C:/x',
  'x/..',
  'a'.repeat(300),
  'a/'.repeat(3_000) + 'b',
  '%2e%2e/x',
  'a/%252e%252e%252fx',
  '%5cx',
  '%2Fetc',
  '%00',
])('the path %j is refused', async (path) => {
  await expect(put('run:p', path, 'x')).rejects.toMatchObject({ code: 'platform.path_escapes_root', status: 400 })
})

test('a percent sign that hides no way out is part of a name', async () => {
  for (const path of ['100%.txt', 'https%3A%2F%2Fhost%2Fx.csv', '%e4%ff', 'a%2e%2e.txt']) await put('run:p', path, 'x')
  const { items } = await stack.call(listArtifacts, { owner: 'run', id: 'p' })
  expect(items.map(({ path }) => path)).toContain('https%3A%2F%2Fhost%2Fx.csv')
})

test('a frozen owner refuses writes, and equal trees are one tree', async () => {
  await put('model:m', 'a.txt', 'A')
  await put('model:m', 'b/c.txt', 'C')
  const tree = await freezeTree(stack.ctx, 'model:m')
  await expect(put('model:m', 'a.txt', 'other')).rejects.toMatchObject({ code: 'artifacts.frozen' })
  const files = await listFiles(stack.ctx.db, 'model:m')
  expect(await putTree(stack.ctx, files.toReversed())).toBe(tree)
  expect((await readManifest(stack.ctx, tree)).files.map((file) => file.path)).toEqual(['a.txt', 'b/c.txt'])
  expect(await freezeTree(stack.ctx, 'model:m')).toBe(tree)
})

test('a name is a file or a folder, not both', async () => {
  await put('run:n', 'x/y', '1')
  await expect(put('run:n', 'x', '1')).rejects.toMatchObject({ status: 400 })
  await expect(put('run:n', 'x/y/z', '1')).rejects.toMatchObject({ status: 400 })
})
