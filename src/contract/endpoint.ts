import type { z } from 'zod'
import type { Permission } from './permissions.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * One operation of the native API. The same object serves the server (`serve`), the web (`read`, `useWrite`),
 * the CLI and the OpenAPI document, so an operation is described once.
 */
export interface Endpoint<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** `<module>.<verb>`; the part before the dot names the module that owns it. */
  readonly id: string
  readonly method: Method
  /** `:name` parts are filled from the input; what is left goes to the query (GET) or the JSON body. */
  readonly path: string
  readonly permission: Permission
  readonly input: I
  readonly output: O
  readonly summary: string
}

export function endpoint<I extends z.ZodType, O extends z.ZodType>(definition: Endpoint<I, O>): Endpoint<I, O> {
  return definition
}

/** An operation whose answer is a stream of bytes instead of one JSON value. */
export interface StreamEndpoint<I extends z.ZodType = z.ZodType> extends Omit<Endpoint<I>, 'output'> {
  readonly contentTypes: readonly string[]
}

export function streamEndpoint<I extends z.ZodType>(definition: StreamEndpoint<I>): StreamEndpoint<I> {
  return definition
}

export type Input<E> = E extends { input: infer I extends z.ZodType } ? z.input<I> : never
export type Parsed<E> = E extends { input: infer I extends z.ZodType } ? z.output<I> : never
export type Output<E> = E extends { output: infer O extends z.ZodType } ? z.output<O> : never

/** Names of the `:parts` of a path. */
export function pathNames(path: string): string[] {
  return [...path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1] ?? '')
}

/** Fills the path from the input and returns what is left over. */
export function fillPath(
  path: string,
  input: Readonly<Record<string, unknown>>,
): { path: string; rest: Record<string, unknown> } {
  const rest: Record<string, unknown> = { ...input }
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = rest[name]
    delete rest[name]
    return encodeURIComponent(String(value))
  })
  return { path: filled, rest }
}

/** The query string of a GET; arrays repeat their key, undefined is left out. */
export function toQuery(rest: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined) continue
    for (const item of Array.isArray(value) ? value : [value]) query.append(name, String(item))
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
