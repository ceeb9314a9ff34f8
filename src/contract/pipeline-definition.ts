import { z } from 'zod'
import { Duration } from './duration.ts'
import { facts } from './facts.ts'
import { fieldProblems, inPlainWords } from './field-problems.ts'

/** A word of the expression language, so that `train.model` can be read without quotes. */
const Word = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'uses letters, digits and “_” and starts with a letter')
export const RelativePath = z
  .string()
  .min(1)
  .max(500)
  .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'is a relative path without “..”')
  .meta({ pattern: String.raw`^(?!/)(?!(.*/)?\.\.(/|$))` })
export const Scalar = z.union(
  [z.string(), z.number(), z.boolean(), z.null()],
  'is a text, a number, true, false or empty',
)
const Expression = z.union([z.string().max(2_000), z.boolean()])

const Text = z.string().max(2_000)
/** A number, or an expression that gives one. */
const Numeric = z.union([z.number(), Text], 'is a number or an expression')
/** RFC 3339 or milliseconds, or an expression; empty says nothing. */
const Moment = z.union([z.string().max(2_000), z.number()], 'is a time or an expression')
const Predictions = z.strictObject({
  endpoint: Text,
  from: Moment.optional(),
  to: Moment.optional(),
  labelled: z.boolean().default(true),
})

const optional = z.boolean().default(false)
export const StepInput = z.union(
  [
    z.strictObject({ file: RelativePath, optional }),
    z.strictObject({ artifact: z.string().regex(/^\w+\.\w+$/, 'is STEP.OUTPUT'), optional }),
    z.strictObject({ predictions: Predictions, optional }),
  ],
  'is one of {file: PATH}, {artifact: STEP.OUTPUT}, {predictions: {endpoint, from, to, labelled}}, each with optional: true or without',
)
export type StepInput = z.infer<typeof StepInput>

const StepOutput = z.union(
  [
    z.strictObject({ kind: z.enum(['model', 'metrics']) }),
    z.strictObject({ path: RelativePath, optional, kind: z.string().max(40).default('file') }),
  ],
  'is one of {kind: model}, {kind: metrics}, {path: PATH}',
)
export type StepOutput = z.infer<typeof StepOutput>

const stepBase = { needs: z.array(Word).default([]), when: Expression.optional() }
const Retry = z.strictObject({ max: z.number().int().min(0).max(100).default(0), backoff: Duration.default('1s') })

export const CommandStep = z.strictObject({
  ...stepBase,
  run: z.string().min(1).max(20_000),
  in: z.record(Word, StepInput).default({}),
  out: z.record(Word, StepOutput).default({}),
  /** Names of the parameters that the step is given; all of them when absent. */
  params: z.array(Word).optional(),
  retry: Retry.prefault({}),
  timeout: Duration.default('1d'),
  /** How long a cancelled step may take to end by itself after SIGTERM. */
  grace: Duration.default('10s'),
  env: z.string().min(1).optional(),
  cache: z.boolean().default(true),
})
export type CommandStep = z.infer<typeof CommandStep>

/** With `endpoint`, `from` and `to` against the live version, else `metric` of the training run against a bound. */
const CheckSpec = z.strictObject({
  model: Text.optional(),
  metric: Text.optional(),
  max: Numeric.optional(),
  min: Numeric.optional(),
  endpoint: Text.optional(),
  from: Moment.optional(),
  to: Moment.optional(),
})
export const CheckStep = z.strictObject({ ...stepBase, check: CheckSpec })
export const RegisterStep = z.strictObject({
  ...stepBase,
  register: z.strictObject({ model: Text.optional(), from: Text.optional() }),
})
export const DeployStep = z.strictObject({
  ...stepBase,
  deploy: z.strictObject({ endpoint: Text, model: Text.optional(), version: Numeric.optional() }),
})

/** A step is told by its verb, so that a wrong field is reported in the step and not as “no variant fits”. */
export const Step = z.unknown().transform((value, context): CommandStep | PlatformStepDefinition => {
  const shape = typeof value === 'object' && value !== null ? verbs.find(([verb]) => verb in value)?.[1] : undefined
  if (!shape) {
    context.addIssue({ code: 'custom', message: 'needs one of run, check, register, deploy' })
    return z.NEVER
  }
  const parsed = shape.safeParse(value, { error: inPlainWords })
  if (parsed.success) return parsed.data
  for (const problem of fieldProblems(parsed.error)) context.addIssue({ code: 'custom', ...problem })
  return z.NEVER
})
const verbs = [
  ['run', CommandStep],
  ['check', CheckStep],
  ['register', RegisterStep],
  ['deploy', DeployStep],
] as const
export type PlatformStepDefinition =
  | z.infer<typeof CheckStep>
  | z.infer<typeof RegisterStep>
  | z.infer<typeof DeployStep>
export type Step = z.output<typeof Step>

export const Trigger = z.union(
  [
    z.strictObject({
      cron: z.string().min(1),
      zone: z.string().default('UTC'),
      params: z.record(Word, Scalar).default({}),
    }),
    z.strictObject({
      // Checked apart, where a refusal can list them; editors complete them.
      event: z
        .string()
        .min(1)
        .meta({ enum: [...facts] }),
      match: z.record(z.string(), z.unknown()).default({}),
      /** May read the fact: `"${{ event.version }}"`. */
      params: z.record(Word, Scalar).default({}),
    }),
  ],
  'is one of {cron, zone}, {event, match}',
)
export type Trigger = z.infer<typeof Trigger>

/** One entry of `pipelines:` in mainstay.yaml. */
export const PipelineDefinition = z.strictObject({
  params: z.record(Word, Scalar).default({}),
  env: z.string().min(1).default('current'),
  triggers: z.array(Trigger).default([]),
  max_active_runs: z.number().int().min(1).max(1_000).default(1),
  steps: z.record(Word, Step).refine((steps) => Object.keys(steps).length > 0, 'has at least one step'),
})
export type PipelineDefinition = z.infer<typeof PipelineDefinition>

export const PipelineName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'uses lower-case letters, digits, “-” and “_”')
