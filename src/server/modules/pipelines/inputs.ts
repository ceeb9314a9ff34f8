import { mkdir, rm } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { pipeline as pipe } from 'node:stream/promises'
import type { CommandStep, StepInput } from '../../../contract/pipeline-definition.ts'
import type { CodeTreeFile } from '../../../contract/pipelines.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Attempt } from './attempt.ts'
import { canonical } from './cache-key.ts'
import type { Scope } from './expression.ts'
import type { PipelineHooks } from './hooks.ts'
import type { StoredOutput, StoredTree } from './outputs.ts'
import type { NodeRow } from './queries/runs.ts'
import { outputsOf, resolveDeep, scopeOf } from './scope.ts'

/** An input whose content is known but not yet written. */
export interface PlannedInput {
  identity: string
  /** Writes it below the folder of the checkout. */
  deliver(work: string): Promise<void>
}

/** The input cannot be had: a fault of the definition or of the data, not of the machine. */
export class InputError extends Error {}

const absent: PlannedInput = { identity: 'absent', deliver: () => Promise.resolve() }

export async function planInputs(
  ctx: Ctx,
  hooks: PipelineHooks,
  attempt: Attempt,
  step: CommandStep,
  upstream: readonly NodeRow[],
): Promise<Record<string, PlannedInput>> {
  const planned: Record<string, PlannedInput> = {}
  for (const [name, source] of Object.entries(step.in)) {
    planned[name] = await planInput(ctx, hooks, attempt, name, source, upstream)
  }
  return planned
}

async function planInput(
  ctx: Ctx,
  hooks: PipelineHooks,
  attempt: Attempt,
  name: string,
  source: StepInput,
  upstream: readonly NodeRow[],
): Promise<PlannedInput> {
  if ('file' in source) return fileInput(ctx, attempt.code, name, source)
  if ('artifact' in source) return artifactInput(ctx, hooks, name, source, upstream)
  return await predictionsInput(ctx, hooks, name, source, scopeOf(attempt.run, upstream))
}

function fileInput(
  ctx: Ctx,
  code: readonly CodeTreeFile[],
  name: string,
  source: Extract<StepInput, { file: string }>,
): PlannedInput {
  const file = code.find(({ path }) => path === source.file)
  if (!file) {
    if (source.optional) return absent
    throw new InputError(`in.${name}: the stored code has no file ${source.file}`)
  }
  return {
    identity: file.digest,
    deliver: (work) => writeObject(ctx, file.digest, join(work, 'inputs', name + extname(source.file))),
  }
}

function artifactInput(
  ctx: Ctx,
  hooks: PipelineHooks,
  name: string,
  source: Extract<StepInput, { artifact: string }>,
  upstream: readonly NodeRow[],
): PlannedInput {
  const [maker, output = ''] = source.artifact.split('.')
  const made = upstream.find((node) => node.name === maker)
  const value = made && (outputsOf(made)[output] as StoredOutput | undefined)
  if (!value) {
    if (source.optional) return absent
    throw new InputError(`in.${name}: ${source.artifact} is empty`)
  }
  const identity = canonical('digest' in value && value.digest !== null ? value.digest : value)
  if ('id' in value) {
    return { identity, deliver: (work) => deliverModel(ctx, hooks, value.id, join(work, 'inputs', name)) }
  }
  if ('tree' in value) {
    return { identity, deliver: (work) => writeTree(ctx, value.digest, join(work, 'inputs', name)) }
  }
  if ('digest' in value) {
    return {
      identity,
      deliver: (work) => writeObject(ctx, value.digest, join(work, 'inputs', name + extname(value.path))),
    }
  }
  return { identity, deliver: (work) => writeJson(ctx, value.values, join(work, 'inputs', `${name}.json`)) }
}

async function predictionsInput(
  ctx: Ctx,
  hooks: PipelineHooks,
  name: string,
  source: Extract<StepInput, { predictions: Record<string, unknown> }>,
  scope: Scope,
): Promise<PlannedInput> {
  const hook = hooks.inputs.find(({ kind }) => kind === 'predictions')
  if (!hook) {
    if (source.optional) return absent
    throw new InputError(`in.${name}: this server keeps no predictions`)
  }
  const spec = resolveDeep(source.predictions, scope) as Record<string, unknown>
  try {
    const identity = await hook.key(ctx, spec)
    return {
      identity,
      async deliver(work) {
        const file = join(work, 'inputs', `${name}.parquet`)
        await mkdir(dirname(file), { recursive: true })
        const { rows } = await hook.deliver(ctx, spec, file)
        if (rows === 0 && source.optional) await rm(file, { force: true })
      },
    }
  } catch (error) {
    if (error instanceof MainstayError && error.status === 404 && source.optional) return absent
    throw error
  }
}

async function deliverModel(ctx: Ctx, hooks: PipelineHooks, model: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  await hooks.deliverModel(ctx, model, folder)
}

/** A copy and never a link: a step may change its files, an object never changes. */
export async function writeObject(ctx: Ctx, digest: string, path: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await pipe(await ctx.blobs.open(digest), createWriteStream(path, { mode }))
}

async function writeTree(ctx: Ctx, manifest: string, folder: string): Promise<void> {
  const { files } = JSON.parse((await ctx.blobs.read(manifest)).toString()) as StoredTree
  for (const { path, digest, mode } of files) await writeObject(ctx, digest, join(folder, path), mode)
}

async function writeJson(ctx: Ctx, value: unknown, path: string): Promise<void> {
  await writeObject(ctx, (await ctx.blobs.putBytes(JSON.stringify(value))).digest, path)
}

/** The stored code, as the step's own folder. */
export async function checkOut(ctx: Ctx, code: readonly CodeTreeFile[], work: string): Promise<void> {
  await mkdir(join(work, 'inputs'), { recursive: true })
  for (const { path, digest, mode } of code)
    await writeObject(ctx, digest, join(work, path), (mode & 0o111) === 0 ? 0o644 : 0o755)
}
