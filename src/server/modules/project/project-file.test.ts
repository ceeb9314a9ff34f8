import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readProjectFile } from './project-file.ts'
import { checkDefinition } from '../pipelines/module.ts'
import { compareSpecs, differingFields } from './rules.ts'

const read = (text: string) => readProjectFile(text, 'mainstay.yaml').file

function refusalOf(text: string): { message: string; details: Record<string, unknown> } {
  try {
    read(text)
  } catch (error) {
    return error as { message: string; details: Record<string, unknown> }
  }
  throw new Error('was not refused')
}

test('an empty file and empty parts are a project with nothing but defaults', () => {
  for (const text of ['', '# nothing yet\n', 'endpoints:\nmonitors:\n', '{}'])
    expect(read(text)).toMatchObject({ project: 'default', endpoints: {} })
  expect(read('endpoints:\n  bikes:\n').endpoints['bikes']).toMatchObject({ clock: 'arrival', capture: 'best_effort' })
})

describe('a refusal names line, column and field', () => {
  test.each([
    ['endpoints:\n  bikes:\n    clock: sometimes\n', 'mainstay.yaml:3:5: endpoints.bikes.clock:'],
    [
      'endpoints:\n  bikes:\n    clocks: event\n',
      'mainstay.yaml:3:5: endpoints.bikes.clocks: there is no such field; there are clock,',
    ],
    [
      'pipelines:\n  p:\n    steps:\n      a:\n        run: "true"\n        retry: {attempts: 2}\n',
      'mainstay.yaml:6:17: pipelines.p.steps.a.retry.attempts: there is no such field; there are max, backoff',
    ],
    ['project: Default\n', 'mainstay.yaml:1:1: project: uses lower-case letters'],
    ['endpoints:\n  "../x": {}\n', 'mainstay.yaml:2:3: endpoints.../x: the name uses letters'],
    [
      'pipelines:\n  train:\n    steps:\n      fit:\n        run: python fit.py\n        timeout: soon\n',
      'mainstay.yaml:6:9: pipelines.train.steps.fit.timeout:',
    ],
    [
      'automation:\n  r:\n    when: performance.degraded\n    do: retrain\n',
      'mainstay.yaml:2:3: automation.r.endpoint:',
    ],
    ['[]', 'mainstay.yaml:1:1: is a group of fields'],
    ['pipelines:\n  p:\n    params: {}\n', 'mainstay.yaml:2:3: pipelines.p.steps: is missing'],
    [
      'pipelines:\n  p:\n    params: { n: [1] }\n    steps: { a: { run: x } }\n',
      'mainstay.yaml:3:15: pipelines.p.params.n: is a text, a number, true, false or empty',
    ],
    [
      'pipelines:\n  p:\n    steps:\n      a: { run: x, needs: b, retry: 3, cache: yes, timeout: 30 }\n',
      'mainstay.yaml:4:20: pipelines.p.steps.a.needs: is a list, not a text',
    ],
    [
      'pipelines:\n  p:\n    steps:\n      a: { run: x, retry: 3 }\n',
      'is a group of fields (max, backoff), not a number',
    ],
    ['pipelines:\n  p:\n    steps:\n      a: { run: x, timeout: 30 }\n', 'timeout: is a duration like 30s'],
    ['pipelines:\n  p:\n    max_active_runs: 0\n    steps: { a: { run: x } }\n', 'max_active_runs: is at least 1'],
    ['pipelines:\n  p:\n    steps:\n      a:\n        run: echo a: b\n', 'mainstay.yaml:5:14: a text that holds “: ”'],
    ['endpoints:\n\ta: {}\n', 'mainstay.yaml:2:1: lines are indented with spaces'],
  ])('%j', (text, start) => {
    expect(refusalOf(text).message).toContain(start)
  })

  test('all of them are listed, not the first only', () => {
    const { details } = refusalOf('endpoints:\n  a: {clock: x}\n  b: {clock: y}\n')
    expect(details['issues']).toMatchObject([
      { line: 2, field: 'endpoints.a.clock' },
      { line: 3, field: 'endpoints.b.clock' },
    ])
  })
})

describe('a hostile file is refused quickly', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
  ].join('\n')
  test.each([
    ['an alias bomb', bomb],
    ['an alias of itself', 'endpoints: &x\n  a: *x\n'],
    ['deep lists', '['.repeat(400_000)],
    ['deep blocks', '- '.repeat(200_000)],
    ['deep maps', '{a: '.repeat(100_000)],
    ['deep keys', '? '.repeat(200_000)],
    ['a repeated key', 'project: a\nproject: b\n'],
    ['many wrong entries', `endpoints:\n${Array.from({ length: 30_000 }, (_, i) => `  e${i}: 1\n`).join('')}`],
    ['a tag', 'project: !!js/function "function(){}"\n'],
    ['a binary', 'project: !!binary aGk=\n'],
    ['a merge key', 'endpoints:\n  a: &a {}\n  b:\n    <<: *a\n'],
    ['two documents', 'project: a\n---\nproject: b\n'],
    ['infinity', 'endpoints:\n  a: {pair_below: .inf}\n'],
    ['not a number', 'endpoints:\n  a: {pair_below: .nan}\n'],
    ['an integer that loses digits', 'endpoints:\n  a: {queue_rows: 12345678901234567890}\n'],
    ['a key that is no text', 'endpoints:\n  ? [a, b]\n  : {}\n'],
    ['a prototype', 'endpoints:\n  __proto__: {clock: event}\n'],
    ['half a file', 'endpoints: {a: {clock: "event\n'],
    ['a tab', 'endpoints:\n\ta: {}\n'],
    ['bytes', '\u0000\u0001\u0002'],
  ])('%s', (_, text) => {
    const began = performance.now()
    expect(refusalOf(text)).toMatchObject({ code: 'project.invalid' })
    expect(performance.now() - began).toBeLessThan(3_000)
  })

  test('nothing of it reaches a prototype', () => {
    expect(({} as Record<string, unknown>)['clock']).toBeUndefined()
  })
})

test('aliases that do not multiply may be used', () => {
  const { endpoints } = read('endpoints:\n  a: &a {clock: event}\n  b: *a\n')
  expect(endpoints['b']).toEqual(endpoints['a'])
})

test('what differs is told by its path; the order of keys does not count', () => {
  expect(compareSpecs(undefined, {})).toEqual({ change: 'create', fields: [] })
  expect(compareSpecs({ a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 })).toEqual({ change: 'unchanged', fields: [] })
  expect(differingFields({ a: 1, b: { c: [1, 2], d: 1 } }, { a: 1, b: { c: [2, 1], d: 1 }, e: true })).toEqual([
    { field: 'b.c', before: [1, 2], after: [2, 1] },
    { field: 'e', before: null, after: true },
  ])
})

test('what the guides and the example declare is understood', () => {
  const texts = [
    ...readdirSync('docs/guides').map((name) => `docs/guides/${name}`),
    'examples/bikes/mainstay.yaml',
  ].flatMap((path) => {
    const text = readFileSync(path, 'utf8')
    return path.endsWith('.yaml')
      ? [text]
      : [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block]) => block ?? '')
  })
  expect(texts.length).toBeGreaterThan(5)
  for (const text of texts) {
    for (const definition of Object.values(read(text).pipelines)) checkDefinition(definition)
  }
})
