import { MainstayError } from '../../../contract/errors.ts'

/** Where reading is now: names and places, pushed and popped, made into text only for a refusal. */
export type Path = (string | number)[]

/** Reads one value of the wire. */
type Reader<T> = (value: unknown, path: Path) => T

const nameOf = (path: Path): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  )

export interface Field<T> {
  read: Reader<T>
  required: boolean
  /** What absence means, where it means something. */
  usual?: T
  /** A query string holds one value or several of it. */
  repeated?: boolean
}

export type Shape = Readonly<Record<string, Field<unknown>>>
export type Values<S extends Shape> = { [K in keyof S]: S[K] extends Field<infer T> ? T : never }

const advice = 'See the API docs for more information about request parameters.'

function missing(path: Path): MainstayError {
  const field = nameOf(path)
  return new MainstayError('request.invalid', `Missing value for required parameter '${field}'. ${advice}`, { field })
}

function wrong(value: unknown, path: Path): MainstayError {
  const field = nameOf(path)
  const type = value === null ? 'NoneType' : Array.isArray(value) ? 'list' : pythonTypes[typeof value]
  const shown = (JSON.stringify(value) ?? 'null').slice(0, 200)
  const hint = ` Hint: Value was of type '${type ?? 'object'}'.`
  return new MainstayError(
    'request.invalid',
    `Invalid value ${shown} for parameter '${field}' supplied:${hint} ${advice}`,
    { field },
  )
}

const pythonTypes: Readonly<Record<string, string>> = {
  string: 'str',
  number: 'float',
  boolean: 'bool',
  object: 'dict',
}

const optional = <T>(read: Reader<T>): Field<T | undefined> => ({ read, required: false })
const demanded = <T>(read: Reader<T>): Field<T> => ({ read, required: true })

const readText: Reader<string> = (value, path) => {
  if (typeof value !== 'string') throw wrong(value, path)
  if (value.includes('\0')) throw wrong(value, path)
  return value
}

/** int64 comes as a number or as its decimal text; what a double cannot hold exactly is refused. */
const readInt: Reader<number> = (value, path) => {
  const number = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number)) throw wrong(value, path)
  if (!Number.isSafeInteger(number)) {
    throw new MainstayError(
      'request.invalid',
      `Invalid value ${JSON.stringify(value)} for parameter '${nameOf(path)}' supplied: It must lie between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}. ${advice}`,
    )
  }
  return number
}

const specials: ReadonlyMap<string, number> = new Map(
  Object.entries({
    NaN: Number.NaN,
    Infinity: Number.POSITIVE_INFINITY,
    '-Infinity': Number.NEGATIVE_INFINITY,
  }),
)

const readDouble: Reader<number> = (value, path) => {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') throw wrong(value, path)
  const number = specials.get(value) ?? Number(value)
  if (Number.isNaN(number) && value !== 'NaN') throw wrong(value, path)
  return number
}

const readFlag: Reader<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  if (text === 'true') return true
  if (text === 'false') return false
  throw wrong(value, path)
}

export const text = optional(readText)
export const textNeeded = demanded(readText)
export const int = optional(readInt)
export const intNeeded = demanded(readInt)
export const doubleNeeded = demanded(readDouble)
export const flag = optional(readFlag)

/** A whole number within bounds; 0 and below are refused, as is what is above. */
export const limit = (usual: number, most: number): Field<number> => ({
  required: false,
  usual,
  read(value, path) {
    const number = readInt(value, path)
    if (number < 1 || number > most) {
      throw new MainstayError(
        'request.invalid',
        `Invalid value ${number} for parameter '${nameOf(path)}' supplied: It must be at least 1 and at most ${most}. ${advice}`,
      )
    }
    return number
  },
})

/** An object of a request may hold anything by the name `toString`, so nothing but these is made a number. */
const isNumeral = (value: unknown): value is number | string =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')

/** An enum by name or by number. An unknown one is refused, or ignored where MLflow's server ignores it. */
export const oneOf = <T extends string>(
  names: Readonly<Record<number, T>>,
  unknown: 'refuse' | 'ignore' = 'refuse',
): Field<T | undefined> =>
  optional((value, path) => {
    const byNumber = isNumeral(value) ? names[Number(value)] : undefined
    if (byNumber !== undefined) return byNumber
    const byName = Object.values(names).find((name) => name === value)
    if (byName === undefined && unknown === 'refuse') throw wrong(value, path)
    return byName
  })

const longestList = 10_000

/** A repeated field: absent is empty, a single value of a query string is a list of one. */
export const list = <T>(item: Field<T>, most = longestList): Field<T[]> => ({
  required: false,
  usual: [],
  repeated: true,
  read(value, path) {
    if (!Array.isArray(value)) throw wrong(value, path)
    if (value.length > most) {
      throw new MainstayError(
        'request.invalid',
        `Invalid value of ${value.length} elements for parameter '${nameOf(path)}' supplied: It may have at most ${most}. ${advice}`,
      )
    }
    return value.map((element, i) => {
      path.push(i)
      const read = readField(item, element, path)
      path.pop()
      return read
    })
  },
})

export const message = <S extends Shape>(shape: S): Field<Values<S>> =>
  demanded((value, path) => readMessage(shape, value, path))

function readField<T>(field: Field<T>, value: unknown, path: Path): T {
  const absent = value === undefined || value === null
  if (field.required && (absent || value === '')) throw missing(path)
  return absent ? (field.usual as T) : field.read(value, path)
}

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

type Entry = readonly [name: string, other: string, field: Field<unknown>]
const entries = new WeakMap<Shape, Entry[]>()

function entriesOf(shape: Shape): Entry[] {
  const known = entries.get(shape)
  if (known) return known
  const made = Object.entries(shape).map(([name, field]): Entry => [name, camel(name), field])
  entries.set(shape, made)
  return made
}

/** Reads an object by its shape: names in snake_case or camelCase, unknown names ignored. */
export function readMessage<S extends Shape>(shape: S, value: unknown, path: Path = []): Values<S> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(value, path)
  const from = value as Record<string, unknown>
  const values: Record<string, unknown> = {}
  for (const [name, other, field] of entriesOf(shape)) {
    const given = Object.hasOwn(from, name) ? from[name] : Object.hasOwn(from, other) ? from[other] : undefined
    path.push(name)
    values[name] = readField(field, given, path)
    path.pop()
  }
  return values as Values<S>
}

/** Values of a query string become lists where the shape has lists. */
export function fromQuery(shape: Shape, query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(query)) {
    const repeated = shape[name]?.repeated === true
    values[name] =
      repeated && !Array.isArray(value) ? [value] : !repeated && Array.isArray(value) ? value.at(-1) : value
  }
  return values
}
