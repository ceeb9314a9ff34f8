import type { Command } from 'commander'
import { createReadStream, existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import * as api from '../../contract/registry.ts'
import { call, putBytes } from '../call.ts'
import { Failure, usage } from '../failure.ts'
import { verb, type JsonOption } from '../options.ts'
import { number, printFacts, printJson, printList, Progress, state, table, when } from '../output.ts'

export function register(program: Command): void {
  const models = program.command('models').description('Registered models and their versions.')
  verb(models, 'list', 'Shows the registered models.').action(list)
  verb(models, 'show <name>', 'Shows one model with its versions and aliases.').action(show)
  verb(models, 'register <name> <path>', 'Registers a model file (.onnx) or a folder of mlflow.<flavor>.save_model.')
    .option('--description <text>', 'what is new in this version', '')
    .option('--no-wait', 'return before the version has been exported and compared')
    .action(registerModel)
  verb(models, 'alias <name> <alias> <version>', 'Points an alias at a version.').action(alias)
}

async function list(options: JsonOption): Promise<void> {
  const { items } = await call(api.listModels, { limit: 1_000 })
  printList(
    items,
    [
      { head: 'model', cell: (m) => m.name },
      { head: 'newest', cell: (m) => m.newest_version, align: 'right' },
      { head: 'aliases', cell: (m) => m.aliases.map(({ alias, version }) => `${alias}=${version}`).join(' ') },
      { head: 'changed', cell: (m) => when(m.updated_at) },
      { head: '', cell: (m) => m.description.split('\n')[0] ?? '' },
    ],
    { ...options, empty: 'no models; `mainstay models register NAME FOLDER` or MLflow registers one' },
  )
}

async function show(name: string, options: JsonOption): Promise<void> {
  const [model, versions] = await Promise.all([
    call(api.getModel, { name }),
    call(api.listVersions, { name, limit: 100 }),
  ])
  if (options.json) return printJson({ ...model, versions: versions.items })
  printFacts({
    model: model.name,
    description: model.description,
    aliases: model.aliases.map(({ alias, version }) => `${alias}=${version}`).join(' '),
  })
  if (versions.items.length === 0) return console.log('\nno versions yet')
  console.log(
    `\n${table(versions.items, [
      { head: 'version', cell: (v) => v.version, align: 'right' },
      { head: 'status', cell: (v) => state(v.status) },
      { head: 'onnx', cell: (v) => state(v.onnx.state) },
      {
        head: 'difference',
        cell: (v) => (v.onnx.difference === null ? 'unknown' : number(v.onnx.difference.max_rel)),
        align: 'right',
      },
      { head: 'made', cell: (v) => when(v.created_at) },
      { head: '', cell: (v) => v.onnx.reason ?? v.status_message },
    ])}`,
  )
}

async function registerModel(
  name: string,
  path: string,
  options: JsonOption & { description: string; wait: boolean },
): Promise<void> {
  if (!existsSync(path)) throw usage(`${path} does not exist`)
  const files = await filesOf(path)
  if (files.length === 0) throw usage(`${path} holds no files`)
  const { upload } = await call(api.createUpload, { name })
  const progress = new Progress()
  for (const [index, file] of files.entries()) {
    progress.show(`file ${index + 1} of ${files.length}: ${file.as}`)
    const place = file.as.split('/').map(encodeURIComponent).join('/')
    const route = api.uploadFile.path.replace(':upload', encodeURIComponent(upload)).replace('*', place)
    await putBytes(route, Readable.toWeb(createReadStream(file.from)) as ReadableStream)
  }
  progress.show('registering')
  const made = await call(api.registerVersion, { name, upload, description: options.description })
  const version = options.wait ? await waitForVersion(made, progress) : made
  progress.end()
  if (version.status === 'FAILED_REGISTRATION') {
    throw new Failure(`version ${version.version} of ${name} could not be registered: ${version.status_message}`, {
      next: 'Correct the model and register it again; `mainstay doctor` checks Python.',
    })
  }
  if (options.json) return printJson(version)
  const servable =
    version.onnx.state === 'ready' || version.status !== 'READY'
      ? ''
      : `; not deployable yet: ${version.onnx.reason ?? version.onnx.state}`
  console.log(`${name}/${version.version} is ${version.status}${servable}`)
}

async function waitForVersion(made: api.ModelVersion, progress: Progress): Promise<api.ModelVersion> {
  let version = made
  for (let waited = 0; version.status === 'PENDING_REGISTRATION'; waited += 1) {
    if (waited > 1_200)
      throw new Failure(`version ${version.version} is still being registered after 10 minutes`, {
        next: '`mainstay doctor` shows jobs that failed.',
      })
    progress.show(`version ${version.version}: exporting to ONNX and comparing`)
    await new Promise((resolve) => setTimeout(resolve, 500))
    version = await call(api.getVersion, { name: made.model, version: made.version })
  }
  return version
}

/** A file is the whole model under its own name; a folder is its files. */
async function filesOf(path: string): Promise<{ from: string; as: string }[]> {
  if ((await stat(path)).isFile()) return [{ from: path, as: basename(path) }]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const from = join(entry.parentPath, entry.name)
      return { from, as: from.slice(join(path, '/').length).replaceAll('\\', '/') }
    })
    .toSorted((a, b) => (a.as < b.as ? -1 : 1))
}

async function alias(name: string, text: string, version: string, options: JsonOption): Promise<void> {
  if (!/^\d+$/.test(version)) throw usage(`“${version}” is no version number`)
  const result = await call(api.setAlias, { name, alias: text.replace(/^@/, ''), version: Number(version) })
  if (options.json) printJson(result)
  else
    console.log(
      `${name}@${result.alias} is version ${result.version}${result.previous === null ? '' : `; it was ${result.previous}`}`,
    )
}
