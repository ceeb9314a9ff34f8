import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getPipeline } from '../contract/pipelines.ts'
import { startStack, type Stack } from '../testkit/stack.ts'
import { readCodeTree } from './code-tree.ts'
import { isIgnored, parseIgnore } from './gitignore.ts'
import { assignments } from './options.ts'
import { table } from './output.ts'
import { parseModel } from './verbs/rollouts.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const root = fileURLToPath(new URL('../../', import.meta.url))

let stack: Stack
let url: string
let folder: string
beforeAll(async () => {
  // A port on which nothing listens, whatever else runs on this machine.
  stack = await startStack({ env: { MAINSTAY_PREDICT_PORT: '1' } })
  await stack.control.app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(stack.control.app.server.address() as AddressInfo).port}`
  folder = await mkdtemp(join(tmpdir(), 'ms-cli-'))
})
afterAll(async () => {
  await stack[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

interface Ran {
  code: number
  out: string
  err: string
}

/** The real command line in a process of its own. */
function mainstay(...args: string[]): Promise<Ran> {
  const loader = join(root, 'node_modules/tsx/dist/loader.mjs')
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', loader, main, ...args],
      { cwd: folder, env: { ...process.env, MAINSTAY_URL: url, NO_COLOR: '1' } },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}
const json = async (...args: string[]): Promise<unknown> => JSON.parse((await mainstay(...args, '--json')).out)

describe('the command line', { timeout: 30_000 }, () => {
  test('says its version, which is the package’s', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect((await mainstay('--version')).out.trim()).toBe(version)
  })

  test('a token is made, listed and revoked, and all of it is on record', async () => {
    const made = (await json('token', 'create', 'ci', '--role', 'viewer')) as { id: string; secret: string }
    expect(made.secret).toMatch(/^ms_/)
    expect((await mainstay('token', 'list')).out).toContain('viewer')
    expect((await mainstay('token', 'revoke', made.id)).out).toContain('no longer works')
    expect((await mainstay('audit', 'list')).out).toContain('identity.token_revoked')
    expect(await mainstay('audit', 'verify')).toMatchObject({
      code: 0,
      out: expect.stringContaining('whole') as string,
    })
  })

  test('a refusal says what to do next, and its exit code tells usage from failure', async () => {
    const revoke = await mainstay('token', 'revoke', 'tok_none')
    expect(revoke).toMatchObject({ code: 1, out: '' })
    expect(revoke.err).toContain('`mainstay token list` shows the tokens.')
    const asJson = await mainstay('token', 'revoke', 'tok_none', '--json')
    expect(JSON.parse(asJson.err)).toMatchObject({ error: { code: 'identity.token_not_found' } })
    for (const wrong of [
      ['token', 'create'],
      ['nosuch'],
      ['token', 'create', 'x', '--role', 'king'],
      ['replay', 'x.csv', '--endpoint', 'e'],
    ]) {
      expect((await mainstay(...wrong)).code, wrong.join(' ')).toBe(2)
    }
  })

  test('a server that is not there is named, with the way to start it', async () => {
    const before = url
    url = 'http://127.0.0.1:9'
    const { code, err } = await mainstay('token', 'list')
    url = before
    expect(code).toBe(1)
    expect(err).toContain('mainstay up')
  })

  test('doctor looks at everything and fails while something is wrong', async () => {
    const { code, out } = await mainstay('doctor', '--home', join(folder, 'home'))
    expect(out).toContain('does not exist yet')
    expect(out).toMatch(/ok\s+control\s+http/)
    expect(out).toMatch(/problem\s+data plane/)
    expect(code).toBe(1)
  })

  test('apply sends the file and names the line of a mistake', async () => {
    await writeFile(join(folder, 'mainstay.yaml'), 'endpoints:\n  bikes:\n    clok: event\n')
    const wrong = await mainstay('apply')
    expect(wrong).toMatchObject({ code: 1 })
    expect(wrong.err).toContain('mainstay.yaml:3:5: endpoints.bikes.clok: there is no such field')
    const file = (clock: string) => writeFile(join(folder, 'mainstay.yaml'), `endpoints:\n  bikes: {clock: ${clock}}\n`)
    await file('event')
    expect((await mainstay('apply')).out).toContain('+ endpoint bikes')
    await file('arrival')
    expect((await mainstay('apply', '--dry-run')).out).toContain('~ endpoint bikes\n    clock  event → arrival\n')
    await writeFile(join(folder, 'mainstay.yaml'), 'project: default\n')
    expect((await mainstay('apply')).out).toContain('0 created, 0 changed, 0 unchanged')
    expect((await mainstay('apply', '-f', 'absent.yaml')).err).toContain('cannot be read')
  })
})

test('a model is named with a version, an alias, or neither', () => {
  expect(parseModel('bikes')).toEqual({ model: 'bikes' })
  expect(parseModel('bikes/3')).toEqual({ model: 'bikes', version: 3 })
  expect(parseModel('bikes@champion')).toEqual({ model: 'bikes', alias: 'champion' })
  expect(() => parseModel('bikes/three')).toThrow()
})

test('a table is as wide as its cells, colours not counted', () => {
  const text = table(
    [
      { a: 'x', n: 1 },
      { a: '\u001b[32mlonger\u001b[39m', n: null },
    ],
    [
      { head: 'a', cell: (r) => r.a },
      { head: 'n', cell: (r) => r.n, align: 'right' },
    ],
  )
  // oxlint-disable-next-line no-control-regex -- colours are control characters
  expect(text.replaceAll(/\u001b\[\d+m/g, '').split('\n')).toEqual(['a       n', 'x       1', 'longer  –'])
})

test.each([
  ['*.log', 'a/b.log', true],
  ['/build', 'build', true],
  ['/build', 'src/build', false],
  ['data/', 'data', true],
  ['docs/*.txt', 'docs/a.txt', true],
  ['docs/*.txt', 'docs/x/a.txt', false],
  ['**/cache', 'a/b/cache', true],
  ['a/**/z', 'a/b/c/z', true],
  ['a/**/z', 'a/z', true],
  ['out/**', 'out/x/y', true],
  ['x?.py', 'x1.py', true],
  ['x[0-9].py', 'xa.py', false],
  ['# note', '# note', false],
  ['\\#x', '#x', true],
  ['*.py\n!keep.py', 'keep.py', false],
])('.gitignore %j and %s', (text, path, ignored) => {
  expect(isIgnored([parseIgnore('', text)], path, path === 'data')).toBe(ignored)
})

test('an assignment becomes a number only where nothing of it is lost', () => {
  expect(assignments(['n=12', 'v=1.10', 'zip=007', 'id=12345678901234567890', 't=true', 'x=a=b'])).toEqual({
    n: 12,
    v: '1.10',
    zip: '007',
    id: '12345678901234567890',
    t: true,
    x: 'a=b',
  })
})

test('a file that is written as JSON brings its code too', async () => {
  const project = join(folder, 'json')
  await mkdir(project)
  await writeFile(join(project, 'a.py'), 'print(1)\n')
  const steps = { a: { run: 'python a.py' } }
  await writeFile(join(project, 'mainstay.yaml'), JSON.stringify({ pipelines: { json: { steps } } }, null, 2))
  expect(await mainstay('apply', '-f', join(project, 'mainstay.yaml'))).toMatchObject({ code: 0 })
  const { code } = await stack.call(getPipeline, { name: 'json' })
  expect(code.map(({ path }) => path)).toEqual(['a.py'])
})

test('a file that cannot be read is named with what to do', async () => {
  const project = join(folder, 'unreadable')
  await mkdir(project)
  await writeFile(Buffer.concat([Buffer.from(`${project}/bad`), Buffer.from([0xff])]), '')
  await expect(readCodeTree(project)).rejects.toMatchObject({
    message: 'bad\ufffd cannot be read (its name is no UTF-8)',
    next: expect.stringContaining('.gitignore') as string,
  })
})

test('the code tree honours .gitignore at every level and follows no link', async () => {
  const tree = join(folder, 'tree')
  await mkdir(join(tree, 'src/deep'), { recursive: true })
  await mkdir(join(tree, '.git'))
  const files = {
    '.gitignore': '*.csv\nmodels/\n',
    'src/.gitignore': '/skip.py\n',
    'a.csv': '',
    'src/a.py': 'x',
    'src/skip.py': '',
    'src/deep/skip.py': '',
    '.git/config': '',
  }
  for (const [path, text] of Object.entries(files)) await writeFile(join(tree, path), text)
  await symlink('/etc/passwd', join(tree, 'passwd'))
  expect((await readCodeTree(tree)).map(({ path }) => path)).toEqual([
    '.gitignore',
    'src/.gitignore',
    'src/a.py',
    'src/deep/skip.py',
  ])
})
