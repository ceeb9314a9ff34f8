import { Cron } from 'croner'
import { facts } from '../../../contract/facts.ts'
import { PipelineDefinition, PipelineName, type Trigger } from '../../../contract/pipeline-definition.ts'
import { CodeTreeFile } from '../../../contract/pipelines.ts'
import { MainstayError } from '../../../contract/errors.ts'
import { fieldProblems, inPlainWords } from '../../../contract/field-problems.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { newestEventId } from '../../platform/events/outbox.ts'
import { audit } from '../audit/module.ts'
import { canonical, digestOf } from './cache-key.ts'
import { buildGraph, isCommand, refuse } from './graph.ts'
import * as q from './queries/runs.ts'
import * as t from './queries/triggers.ts'

export interface SavePipeline {
  name: string
  /** As written under `pipelines:`; checked here. */
  definition: unknown
  codeTree: readonly CodeTreeFile[]
}

/** Parses and checks a definition whole: shape, references, circles, schedules. Refuses by the field's path. */
export function checkDefinition(definition: unknown): PipelineDefinition {
  const parsed = PipelineDefinition.safeParse(definition, { error: inPlainWords })
  if (!parsed.success) {
    const issues = fieldProblems(parsed.error).map(({ path, message }) => ({ field: path.join('.'), problem: message }))
    const said = issues.map(({ field, problem }) => `${field === '' ? 'the definition' : field}: ${problem}`).join('; ')
    throw new MainstayError('pipelines.invalid_definition', said, { issues })
  }
  buildGraph(parsed.data)
  parsed.data.triggers.forEach((trigger, i) => {
    for (const name of Object.keys(trigger.params)) {
      if (!Object.hasOwn(parsed.data.params, name)) refuse(`triggers.${i}.params.${name}`, 'there is no such parameter')
    }
    if ('cron' in trigger) {
      if (!isZone(trigger.zone)) refuse(`triggers.${i}.zone`, `“${trigger.zone}” is no time zone; Europe/Berlin is one`)
      const next = nextFire(trigger, Date.UTC(2026, 0, 1), `triggers.${i}.cron`)
      if (next === null) refuse(`triggers.${i}.cron`, 'never comes')
    } else if (!facts.some((fact) => fact === trigger.event))
      refuse(`triggers.${i}.event`, `there is no such event; there are ${facts.join(', ')}`)
  })
  return parsed.data
}

/** The next time of a schedule after the given one, by the wall clock of its zone. */
export function nextFire(trigger: { cron: string; zone: string }, after: number, field = 'cron'): number | null {
  try {
    const cron = new Cron(trigger.cron, { timezone: trigger.zone, paused: true })
    return cron.nextRun(new Date(after))?.getTime() ?? null
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'is no schedule'
    throw new MainstayError(
      'pipelines.invalid_definition',
      `${field}: ${said}; write minute, hour, day, month and weekday, like "0 3 * * 1"`,
      { field },
      { cause: error },
    )
  }
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}

const triggerId = (trigger: Trigger): string => digestOf(canonical(trigger)).slice(0, 16)

/** Digest of a definition with its code: two that are alike are the same version. */
const versionDigest = (definition: PipelineDefinition, code: readonly CodeTreeFile[]): string =>
  digestOf(canonical({ definition, code: code.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }))

/**
 * Stores a pipeline with its code as an immutable version and makes it the current one. The same content again
 * changes nothing; runs in flight keep the version they began with.
 */
export function savePipeline(ctx: Ctx, input: SavePipeline): Promise<{ version: string; changed: boolean }> {
  const name = PipelineName.safeParse(input.name)
  if (!name.success) refuse('name', name.error.issues[0]?.message ?? 'is not usable')
  const definition = checkDefinition(input.definition)
  const code = input.codeTree.map((file) => CodeTreeFile.parse(file))
  const version = versionDigest(definition, code)
  return ctx.tx(async (ctx) => {
    const known = await q.findPipeline(ctx.db, ctx.project, input.name)
    if (known?.version === version) return { version, changed: false }
    const now = ctx.clock.now()
    const pipeline = input.name
    await q.insertVersion(ctx.db, {
      project_id: ctx.project,
      pipeline,
      digest: version,
      definition: JSON.stringify(definition),
      code: JSON.stringify(code),
      created_at: now,
    })
    const stamps = { created_at: known?.created_at ?? now, updated_at: now }
    await q.upsertPipeline(ctx.db, { project_id: ctx.project, name: pipeline, version, turn: 0, ...stamps })
    await saveTriggers(ctx, pipeline, definition.triggers)
    await audit(ctx, 'pipelines.saved', pipeline, { version })
    ctx.emit({ type: 'pipelines.saved', pipeline, version })
    return { version, changed: true }
  })
}

async function saveTriggers(ctx: Ctx, pipeline: string, triggers: readonly Trigger[]): Promise<void> {
  await t.deleteTriggersExcept(ctx.db, ctx.project, pipeline, triggers.map(triggerId))
  const since = await newestEventId(ctx.db)
  for (const trigger of triggers) {
    await t.insertTrigger(ctx.db, {
      project_id: ctx.project,
      pipeline,
      id: triggerId(trigger),
      trigger: JSON.stringify(trigger),
      event: 'event' in trigger ? trigger.event : null,
      since,
      next_at: 'cron' in trigger ? nextFire(trigger, ctx.clock.now()) : null,
    })
  }
}

/** A definition with its code, file by file: what makes two versions differ. */
export type PipelineContent = PipelineDefinition & { code: Record<string, string> }

function contentOf(definition: PipelineDefinition, code: readonly CodeTreeFile[]): PipelineContent {
  const files = code.map(({ path, digest, mode }) => [path, `${digest.slice(0, 12)} ${mode.toString(8)}`])
  return { ...definition, code: Object.fromEntries(files) as Record<string, string> }
}

/** What a file asks for, checked whole: also that the code holds the files that steps name. */
export function wantedContent(definition: unknown, code: readonly CodeTreeFile[]): PipelineContent {
  const content = contentOf(checkDefinition(definition), code)
  const need = (field: string, path: string): void => {
    if (!Object.hasOwn(content.code, path))
      refuse(field, `there is no file ${path} beside mainstay.yaml, or .gitignore names it`)
  }
  if (content.env !== 'current') need('env', content.env)
  for (const [name, step] of Object.entries(content.steps)) {
    if (!isCommand(step)) continue
    if (step.env !== undefined && step.env !== 'current') need(`steps.${name}.env`, step.env)
    for (const [input, source] of Object.entries(step.in))
      if ('file' in source && !source.optional) need(`steps.${name}.in.${input}.file`, source.file)
  }
  return content
}

/** The content of the current version; undefined where there is no such pipeline. */
export async function findPipelineContent(ctx: Ctx, name: string): Promise<PipelineContent | undefined> {
  const known = await q.findPipeline(ctx.db, ctx.project, name)
  if (!known) return undefined
  const row = await q.getVersion(ctx.db, ctx.project, name, known.version)
  // Stored under the rules of its time, which may have been milder.
  return contentOf(PipelineDefinition.parse(JSON.parse(row.definition)), JSON.parse(row.code) as CodeTreeFile[])
}
