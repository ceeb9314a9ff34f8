import { createHash } from 'node:crypto'

const levels = (text, times) => text.repeat(times)
const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghij'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefghi'[i]},`.repeat(9)}]`),
].join('\n')

/** Files that have broken YAML readers; none of them is a project. */
export const hostileFiles = [
  ['an alias bomb', bomb],
  ['an alias of itself', 'endpoints: &x\n  a: *x\n'],
  ['deep lists', levels('[', 200_000)],
  ['deep blocks', levels('- ', 200_000)],
  ['deep maps', levels('{a: ', 100_000)],
  ['deep keys', levels('? ', 200_000)],
  ['deep anchors', levels('&a ', 100_000)],
  ['a long key', `${'k'.repeat(400_000)}: 1\n`],
  ['many keys', `endpoints:\n${Array.from({ length: 30_000 }, (_, i) => `  e${i}: 1\n`).join('')}`],
  ['a repeated key', 'endpoints: {}\nendpoints: {}\n'],
  ['a tag', 'project: !!python/object/apply:os.system ["true"]\n'],
  ['a merge key', 'endpoints:\n  a: &a {}\n  b:\n    <<: *a\n'],
  ['two documents', '--- {}\n--- {}\n'],
  ['a directive', '%YAML 9.9\n---\n{}\n...\n%TAG ! x\n'],
  ['a tab', 'endpoints:\n\ta: {}\n'],
  ['infinity', 'endpoints:\n  a: {pair_below: .inf}\n'],
  ['a huge number', `endpoints:\n  a: {pair_below: ${'9'.repeat(5_000)}}\n`],
  ['a prototype', 'endpoints:\n  __proto__: {clock: event}\n'],
  ['a constructor', 'endpoints:\n  a: {constructor: {prototype: {clock: event}}}\n'],
  ['control characters', 'project: "a\u0007\u0000b"\n'],
  ['a lone surrogate', 'endpoints: {"\ud800": {}}\n'],
  ['half a text', 'project: "default\n'],
  ['a path for a name', 'endpoints: {"../../x": {}}\n'],
  ['a file outside', 'pipelines: {a: {steps: {b: {run: "true", in: {x: {file: ../../etc/passwd}}}}}}\n'],
  ['an output outside', 'pipelines: {a: {steps: {b: {run: "true", out: {x: {path: /etc/passwd}}}}}}\n'],
  ['a circle of steps', 'pipelines: {a: {steps: {b: {run: "true", needs: [c]}, c: {run: "true", needs: [b]}}}}\n'],
  ['a deep expression', `pipelines: {a: {steps: {b: {run: "true", when: "${levels('(', 900)}"}}}}\n`],
  ['a slow pattern', `pipelines: {a: {steps: {b: {run: "\${{ ${levels('a.', 900)} }}"}}}}\n`],
]

const bytes = Buffer.from('print(1)\n')
const digest = createHash('sha256').update(bytes).digest('hex')
const codeFile = (path, more = {}) => ({ path, digest, size: bytes.length, mode: 0o644, ...more })

/**
 * Lists of code files that name what they must not.
 * @type {[string, object[]][]}
 */
export const hostileCode = [
  ['a way out', [codeFile('../x.py')]],
  ['an absolute path', [codeFile('/etc/cron.d/x')]],
  ['a backslash', [codeFile('..\\x.py')]],
  ['a drive', [codeFile('C:/x.py')]],
  ['a NUL', [codeFile('x\0.py')]],
  ['a dot', [codeFile('a/./x.py')]],
  ['an empty name', [codeFile('a//x.py')]],
  ['one path twice', [codeFile('x.py'), codeFile('x.py')]],
  ['a file that is a folder', [codeFile('x'), codeFile('x/y.py')]],
  ['a long name', [codeFile('ü'.repeat(200))]],
  ['a size that is none', [codeFile('x.py', { size: -1 })]],
  ['too much', [codeFile('x.py', { size: 60e6 })]],
]

/** Paths of a file below an owner, as they stand in an address. */
export const hostilePaths = [
  '..%2f..%2fx',
  '%2e%2e/x',
  '%2e%2e%2f%2e%2e%2fx',
  '..',
  '.',
  '/etc/passwd',
  '%2fetc%2fpasswd',
  '%00',
  'a%00.txt',
  'a/../../b',
  '%5c..%5cx',
  '..%5c..%5cx',
  '%c0%ae%c0%ae/x',
  'a//b',
  'x'.repeat(5_000),
  '%C3%BC'.repeat(200),
]
