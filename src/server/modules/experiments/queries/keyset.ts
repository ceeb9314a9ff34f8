import { sql } from 'kysely'
import { MainstayError } from '../../../../contract/errors.ts'
import type { Sql } from './filter-sql.ts'

/** One column that a search is ordered by; it is never NULL, so that pages compare exactly. */
export interface SortColumn {
  value: Sql
  descending: boolean
  numeric: boolean
}

type SortValue = string | number

const alias = (i: number): string => `sort_${i}`

export const sortSelection = (columns: readonly SortColumn[]): Sql =>
  sql.join(columns.map((column, i) => sql`${column.value} as ${sql.ref(alias(i))}`))

export const orderBy = (columns: readonly SortColumn[]): Sql =>
  sql.join(
    columns.map((_, i) => (columns[i]?.descending === true ? sql`${sql.ref(alias(i))} desc` : sql.ref(alias(i)))),
  )

/** Rows after the given ones in the order: (a > x) or (a = x and b > y) … */
export function afterKey(columns: readonly SortColumn[], token: string | undefined): Sql {
  if (token === undefined || token === '') return sql`1 = 1`
  const values = fromToken(columns, token)
  const operand = (i: number): Sql =>
    columns[i]?.numeric === true ? sql`cast(${values[i]} as double precision)` : sql`${values[i]}`
  const beyond = (i: number): Sql => (columns[i]?.descending === true ? sql`<` : sql`>`)
  const steps = columns.map((column, i) => {
    const equal = columns.slice(0, i).map((earlier, j) => sql`${earlier.value} = ${operand(j)} and `)
    return sql`(${sql.join(equal, sql``)}${column.value} ${beyond(i)} ${operand(i)})`
  })
  const first = columns[0]
  // Implied by the steps; said apart because an index can use it.
  const range = first ? sql`${first.value} ${beyond(0)}= ${operand(0)} and ` : sql``
  return sql`(${range}(${sql.join(steps, sql` or `)}))`
}

const longestToken = 16_384

/** Opaque to the caller: the sort values of the last row of a page. */
function toToken(columns: readonly SortColumn[], row: object): string {
  const values = columns.map((_, i) => (row as Record<string, SortValue>)[alias(i)])
  return Buffer.from(
    JSON.stringify(values.map((value) => (typeof value === 'number' ? String(value) : value))),
  ).toString('base64url')
}

function fromToken(columns: readonly SortColumn[], token: string): SortValue[] {
  const values = token.length > longestToken ? undefined : parseList(Buffer.from(token, 'base64url').toString())
  if (values?.length !== columns.length) throw notOurs()
  return values.map((value, i) => {
    const number = columns[i]?.numeric === true ? Number(value) : Number.NaN
    if (typeof value !== 'string' || (columns[i]?.numeric === true && Number.isNaN(number))) throw notOurs()
    return columns[i]?.numeric === true ? number : value
  })
}

function notOurs(): MainstayError {
  return new MainstayError('request.invalid', 'Invalid page token: it was not made by this server for this search')
}

/** A token is a flat list of texts; anything else is refused before it is parsed. */
function parseList(text: string): unknown[] | undefined {
  if (
    !/^\["(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"(?:,"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")*\]$/.test(
      text,
    )
  )
    return undefined
  // oxlint-disable-next-line no-control-regex -- control characters are what JSON forbids in a text
  return /[\u0000-\u001f]/.test(text) ? undefined : (JSON.parse(text) as unknown[])
}

export interface SearchPage<T> {
  items: T[]
  next?: string
}

/** Cuts rows that were read with one too many, and makes the token of the following page. */
export function cutPage<T extends object>(
  rows: readonly T[],
  limit: number,
  columns: readonly SortColumn[],
): SearchPage<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return rows.length > limit && last ? { items, next: toToken(columns, last) } : { items }
}
