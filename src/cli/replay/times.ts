import type { Cell } from '../../contract/signature.ts'
import { usage } from '../failure.ts'
import type { Row } from './table.ts'

/** Where a row's time is: in one column, or put together from several. */
export type TimeSource = { column: string } | { parts: Readonly<Record<string, string>> }

const partNames = ['date', 'year', 'month', 'day', 'dayofyear', 'hour', 'minute', 'second'] as const
type PartName = (typeof partNames)[number]
const isPart = (name: string): name is PartName => (partNames as readonly string[]).includes(name)

/** `year=2011,month=mnth,dayofyear=day,hour=hr`: each part is a column or a number. */
export function parseTimeParts(text: string): Record<string, string> {
  const parts: Record<string, string> = {}
  for (const item of text.split(',')) {
    const [name = '', value = ''] = item.split('=').map((word) => word.trim())
    if (!isPart(name) || value === '')
      throw usage(`“${item}” is no part of a time`, `Give ${partNames.join(', ')} as PART=COLUMN or PART=NUMBER.`)
    parts[name] = value
  }
  if (parts['date'] === undefined && parts['year'] === undefined)
    throw usage('the parts of a time need a year or a date')
  return parts
}

/** Answers milliseconds UTC of a row; refuses what is no time by the row's number. */
export function timeReader(source: TimeSource, columns: readonly string[]): (row: Row, number: number) => number {
  const known = (name: string): void => {
    if (!columns.includes(name)) throw usage(`the table has no column “${name}”`, `It has: ${columns.join(', ')}.`)
  }
  const refuse = (number: number, value: unknown): never => {
    throw usage(`row ${number} has no usable time: ${JSON.stringify(value)}`)
  }
  if ('column' in source) {
    known(source.column)
    return (row, number) => toTime(row[source.column] ?? null) ?? refuse(number, row[source.column])
  }
  const parts = Object.entries(source.parts).map(([name, from]) => ({
    name,
    from,
    fixed: Number.isFinite(Number(from)) && !columns.includes(from),
  }))
  for (const { from, fixed } of parts) if (!fixed) known(from)
  return (row, number) => {
    const values = Object.fromEntries(
      parts.map(({ name, from, fixed }) => [name, fixed ? Number(from) : (row[from] ?? null)]),
    )
    return fromParts(values) ?? refuse(number, values)
  }
}

/** ISO text (without a zone: UTC), seconds or milliseconds since 1970. */
export function toTime(value: Cell): number | undefined {
  if (typeof value === 'number') return Math.abs(value) < 1e11 ? value * 1_000 : value
  if (typeof value !== 'string') return undefined
  const text = value.trim().replace(' ', 'T')
  if (!/^\d{4}-\d{2}(-\d{2})?/.test(text)) return undefined
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10))
  const time = Date.parse(hasZone || !text.includes('T') ? text : `${text}Z`)
  return Number.isFinite(time) ? time : undefined
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** 0 to 11 from 1 to 12 or a name in any of its spellings: Sept, July, march. */
export function monthOf(value: Cell): number | undefined {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))) {
    const month = Number(value) - 1
    return Number.isInteger(month) && month >= 0 && month < 12 ? month : undefined
  }
  const index = typeof value === 'string' ? months.indexOf(value.trim().slice(0, 3).toLowerCase()) : -1
  return index < 0 ? undefined : index
}

/** A day of the year says more than a month, so the month counts only without it. */
export function fromParts(parts: Readonly<Record<string, Cell>>): number | undefined {
  const numeric = (name: PartName, absent: number): number => {
    const value = parts[name]
    if (value === undefined) return absent
    return value === null || value === '' ? Number.NaN : Number(value)
  }
  const clock = numeric('hour', 0) * 3_600_000 + numeric('minute', 0) * 60_000 + numeric('second', 0) * 1_000
  const day = parts['date'] === undefined ? dayOf(parts, numeric) : toTime(parts['date'])
  const time = day === undefined ? Number.NaN : day + clock
  return Number.isFinite(time) ? time : undefined
}

function dayOf(
  parts: Readonly<Record<string, Cell>>,
  numeric: (name: PartName, absent: number) => number,
): number | undefined {
  const year = numeric('year', Number.NaN)
  if (parts['dayofyear'] !== undefined) return Date.UTC(year, 0, numeric('dayofyear', 1))
  const month = parts['month'] === undefined ? 0 : monthOf(parts['month'])
  return month === undefined ? undefined : Date.UTC(year, month, numeric('day', 1))
}
