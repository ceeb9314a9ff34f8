import type { Output, Parsed } from '../../../contract/endpoint.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type { CodeTreeFile } from '../../../contract/pipelines.ts'
import { largestCode, type apply, type Change, type ProjectFile } from '../../../contract/project.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { assertPath } from '../artifacts/module.ts'
import { audit } from '../audit/module.ts'
import { readProjectFile, type ReadFile } from './project-file.ts'
import { compareSpecs, partOf, referencesOf } from './rules.ts'
import type { Section } from './section.ts'

/** One entry of the file, compared with what is stored. */
interface Planned {
  section: Section
  name: string
  spec: unknown
  change: Change
}

/**
 * Makes the server hold what the file says, all of it or nothing. Entries that are stored but not in the file stay; what
 * a rollout owns (versions, weights) is in no file. While code objects are missing nothing is applied.
 */
export async function applyFile(
  ctx: Ctx,
  sections: readonly Section[],
  input: Parsed<typeof apply>,
): Promise<Output<typeof apply>> {
  const read = readProjectFile(input.file, input.name)
  assertProject(ctx, read)
  const code = Object.keys(read.file.pipelines).length === 0 ? [] : checkCode(input.code)
  const planned = await plan(ctx, sections, read, code)
  await assertReferences(ctx, sections, read)
  const changes = planned.map(({ change }) => change)
  const missing = await missingObjects(ctx, code)
  const result = { project: read.file.project, changes, missing }
  if (input.dry_run || missing.length > 0) return { ...result, applied: false }

  const changed = planned.filter(({ change }) => change.change !== 'unchanged')
  if (changed.length > 0) {
    await ctx.tx(async (ctx) => {
      for (const { section, name, spec } of changed) await section.save(ctx, name, spec, code)
      const told = changed.map(({ change }) => `${change.change} ${change.kind} ${change.name}`)
      await audit(ctx, 'project.applied', read.file.project, { file: input.name, changes: told })
    })
  }
  return { ...result, applied: true }
}

function assertProject(ctx: Ctx, read: ReadFile): void {
  if (read.file.project !== ctx.project)
    throw read.refuse(['project'], `this server has the project “${ctx.project}” only`)
}

async function plan(
  ctx: Ctx,
  sections: readonly Section[],
  { file, refuse }: ReadFile,
  code: readonly CodeTreeFile[],
): Promise<Planned[]> {
  const planned: Planned[] = []
  for (const section of sections) {
    const part = partOf[section.kind]
    for (const [name, spec] of Object.entries(file[part])) {
      const compared = await compare(ctx, section, name, spec, code).catch((error: unknown) => {
        throw located(error, [part, name], refuse)
      })
      planned.push({ section, name, spec, change: { kind: section.kind, name, ...compared } })
    }
  }
  assertServed(sections, file, refuse)
  return planned
}

async function compare(
  ctx: Ctx,
  section: Section,
  name: string,
  spec: unknown,
  code: readonly CodeTreeFile[],
): Promise<Pick<Change, 'change' | 'fields'>> {
  const wanted = section.wanted ? section.wanted(spec, code) : spec
  return compareSpecs(await section.current(ctx, name, spec), wanted)
}

/** A refusal of another module that names a field gets the line of the field as well. */
function located(error: unknown, path: readonly string[], refuse: ReadFile['refuse']): unknown {
  if (!(error instanceof MainstayError) || error.code !== 'pipelines.invalid_definition') return error
  const issues = error.details['issues'] as { field?: string }[] | undefined
  const field = error.details['field'] ?? issues?.[0]?.field
  const inner = typeof field === 'string' && field !== '' ? field.split('.') : []
  const message =
    typeof field === 'string' && error.message.startsWith(`${field}: `)
      ? error.message.slice(field.length + 2)
      : error.message
  return refuse([...path, ...inner], message)
}

/** A part of the file that nothing here keeps must not be dropped in silence. */
function assertServed(sections: readonly Section[], file: ProjectFile, refuse: ReadFile['refuse']): void {
  const kept = new Set(sections.map(({ kind }) => partOf[kind]))
  for (const part of Object.values(partOf)) {
    if (Object.keys(file[part]).length > 0 && !kept.has(part)) throw refuse([part], 'this server keeps no such entries')
  }
}

async function assertReferences(ctx: Ctx, sections: readonly Section[], { file, refuse }: ReadFile): Promise<void> {
  for (const { path, kind, name } of referencesOf(file)) {
    if (Object.hasOwn(file[partOf[kind]], name)) continue
    const section = sections.find((each) => each.kind === kind)
    const known = section?.names ? await section.names(ctx) : undefined
    if (known && !known.includes(name))
      throw refuse(path, `there is no ${kind} “${name}” in this file or on the server`)
  }
}

function checkCode(code: readonly CodeTreeFile[]): CodeTreeFile[] {
  const total = code.reduce((sum, file) => sum + file.size, 0)
  if (total > largestCode)
    throw new MainstayError('project.too_large', `the project’s code is ${Math.ceil(total / 1_048_576)} MB`, {
      bytes: total,
    })
  const paths = new Set<string>()
  for (const { path } of code) {
    assertPath(path)
    if (paths.has(path)) throw new MainstayError('request.invalid', `the code names ${path.slice(0, 200)} twice`)
    paths.add(path)
  }
  for (const path of paths) {
    const folder = foldersOf(path).find((above) => paths.has(above))
    if (folder !== undefined)
      throw new MainstayError('request.invalid', `the code names ${folder.slice(0, 200)} as a file and as a folder`)
  }
  return code.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

const foldersOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, i, names) => names.slice(0, i + 1).join('/'))

async function missingObjects(ctx: Ctx, code: readonly CodeTreeFile[]): Promise<string[]> {
  const digests = [...new Set(code.map(({ digest }) => digest))]
  const has = await Promise.all(digests.map((digest) => ctx.blobs.has(digest)))
  return digests.filter((_, index) => has[index] !== true)
}
