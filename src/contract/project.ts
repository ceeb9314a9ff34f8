import { z } from 'zod'
import { RuleSpec } from './automation.ts'
import { endpoint } from './endpoint.ts'
import { MonitorSpec } from './monitoring.ts'
import { Name } from './name.ts'
import {
  CheckStep,
  CommandStep,
  DeployStep,
  PipelineDefinition,
  PipelineName,
  RegisterStep,
  Step,
} from './pipeline-definition.ts'
import { CodeTreeFile } from './pipelines.ts'
import { EndpointSpec } from './serving.ts'

export const ModelSpec = z.strictObject({ description: z.string().max(5_000).default('') })
export type ModelSpec = z.infer<typeof ModelSpec>

const ProjectName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'uses lower-case letters, digits and “-”')

/** Entries by name; a part left empty has none, as people write while they begin. */
const entries = <K extends z.ZodString, T extends z.ZodType>(name: K, entry: T) =>
  z
    .record(name, entry)
    .nullish()
    .transform((value): Record<string, z.output<T>> => value ?? {})

/** An entry with nothing but defaults may be written as `name:` alone. */
const orDefaults = <T extends z.ZodType>(shape: T) =>
  shape.nullish().transform((value): z.output<T> => value ?? shape.parse({}))

/** One file declares a project as code. */
export const ProjectFile = z.strictObject({
  project: ProjectName.default('default'),
  models: entries(Name, orDefaults(ModelSpec)),
  pipelines: entries(PipelineName, PipelineDefinition),
  endpoints: entries(Name, orDefaults(EndpointSpec)),
  monitors: entries(Name, orDefaults(MonitorSpec)),
  automation: entries(Name, RuleSpec),
})
export type ProjectFile = z.infer<typeof ProjectFile>

export const ChangeKind = z.enum(['model', 'pipeline', 'endpoint', 'monitor', 'rule'])
export type ChangeKind = z.infer<typeof ChangeKind>

/** One field of an entry before and after; null where it is not there. */
export const FieldChange = z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })
export type FieldChange = z.infer<typeof FieldChange>

export const Change = z.object({
  kind: ChangeKind,
  name: z.string(),
  change: z.enum(['create', 'update', 'unchanged']),
  /** What differs; empty for a new or unchanged entry. */
  fields: z.array(FieldChange),
})
export type Change = z.infer<typeof Change>

/** A project's code: everything beside mainstay.yaml that .gitignore does not name. */
export const largestCode = 50 * 1024 * 1024

export const apply = endpoint({
  id: 'project.apply',
  method: 'POST',
  path: '/api/v1/apply',
  permission: 'project.apply',
  summary:
    'Makes the server hold what a mainstay.yaml says; the same file again changes nothing. Answers the code objects that it lacks, and then applies nothing.',
  input: z.object({
    file: z.string().max(500_000),
    name: z.string().max(500).default('mainstay.yaml'),
    code: z.array(CodeTreeFile).max(20_000).default([]),
    dry_run: z.boolean().default(false),
  }),
  output: z.object({
    project: z.string(),
    changes: z.array(Change),
    missing: z.array(z.string()),
    applied: z.boolean(),
  }),
})

/** The body is the file itself, streamed. */
export const putCodeObject = endpoint({
  id: 'project.putCodeObject',
  method: 'PUT',
  path: '/api/v1/code/:digest',
  permission: 'project.apply',
  summary: 'Uploads one file of the project’s code, named by its sha256.',
  input: z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/) }),
  output: z.object({ digest: z.string(), size: z.number().int() }),
})

export const getFileSchema = endpoint({
  id: 'project.getFileSchema',
  method: 'GET',
  path: '/api/v1/schema/mainstay.json',
  permission: 'public',
  summary: 'The JSON Schema of mainstay.yaml, for editors.',
  input: z.object({}),
  output: z.record(z.string(), z.unknown()),
})

function stepSchema(): object {
  const { $schema: _, ...schema } = z.toJSONSchema(z.union([CommandStep, CheckStep, RegisterStep, DeployStep]), {
    io: 'input',
    unrepresentable: 'any',
  })
  return schema
}

/** What editors complete and check mainstay.yaml with. */
export function projectFileSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(ProjectFile, {
    io: 'input',
    unrepresentable: 'any',
    // A step is parsed by its verb, which JSON Schema says as a choice of shapes.
    override: ({ zodSchema, jsonSchema }) => {
      if ((zodSchema as unknown) === Step) Object.assign(jsonSchema, stepSchema())
    },
  })
  return { ...schema, title: 'mainstay.yaml', $id: 'mainstay.schema.json' }
}
