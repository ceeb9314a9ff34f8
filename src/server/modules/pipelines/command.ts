import { mkdir, rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { toMs } from '../../../contract/duration.ts'
import type { CommandStep } from '../../../contract/pipeline-definition.ts'
import { MainstayError } from '../../../contract/errors.ts'
import { crashPoint } from '../../platform/compute/crash-point.ts'
import { cookieName, LocalProcess, type Exit } from '../../platform/compute/local.ts'
import { sweep } from '../../platform/compute/procfs.ts'
import { limitLog } from '../../platform/compute/log-limit.ts'
import { baseEnvironment, BuildError, type Python, type PythonEnvironments } from '../../platform/compute/python.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Attempt, Outcome } from './attempt.ts'
import {
  cacheFields,
  cacheKey,
  canonical,
  changedFiles,
  compareFields,
  digestOf,
  whySentence,
  type CacheFields,
} from './cache-key.ts'
import { durable } from './durable.ts'
import { resolveText, textOf } from './expression.ts'
import type { PipelineHooks } from './hooks.ts'
import { checkOut, InputError, planInputs } from './inputs.ts'
import { areStored, collectOutputs, OutputError } from './outputs.ts'
import { placesOfAttempt, type Places } from './places.ts'
import * as q from './queries/runs.ts'
import { paramsOf, scopeOf } from './scope.ts'
import { getVersion } from './versions.ts'

const longestTimerMs = 2_000_000_000

export interface CommandParts {
  ctx: Ctx
  home: string
  hooks: PipelineHooks
  pythons: PythonEnvironments
  trackingUri(): string
  /** Called with each process that runs, so that a lost attempt can be ended at once. */
  onProcess(attempt: string, process: LocalProcess): void
}

/** What is stored about the cache's decision; read by `why`. */
export interface StoredWhy {
  verdict: 'hit' | 'miss' | 'off'
  sentence: string
  key: string | null
  fields: CacheFields
  before: CacheFields | null
  compared: { run: string; node: string } | null
}

/** `cancel` ends the step; `leave` ends only our watching of it: another server will adopt it. */
export interface Signals {
  cancel: AbortSignal
  leave: AbortSignal
}

/** Does one attempt at a command step. Undefined means that we were asked to leave it running. */
export async function runCommand(
  parts: CommandParts,
  attempt: Attempt,
  signals: Signals,
): Promise<Outcome | undefined> {
  const step = commandOf(attempt)
  const places = placesOfAttempt(parts.home, attempt)
  try {
    await mkdir(places.folder, { recursive: true })
    const planned = await plan(parts, attempt, step, places, signals)
    if (planned === undefined || 'kind' in planned) return planned
    if (signals.cancel.aborted) return { kind: 'cancelled' }
    if (signals.leave.aborted) return undefined
    crashPoint('pipelines.spawn.before')
    const process = LocalProcess.start({ folder: places.folder, cwd: places.work, ...planned })
    crashPoint('pipelines.spawn.after')
    return await supervise(parts, attempt, step, places, process, signals)
  } catch (error) {
    return outcomeOfError(error)
  }
}

/** Goes on with what another server process began. */
export async function adoptCommand(
  parts: CommandParts,
  attempt: Attempt,
  signals: Signals,
): Promise<Outcome | undefined> {
  const step = commandOf(attempt)
  const places = placesOfAttempt(parts.home, attempt)
  try {
    const found = await LocalProcess.adopt(places.folder, attempt.id)
    if (found === 'never_started') return { kind: 'never_started' }
    if (found instanceof LocalProcess) return await supervise(parts, attempt, step, places, found, signals)
    return await outcomeOf(parts, attempt, step, places, found)
  } catch (error) {
    return outcomeOfError(error)
  }
}

function commandOf(attempt: Attempt): CommandStep {
  return attempt.graph.step(attempt.node.name) as CommandStep
}

/** A refusal is the step's own fault; anything else may pass. */
function outcomeOfError(error: unknown): Outcome {
  const sentence = error instanceof Error ? error.message : String(error)
  const isRefusal = error instanceof MainstayError && error.status < 500
  if (isRefusal || error instanceof InputError || error instanceof BuildError) {
    return { kind: 'failed', reason: 'failed', sentence, final: true }
  }
  return { kind: 'lost', sentence }
}

async function plan(
  parts: CommandParts,
  attempt: Attempt,
  step: CommandStep,
  places: Places,
  signals: Signals,
): Promise<Outcome | { command: string; env: Record<string, string> } | undefined> {
  const { ctx, hooks } = parts
  const upstream = await q.listNodes(ctx.db, attempt.run.id, attempt.graph.needs(attempt.node.name))
  const command = textOf(resolveText(step.run, scopeOf(attempt.run, upstream)))
  const python = await pythonOf(parts, attempt, step, places, signals)
  if (python === undefined || 'kind' in python) return python
  const inputs = await planInputs(ctx, hooks, attempt, step, upstream)
  const params = givenParams(attempt, step)
  if (Object.keys(step.out).length > 0) {
    const fields = cacheFields({
      command,
      params,
      code: digestOf(canonical(attempt.code)),
      python: python.identity,
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, { identity }]) => [name, identity])),
      outputs: step.out,
    })
    const hit = await consultCache(ctx, attempt, step, fields)
    if (hit) return hit
  }
  await checkOut(ctx, attempt.code, places.work)
  for (const input of Object.values(inputs)) await input.deliver(places.work)
  await mkdir(places.checkpoint, { recursive: true })
  return { command, env: stepEnvironment(parts, attempt, python, params, places) }
}

