import type { ProjectFile, Change, ChangeKind, FieldChange } from '../../../contract/project.ts'

type Entries = Readonly<Record<string, unknown>>

/** The part of the file that a kind of section owns. */
export const partOf: Record<ChangeKind, Exclude<keyof ProjectFile, 'project'>> = {
  model: 'models',
  pipeline: 'pipelines',
  endpoint: 'endpoints',
  monitor: 'monitors',
  rule: 'automation',
}

export function compareSpecs(before: unknown, after: unknown): Pick<Change, 'change' | 'fields'> {
  if (before === undefined) return { change: 'create', fields: [] }
  const fields = differingFields(before, after)
  return { change: fields.length === 0 ? 'unchanged' : 'update', fields }
}

const isEntries = (value: unknown): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where two plain values differ, by dotted paths; the order of keys does not count, that of lists does. */
export function differingFields(before: unknown, after: unknown, path = ''): FieldChange[] {
  if (isEntries(before) && isEntries(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap((name) => differingFields(before[name], after[name], path === '' ? name : `${path}.${name}`))
  }
  const isSame =
    Array.isArray(before) && Array.isArray(after) && before.length === after.length
      ? before.every((item, index) => differingFields(item, after[index]).length === 0)
      : before === after
  return isSame ? [] : [{ field: path, before: before ?? null, after: after ?? null }]
}

export interface Reference {
  /** Where in the file the name stands, and if it is left out the entry that implies it. */
  path: string[]
  kind: 'endpoint' | 'pipeline'
  name: string
}

/** What the entries of a file refer to by name; each must be in the file or on the server. */
export function referencesOf(file: ProjectFile): Reference[] {
  const references: Reference[] = []
  for (const [name, monitor] of Object.entries(file.monitors)) {
    const isNamed = monitor.endpoint !== undefined
    references.push({
      path: ['monitors', name, ...(isNamed ? ['endpoint'] : [])],
      kind: 'endpoint',
      name: monitor.endpoint ?? name,
    })
  }
  for (const [name, rule] of Object.entries(file.automation)) {
    references.push({ path: ['automation', name, 'endpoint'], kind: 'endpoint', name: rule.endpoint })
    if (rule.pipeline !== undefined)
      references.push({ path: ['automation', name, 'pipeline'], kind: 'pipeline', name: rule.pipeline })
  }
  return references
}
