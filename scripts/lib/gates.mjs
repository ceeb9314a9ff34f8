import { availableParallelism } from 'node:os'
import { readFileSync } from 'node:fs'
import { green, red, seconds } from './console.mjs'
import { filesBelow, inRoot } from './files.mjs'
import { capture, tool } from './run.mjs'

const node =
  (file, ...args) =>
  () =>
    capture(process.execPath, [...tool(file), ...args])
const verdict = (complaints) => ({ code: complaints.length === 0 ? 0 : 1, output: complaints.join('\n') })

/**
 * The gates: each has a name and a function that returns an exit code and what was found.
 * The slowest come first, because a few run at a time.
 */
const gates = [
  { name: 'types', run: node('typescript/bin/tsc', '--noEmit') },
  { name: 'lint', run: node('oxlint/bin/oxlint') },
  {
    name: 'imports',
    run: node(
      'dependency-cruiser/bin/dependency-cruise.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err-long',
      'src',
    ),
  },
  { name: 'unused', run: node('knip/bin/knip.js', '--no-progress', '--no-config-hints') },
  { name: 'sql', run: node('vitest/vitest.mjs', 'run', '--project', 'modules', 'queries.test', '--update=none') },
  { name: 'format', run: node('oxfmt/bin/oxfmt', '--check') },
  { name: 'docs', run: () => capture(process.execPath, [inRoot('scripts/reference.mjs'), '--check']) },
  { name: 'lock', run: lock },
  { name: 'names', run: names },
  { name: 'words', run: words },
  { name: 'codes', run: codes },
]

/** Runs all gates, prints each with its time and what it found, and returns how many passed and which failed. */
export async function runGates() {
  const waiting = [...gates]
  const count = { passed: 0, failures: [] }
  const worker = async () => {
    for (let gate = waiting.shift(); gate; gate = waiting.shift()) {
      const start = performance.now()
      const { code, output } = await gate.run()
      if (code === 0) count.passed += 1
      else count.failures.push(gate.name)
      console.log(`${code === 0 ? green('ok    ') : red('failed')}  ${gate.name.padEnd(8)} ${seconds(start)}`)
      if (code !== 0) console.log(output.trimEnd().replace(/^/gm, '        '))
    }
  }
  await Promise.all(Array.from({ length: Math.min(4, Math.max(2, availableParallelism())) }, worker))
  return count
}

/** The lock file must serve every operating system, from the public registry, whoever made it. */
function lock() {
  const { packages } = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'))
  const registry = ['https://registry', 'npmjs', 'org/'].join('.')
  const complaints = []
  for (const [path, entry] of Object.entries(packages)) {
    if (entry.resolved && !entry.resolved.startsWith(registry)) complaints.push(`${path} comes from ${entry.resolved}`)
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!resolves(packages, path, name)) complaints.push(`${path} wants ${name}, which the lock file lacks`)
    }
  }
  return verdict(complaints)
}

/** Looks a package up as Node does: in the package's own node_modules, then in each folder above. */
function resolves(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true
    if (folder === '') return false
  }
}

const attics = new Set(['types', 'utils', 'common', 'shared', 'helpers'])
const fileName = /^[a-z0-9]+([.-][a-z0-9]+)*\.[a-z0-9]+$/
const componentName = /^([A-Z][A-Za-z0-9]*|[a-z0-9]+(-[a-z0-9]+)*)(\.test)?(\.module)?\.(tsx|css)$/

/** Folders and files are named as the house does it. */
function names() {
  const complaints = []
  for (const path of filesBelow('src')) {
    const parts = path.split('/')
    const name = parts.pop()
    const attic = parts.find((part) => attics.has(part))
    if (attic)
      complaints.push(`${path}: no folder is named ${attic}; a helper lives beside its user, under a real name`)
    const style = /\.(tsx|css)$/.test(path) ? componentName : fileName
    if (name !== 'README.md' && !style.test(name)) {
      complaints.push(`${path}: files are kebab-case, components are PascalCase`)
    }
  }
  return verdict(complaints)
}

/** Every error code of the catalogue is raised somewhere. */
function codes() {
  const catalogue = 'src/contract/errors.ts'
  const known = [...readFileSync(inRoot(catalogue), 'utf8').matchAll(/^  '([a-z_]+\.[a-z_]+)': \[/gm)].map(
    ([, code]) => code,
  )
  const sources = filesBelow('src').filter(
    (path) => /\.tsx?$/.test(path) && !/\.test\./.test(path) && path !== catalogue,
  )
  const text = sources.map((path) => readFileSync(inRoot(path), 'utf8')).join('\n')
  const unused = known.filter((code) => !text.includes(`'${code}'`))
  return verdict(
    known.length === 0
      ? [`${catalogue}: no codes were found`]
      : unused.map((code) => `${catalogue}: nothing raises ${code}`),
  )
}

const machinePath = new RegExp(`(?<![\\w.})*-])/(${['work', 'root'].join('|')})/`)
const registries = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['pypi', 'org'],
  ['files', 'pythonhosted', 'org'],
  ['proxy', 'golang', 'org'],
].map((parts) => parts.join('.'))

/** No file may hold a path of somebody's machine or the address of a package registry. */
function words() {
  const banned = [...registries, ...configuredRegistries()]
  const complaints = []
  for (const path of filesBelow('.').filter((path) => path !== 'package-lock.json')) {
    const content = readFileSync(inRoot(path))
    if (content.includes(0)) continue
    content
      .toString('utf8')
      .split('\n')
      .forEach((line, index) => {
        const found = machinePath.exec(line)?.[0] ?? banned.find((host) => line.includes(host))
        if (found) complaints.push(`${path}:${index + 1}: ${found}`)
      })
  }
  return verdict(complaints)
}

/** The hosts that this machine's npm and pip are set to; they leak into files most easily. */
function configuredRegistries() {
  const addresses = [process.env.npm_config_registry, process.env.PIP_INDEX_URL, process.env.UV_INDEX_URL]
  return addresses.flatMap((address) => (address && URL.canParse(address) ? [new URL(address).host] : []))
}