/** A build that takes longer than the step may is given up like the step itself. */
async function pythonOf(
  parts: CommandParts,
  attempt: Attempt,
  step: CommandStep,
  places: Places,
  { cancel, leave }: Signals,
): Promise<Python | Outcome | undefined> {
  const wanted = step.env ?? attempt.graph.definition.env
  if (wanted === 'current') return await parts.pythons.current()
  const file = attempt.code.find(({ path }) => path === wanted)
  if (!file) throw new InputError(`env: the stored code has no file ${wanted}`)
  const requirements = await parts.ctx.blobs.read(file.digest)
  const tooLong = AbortSignal.timeout(Math.min(toMs(step.timeout), longestTimerMs))
  const stop = AbortSignal.any([cancel, tooLong])
  const python = await parts.pythons.fromRequirements(requirements, places.log, { stop, leave })
  if (python) return python
  if (cancel.aborted) return { kind: 'cancelled' }
  if (leave.aborted) return undefined
  return {
    kind: 'failed',
    reason: 'timeout',
    sentence: `the Python environment was not built within ${step.timeout}`,
  }
}

function givenParams(attempt: Attempt, step: CommandStep): Record<string, string | number | boolean | null> {
  const all = paramsOf(attempt.run)
  const names = step.params ?? Object.keys(all)
  return Object.fromEntries(names.map((name) => [name, all[name] ?? null]))
}

/** All that a step sees of its surroundings; nothing else of this server's environment reaches it. */
function stepEnvironment(
  parts: CommandParts,
  attempt: Attempt,
  python: Python,
  params: Readonly<Record<string, string | number | boolean | null>>,
  places: Places,
): Record<string, string> {
  const { run, node } = attempt
  const named = Object.entries(params).map(([name, value]) => [`MAINSTAY_PARAM_${name.toUpperCase()}`, textOf(value)])
  return {
    ...baseEnvironment(python.bin),
    ...(Object.fromEntries(named) as Record<string, string>),
    MLFLOW_TRACKING_URI: parts.trackingUri(),
    MLFLOW_EXPERIMENT_NAME: run.pipeline,
    ...(attempt.token === null ? {} : { MLFLOW_TRACKING_TOKEN: attempt.token }),
    MAINSTAY_RUN: run.id,
    MAINSTAY_STEP: node.name,
    [cookieName]: attempt.id,
    MAINSTAY_IDEMPOTENCY_KEY: `${run.id}/${node.name}`,
    MAINSTAY_CHECKPOINT_DIR: places.checkpoint,
  }
}

/** Decides from the key whether the work was done before, and stores why. */
async function consultCache(
  ctx: Ctx,
  attempt: Attempt,
  step: CommandStep,
  fields: CacheFields,
): Promise<Outcome | undefined> {
  const { run, node } = attempt
  const key = cacheKey(fields)
  const stored = step.cache ? await q.findCached(ctx.db, run.project_id, key) : undefined
  const outputs = stored && (JSON.parse(stored.outputs) as Record<string, unknown>)
  const usable = outputs !== undefined && (await areStored(ctx, outputs))
  const near = usable ? stored : await q.newestCached(ctx.db, run.project_id, run.pipeline, node.name)
  const before = near ? (JSON.parse(near.fields) as CacheFields) : null
  const files = near && before?.code !== fields.code ? await filesSince(ctx, attempt, near.run_id) : []
  const reason = whySentence(compareFields(fields, before ?? undefined), near !== undefined, files)
  const why: StoredWhy = {
    verdict: usable ? 'hit' : step.cache ? 'miss' : 'off',
    sentence: usable
      ? `the same work was done in run ${stored?.run_id}`
      : step.cache
        ? stored
          ? `the result of run ${stored.run_id} is no longer stored`
          : reason
        : 'the step says cache: false',
    key,
    fields,
    before,
    compared: near ? { run: near.run_id, node: near.node } : null,
  }
  await durable(ctx, 'pipelines.plan', async (ctx) => {
    if (stored && !usable) await q.deleteCached(ctx.db, run.project_id, key)
    const held = { run_id: run.id, name: node.name, fence: attempt.fence }
    await q.changeNode(ctx.db, held, ['running', 'cancelling'], { why: JSON.stringify(why) })
  })
  return usable ? { kind: 'cached', outputs, sentence: why.sentence } : undefined
}

/** Which files of the code are other ones than in an earlier run. */
async function filesSince(ctx: Ctx, attempt: Attempt, earlier: string): Promise<string[]> {
  const run = await q.getRun(ctx.db, earlier)
  const { code } = await getVersion(ctx.db, run.project_id, run.pipeline, run.version)
  return changedFiles(attempt.code, code)
}

