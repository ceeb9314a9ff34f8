import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inRoot } from './lib/files.mjs'

/**
 * Writes docs/reference/ from what the program itself knows: settings, endpoints, the shape of mainstay.yaml.
 * `--check` writes nothing and fails if a page says something else.
 */
const isSource = process.execArgv.some((argument) => argument.includes('tsx'))
if (!isSource) {
  const again = ['--import', 'tsx', fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  process.exit(spawnSync(process.execPath, again, { cwd: inRoot('.'), stdio: 'inherit' }).status ?? 1)
}

const load = (path) => import(new URL(`../src/${path}`, import.meta.url).href)
const [{ settings }, { allEndpoints }, { openApiDocument }, { version }, { projectFileSchema }, { errorCatalogue }] =
  await Promise.all([
    load('server/config/config.ts'),
    load('contract/all.ts'),
    load('server/http/openapi.ts'),
    load('server/platform/version.ts'),
    load('contract/project.ts'),
    load('contract/errors.ts'),
  ])

const json = (value) => `${JSON.stringify(value, null, 2)}\n`
const cell = (text) => String(text).replaceAll('|', '\\|')
const made = 'Made by `node scripts/reference.mjs`; do not edit.'

function configPage() {
  const rows = Object.values(settings).map(({ env, shape, about }) => {
    const absent = shape.safeParse(undefined)
    const value = absent.success ? absent.data : undefined
    const standard = value === undefined || (Array.isArray(value) && value.length === 0) ? '' : `\`${cell(value)}\``
    return `| \`${env}\` | ${standard} | ${cell(about)} |`
  })
  return [
    '# Settings',
    '',
    `An empty environment starts a working server. Options of \`mainstay up\` outrank these. ${made}`,
    '',
    '| variable | default | meaning |',
    '|---|---|---|',
    ...rows,
    '',
    'The command line reads `MAINSTAY_URL` (default `http://127.0.0.1:7070`), `MAINSTAY_TOKEN`, `MAINSTAY_HOME` and `MAINSTAY_PYTHON`; `mainstay up` takes the `.venv` of Mainstay’s own folder where there is one and none is named.',
    '',
  ].join('\n')
}

function errorsPage() {
  const rows = Object.entries(errorCatalogue).map(
    ([code, [status, next]]) => `| \`${code}\` | ${status} | ${cell(next)} |`,
  )
  return [
    '# Errors',
    '',
    `A code is stable; its text may improve. ${made}`,
    '',
    '| code | status | what to do next |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

const pages = {
  'docs/reference/config.md': configPage(),
  'docs/reference/errors.md': errorsPage(),
  'docs/reference/mainstay.schema.json': json(projectFileSchema()),
  'docs/reference/openapi.json': json(openApiDocument(allEndpoints, version)),
}

const isCheck = process.argv.includes('--check')
const stale = Object.entries(pages).filter(
  ([path, text]) => !existsSync(inRoot(path)) || readFileSync(inRoot(path), 'utf8') !== text,
)
for (const [path, text] of stale) {
  if (isCheck) {
    console.error(`${path} is not what the program says; run \`node scripts/reference.mjs\``)
    continue
  }
  mkdirSync(dirname(inRoot(path)), { recursive: true })
  writeFileSync(inRoot(path), text)
  console.log(`wrote ${path}`)
}
process.exitCode = isCheck && stale.length > 0 ? 1 : 0
