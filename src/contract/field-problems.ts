import { z } from 'zod'

/** For `safeParse`: of a field that a shape does not have, says which ones it has. */
export const nameFields: z.core.$ZodErrorMap = (issue) => {
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