const showPidAfterMs = 250
const largestLog = 64 * 1_048_576

async function supervise(
  parts: CommandParts,
  attempt: Attempt,
  step: CommandStep,
  places: Places,
  process: LocalProcess,
  signals: Signals,
): Promise<Outcome | undefined> {
  parts.onProcess(attempt.id, process)
  const stopLimiting = limitLog(places.log, largestLog)
  const how = await watchProcess(parts, attempt, process, toMs(step.timeout), signals)
  await stopLimiting()
  if (how === 'leave') return undefined
  if (how === 'cancel' || how === 'timeout') {
    crashPoint('pipelines.kill.before')
    await process.kill(toMs(step.grace))
    crashPoint('pipelines.kill.after')
    if (how === 'cancel') return { kind: 'cancelled' }
    return { kind: 'failed', reason: 'timeout', sentence: `did not end within ${step.timeout}` }
  }
  return await outcomeOf(parts, attempt, step, places, how)
}

async function watchProcess(
  parts: CommandParts,
  attempt: Attempt,
  process: LocalProcess,
  timeoutMs: number,
  signals: Signals,
): Promise<Exit | 'cancel' | 'leave' | 'timeout'> {
  const timers: NodeJS.Timeout[] = []
  const after = (ms: number, act: () => void): void => void timers.push(setTimeout(act, Math.min(ms, longestTimerMs)))
  const undo: (() => void)[] = []
  const told = new Promise<'cancel' | 'leave' | 'timeout'>((resolve) => {
    for (const name of ['cancel', 'leave'] as const) {
      const tell = (): void => resolve(name)
      if (signals[name].aborted) tell()
      signals[name].addEventListener('abort', tell)
      undo.push(() => signals[name].removeEventListener('abort', tell))
    }
    after(Math.max(0, timeoutMs - process.ageMs()), () => resolve('timeout'))
  })
  after(showPidAfterMs, () => showPid(parts.ctx, attempt, process.pid))
  try {
    return await Promise.race([process.ended, told])
  } finally {
    for (const timer of timers) clearTimeout(timer)
    for (const step of undo) step()
  }
}

/** For people only, so steps that are over at once are spared the write. */
function showPid(ctx: Ctx, attempt: Attempt, pid: number): void {
  durable(ctx, 'pipelines.pid', (ctx) => q.updateAttempt(ctx.db, attempt.id, { pid })).catch((error: unknown) =>
    ctx.log.warn({ attempt: attempt.id, err: error }, 'pid of a step not stored'),
  )
}

async function outcomeOf(
  parts: CommandParts,
  attempt: Attempt,
  step: CommandStep,
  places: Places,
  exit: Exit,
): Promise<Outcome> {
  // What left the group must be gone before another try begins beside it.
  if ('lost' in exit || exit.code !== 0) await sweep(cookieName, new Set([attempt.id]))
  if ('lost' in exit) return { kind: 'lost', sentence: exit.lost }
  const { code: exitCode } = exit
  if (exitCode !== 0) return { kind: 'failed', reason: 'failed', sentence: exitSentence(exitCode), exitCode }
  try {
    crashPoint('pipelines.outputs.before')
    const outputs = await collectOutputs(parts.ctx, parts.hooks, attempt.id, step, places.work)
    crashPoint('pipelines.outputs.after')
    const cache = await cacheEntry(parts.ctx, attempt, step)
    return { kind: 'succeeded', outputs, exitCode, ...(cache ? { cache } : {}) }
  } catch (error) {
    if (!(error instanceof OutputError)) throw error
    await sweep(cookieName, new Set([attempt.id]))
    return { kind: 'failed', reason: 'failed', sentence: error.message, exitCode }
  }
}

/** A shell tells of a signal by a code beyond 128; SIGKILL is mostly a machine without memory. */
function exitSentence(code: number): string {
  const killer = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0]
  return killer === undefined ? `exit code ${code}` : `exit code ${code} (${killer})`
}

/** The key was stored before the start, so it is known to a server that adopted the step too. */
async function cacheEntry(
  ctx: Ctx,
  attempt: Attempt,
  step: CommandStep,
): Promise<{ key: string; fields: CacheFields } | undefined> {
  if (!step.cache || Object.keys(step.out).length === 0) return undefined
  const row = await q.findNode(ctx.db, attempt.run.id, attempt.node.name)
  if (!row || row.why === null) return undefined
  const { key, fields } = JSON.parse(row.why) as StoredWhy
  return key === null ? undefined : { key, fields }
}

/** The checkout of a step that succeeded holds nothing that is not stored; a failed one is kept to be looked at. */
export async function tidy(parts: CommandParts, attempt: Attempt, outcome: Outcome): Promise<void> {
  if (outcome.kind === 'failed' || outcome.kind === 'lost') return
  await rm(placesOfAttempt(parts.home, attempt).work, { recursive: true, force: true })
}
