import { z } from 'zod'

const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of fields',
  record: 'a group of names with their values',
}

const kindOf = (value: unknown): string =>
  value === null ? 'empty' : Array.isArray(value) ? 'a list' : (kinds[typeof value] ?? typeof value)

/** For `safeParse` of what people write: in plain words, and of a field that a shape does not have, which ones it has. */
export const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is missing'
    const wanted = kinds[issue.expected]
    if (wanted === undefined) return undefined
    // What a query held where a number was wanted.
    if (Number.isNaN(issue.input)) return `is ${wanted}`
    const fields = issue.inst instanceof z.ZodObject ? ` (${Object.keys(issue.inst.shape).join(', ')})` : ''
    return `is ${wanted}${fields}, not ${kindOf(issue.input)}`
  }
  if (issue.code === 'too_small' && issue.origin === 'number') return `is at least ${issue.minimum}`
  if (issue.code === 'too_big' && issue.origin === 'number') return `is at most ${issue.maximum}`
  if (issue.code !== 'unrecognized_keys') return undefined
  const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : []
  return known.length === 0 ? 'there is no such field' : `there is no such field; there are ${known.join(', ')}`
}

export interface FieldProblem {
  path: PropertyKey[]
  message: string
}

/** What is wrong, a line for each field. */
export function fieldProblems(error: z.ZodError): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: issue.message }))
    // A wrong name is reported as an invalid key, with the reason one level down.
    const message =
      issue.code === 'invalid_key' ? `the name ${issue.issues[0]?.message ?? 'is not usable'}` : issue.message
    return [{ path: issue.path, message }]
  })
}
