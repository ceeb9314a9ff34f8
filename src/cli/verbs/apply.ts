import type { Command } from 'commander'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import pc from 'picocolors'
import * as api from '../../contract/project.ts'
import { call, putBytes } from '../call.ts'
import { readCodeTree, type CodeFile } from '../code-tree.ts'
import { Failure } from '../failure.ts'
import { verb, type JsonOption } from '../options.ts'
import { printJson, Progress } from '../output.ts'

export function register(program: Command): void {
  verb(program, 'apply', 'Makes the server hold what mainstay.yaml says. The same file again changes nothing.')
    .option('-f, --file <path>', 'the file', 'mainstay.yaml')
    .option('--dry-run', 'say what would change, and change nothing')
    .action(apply)
}

async function apply(options: JsonOption & { file: string; dryRun?: boolean }): Promise<void> {
  const path = resolve(options.file)
  const file = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Failure(`${options.file} cannot be read`, {
      next: 'Go to the folder of mainstay.yaml, or name the file with -f.',
      cause: error,
    })
  })
  const root = dirname(path)
  // Only pipelines run stored code; a file without them needs no look at the folder.
  const code = /^[^#\n]*\bpipelines["']?\s*:/m.test(file) ? await readCodeTree(root, basename(path)) : []
  const input = { file, name: basename(path), code, dry_run: options.dryRun === true }
  let result = await call(api.apply, input)
  if (!input.dry_run && result.missing.length > 0) {
    await upload(root, code, result.missing)
    result = await call(api.apply, input)
    if (!result.applied)
      throw new Failure(`${result.missing.length} files changed while they were read`, {
        next: 'Run `mainstay apply` again.',
      })
  }
  if (options.json) return printJson(result)
  show(result.changes, input.dry_run)
}

async function upload(root: string, code: readonly CodeFile[], missing: readonly string[]): Promise<void> {
  const progress = new Progress()
  const paths = new Map(code.map(({ digest, path }) => [digest, path]))
  for (const [index, digest] of missing.entries()) {
    const path = paths.get(digest)
    if (path === undefined) continue
    progress.show(`code ${index + 1} of ${missing.length}: ${path}`)
    const body = Readable.toWeb(createReadStream(join(root, path))) as ReadableStream
    await putBytes(api.putCodeObject.path.replace(':digest', digest), body)
  }
  progress.end()
}

const marks = { create: pc.green('+'), update: pc.yellow('~'), unchanged: pc.dim('=') }

/** A value as one line of YAML flow, cut where it would fill the screen. */
function short(value: unknown): string {
  if (value === null) return 'none'
  const text = (typeof value === 'string' && value !== '' ? value : JSON.stringify(value)).replace(/\s+/g, ' ').trim()
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function show(changes: readonly api.Change[], isDry: boolean): void {
  for (const { kind, name, change, fields } of changes) {
    console.log(`${marks[change]} ${kind} ${name}`)
    for (const { field, before, after } of fields)
      console.log(`    ${field}  ${pc.dim(`${short(before)} → ${short(after)}`)}`)
  }
  const count = (wanted: api.Change['change']): number => changes.filter(({ change }) => change === wanted).length
  const would = isDry ? 'would be ' : ''
  console.log(`${count('create')} ${would}created, ${count('update')} ${would}changed, ${count('unchanged')} unchanged`)
}
