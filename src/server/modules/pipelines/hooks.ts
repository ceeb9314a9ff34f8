import type { RunTrigger } from '../../../contract/pipelines.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'

/** Data that a step may ask for beside files and artifacts. */
export interface InputSource {
  kind: 'predictions'
  /** Identity of exactly the data that `deliver` would write now: part of the cache key. */
  key(ctx: Ctx, spec: Readonly<Record<string, unknown>>): Promise<string>
  /** Writes the data to the file and says how many rows it has. */
  deliver(ctx: Ctx, spec: Readonly<Record<string, unknown>>, file: string): Promise<{ rows: number }>
}

/** A platform step as its hook sees it. */
export interface PlatformNode {
  run: string
  pipeline: string
  step: string
  /** Stable over attempts. */
  idempotencyKey: string
  params: Readonly<Record<string, unknown>>
  trigger: RunTrigger
  /** What stands under the step's verb, expressions resolved. */
  spec: Readonly<Record<string, unknown>>
  /** By step, what it put out: `{train: {model: …, metrics: …}}`. */
  upstream: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** `wait` is shown to people; `until` (ms UTC) is the latest time to ask again, by default very soon. */
export type Prepared = { wait: string; until?: number } | { ready: unknown }

export interface PlatformOutcome {
  passed: boolean
  outputs: Record<string, unknown>
  sentence: string
}

/**
 * `prepare` may take long and is repeated after a crash, so it has no effect but notes that bear repetition; `commit` runs in
 * the transaction that ends the step, so what it does happens exactly once.
 */
export interface PlatformStep {
  kind: 'check' | 'register' | 'deploy'
  prepare(ctx: Ctx, node: PlatformNode): Promise<Prepared>
  commit(ctx: TxCtx, node: PlatformNode, ready: unknown): Promise<PlatformOutcome>
}

/** What an attempt logged through MLflow. */
export interface AttemptOutputs {
  /** The newest logged model. */
  model: { id: string; digest: string | null; run: string | null } | null
  metrics: Record<string, number>
  run: string | null
}

export interface PipelineHooks {
  inputs: InputSource[]
  steps: PlatformStep[]
  /** What an attempt logged; by default what the experiments module holds under its token. */
  attemptOutputs(ctx: Ctx, attempt: string): Promise<AttemptOutputs>
  /** Writes a logged model's files into a folder that does not exist yet, for steps that take one as input. */
  deliverModel(ctx: Ctx, model: string, folder: string): Promise<void>
}
