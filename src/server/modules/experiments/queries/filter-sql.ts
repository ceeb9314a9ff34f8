import { sql, type RawBuilder } from 'kysely'
import { MainstayError } from '../../../../contract/errors.ts'
import type { Dialect } from '../../../platform/db/columns.ts'
import type { Comparison, Filter } from '../filter.ts'

export type Sql = RawBuilder<unknown>

function refuse(why: string): MainstayError {
  return new MainstayError('experiments.invalid_filter', why)
}

/** The condition of a whole filter, from the conditions of its comparisons. */
export function whereOf(filter: Filter, compare: (comparison: Comparison) => Sql): Sql {
  if ('all' in filter)
    return sql`(${sql.join(
      filter.all.map((part) => whereOf(part, compare)),
      sql` and `,
    )})`
  if ('any' in filter)
    return sql`(${sql.join(
      filter.any.map((part) => whereOf(part, compare)),
      sql` or `,
    )})`
  return compare(filter)
}

const signs = { '=': sql`=`, '!=': sql`<>`, '<': sql`<`, '<=': sql`<=`, '>': sql`>`, '>=': sql`>=` }

const nameOf = ({ entity, key }: Comparison): string => `${entity}.${key}`

export function compareNumber(column: Sql, comparison: Comparison): Sql {
  const { operator, value } = comparison
  const sign = operator in signs ? signs[operator as keyof typeof signs] : undefined
  if (sign === undefined) throw refuse(`${nameOf(comparison)} is a number; it knows no ${operator.toUpperCase()}`)
  if (typeof value !== 'number')
    throw refuse(`${nameOf(comparison)} is a number; compare it with a number, without quotes`)
  return sql`${column} ${sign} cast(${value} as double precision)`
}

export function compareText(dialect: Dialect, column: Sql, comparison: Comparison): Sql {
  const { operator, value } = comparison
  if (operator === 'is null') return sql`${column} is null`
  if (operator === 'is not null') return sql`${column} is not null`
  if (operator === 'in' || operator === 'not in') {
    const list = sql.join(value as readonly string[])
    return operator === 'in' ? sql`${column} in (${list})` : sql`${column} not in (${list})`
  }
  if (typeof value !== 'string') throw refuse(`${nameOf(comparison)} is a text; compare it with a text in quotes`)
  if (operator === 'like') return likeExact(dialect, column, value)
  if (operator === 'ilike') return sql`lower(${column}) like lower(${escapeLike(dialect, value)})`
  if (operator !== '=' && operator !== '!=') throw refuse(`${nameOf(comparison)} is a text; it knows no ${operator}`)
  return sql`${column} ${signs[operator]} ${value}`
}

/** PostgreSQL takes a backslash in a pattern as an escape; the filter language has none. */
function escapeLike(dialect: Dialect, pattern: string): string {
  return dialect === 'postgres' ? pattern.replaceAll('\\', '\\\\') : pattern
}

/** LIKE of SQLite folds case, so its GLOB does the exact match. */
function likeExact(dialect: Dialect, column: Sql, pattern: string): Sql {
  if (dialect === 'postgres') return sql`${column} like ${escapeLike(dialect, pattern)}`
  const glob = pattern.replace(/[[*?]/g, '[$&]').replaceAll('%', '*').replaceAll('_', '?')
  return sql`${column} glob ${glob}`
}

/**
 * A condition on rows (owner, key, value) of a side table. `!=` holds for owners that have the key with another
 * value, as MLflow has it. Equality holds for few owners, which the index of (key, value) lists; anything else may
 * hold for most of them, so each owner is asked until the page is full.
 */
export function comparePair(dialect: Dialect, table: string, owner: string, self: Sql, comparison: Comparison): Sql {
  const { key, operator, value } = comparison
  if (operator !== '=') {
    const own = sql`(select value from ${sql.table(table)} where ${sql.ref(owner)} = ${self} and key = ${key})`
    return compareText(dialect, own, comparison)
  }
  return sql`${self} in (select ${sql.ref(owner)} from ${sql.table(table)}
    where key = ${key} and substr(value, 1, 200) = substr(${value}, 1, 200) and ${compareText(dialect, sql`value`, comparison)})`
}
