import { createHash } from 'node:crypto'

/** What a step's result depends on, by name; each value is short: a text, a number or a digest. */
export type CacheFields = Readonly<Record<string, string>>

const engine = '1'

/** JSON with sorted names, so that equal values have equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`)
    return `{${parts.join(',')}}`
  }
  return JSON.stringify(value ?? null)
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export interface KeyParts {
  command: string
  params: Readonly<Record<string, unknown>>
  code: string
  python: string
  inputs: Readonly<Record<string, string>>
  outputs: unknown
}

/** Neither the machine, the time nor the pipeline's name is in the key; the same work is done once. */
export function cacheFields(parts: KeyParts): CacheFields {
  const fields: Record<string, string> = {
    engine,
    command: parts.command,
    code: parts.code,
    env: parts.python,
    out: canonical(parts.outputs),
  }
  for (const [name, value] of Object.entries(parts.params)) fields[`params.${name}`] = canonical(value)
  for (const [name, value] of Object.entries(parts.inputs)) fields[`in.${name}`] = value
  return fields
}

export const cacheKey = (fields: CacheFields): string => digestOf(canonical(fields))

export interface FieldDifference {
  field: string
  now: string | null
  before: string | null
  same: boolean
}

/** Field by field, those that differ first. */
export function compareFields(now: CacheFields, before: CacheFields | undefined): FieldDifference[] {
  const names = [...new Set([...Object.keys(now), ...Object.keys(before ?? {})])].toSorted()
  return names
    .map((field) => {
      const [a, b] = [now[field] ?? null, before?.[field] ?? null]
      return { field, now: a, before: b, same: a === b }
    })
    .toSorted((a, b) => Number(a.same) - Number(b.same))
}

type Code = readonly { path: string; digest: string; mode: number }[]

/** Paths of files that came, went or changed. */
export function changedFiles(now: Code, before: Code): string[] {
  const list = (code: Code): Map<string, string> =>
    new Map(code.map((file) => [file.path, `${file.digest} ${file.mode}`]))
  const [a, b] = [list(now), list(before)]
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path)).toSorted()
}

const shownFiles = 5

function codeWith(files: readonly string[]): string {
  if (files.length === 0) return 'code'
  const more = files.length > shownFiles ? ` and ${files.length - shownFiles} more` : ''
  return `code (${files.slice(0, shownFiles).join(', ')}${more})`
}

/** `code` and `env` changed. / Nothing like it was done before. */
export function whySentence(
  differences: readonly FieldDifference[],
  compared: boolean,
  files: readonly string[] = [],
): string {
  if (!compared) return 'no earlier result of this step is stored'
  const changed = differences
    .filter(({ same }) => !same)
    .map(({ field }) => (field === 'code' ? codeWith(files) : field))
  return changed.length === 0 ? 'nothing changed since the stored result' : `changed: ${changed.join(', ')}`
}
