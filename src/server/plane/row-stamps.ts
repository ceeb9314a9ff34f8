import { isUtf8 } from 'node:buffer'
import { MainstayError } from '../../contract/errors.ts'
import { refuse } from '../compat/oip/cells.ts'

const FUTURE_MS = 300_000
/** Nothing that is measured today speaks of an earlier year; a stamp before it is a mistake of units or of sign. */
const EARLIEST = Date.UTC(1900, 0)
/** 1990 in seconds; as milliseconds these numbers are two weeks of January 1970, which RFC 3339 can still say. */
const SECONDS_FROM = 631_152_000
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

/** `mainstay-event-time`: one stamp for all rows, or a comma or JSON list of n. NaN where none was sent. */
export function readEventTimes(header: string | undefined, n: number, arrival: number): number | number[] {
  if (header === undefined || header === '') return NaN
  if (n === 1 || !(header.includes(',') || header.startsWith('['))) {
    return readStamp(header.startsWith('[') ? (splitList(header, n, 'mainstay-event-time')[0] ?? '') : header, arrival)
  }
  return splitList(header, n, 'mainstay-event-time').map((text) => readStamp(text, arrival))
}

/** The newest event time of a request whose rows cannot be read; undefined where it names none, or a wrong one. */
export function newestStamp(header: string | undefined, arrival: number): number | undefined {
  if (header === undefined || header === '') return undefined
  try {
    return Math.max(
      ...header
        .replace(/[[\]"]/g, '')
        .split(',')
        .map((text) => readStamp(text, arrival)),
    )
  } catch {
    return undefined
  }
}

function readStamp(text: string, arrival: number): number {
  const trimmed = text.trim()
  const isNumber = /^-?\d{1,16}$/.test(trimmed)
  const time = isNumber ? Number(trimmed) : RFC3339.test(trimmed) ? Date.parse(trimmed) : NaN
  if (isNumber && time >= SECONDS_FROM && time <= (arrival + FUTURE_MS) / 1000)
    refuse(`the event time ${trimmed} looks like seconds; send milliseconds or RFC 3339`)
  if (!Number.isFinite(time))
    refuse(`mainstay-event-time takes RFC 3339 or milliseconds, got '${trimmed.slice(0, 40)}'`)
  if (time < EARLIEST) refuse(`the event time ${trimmed} is before the year 1900`)
  if (time > arrival + FUTURE_MS) {
    throw new MainstayError(
      'serving.future_event_time',
      `the event time ${trimmed} is later than five minutes from now`,
    )
  }
  return time
}

function splitList(header: string, n: number, name: string): string[] {
  let parts: unknown = header.split(',')
  if (header.startsWith('[')) {
    try {
      parts = JSON.parse(header)
    } catch {
      parts = undefined
    }
  }
  if (!Array.isArray(parts) || parts.length !== n || !parts.every(isScalar))
    refuse(`${name} must be one value or a list of ${n}, one for each row`)
  return parts.map((part) => String(part).trim())
}

const isScalar = (part: unknown): part is string | number => typeof part === 'string' || typeof part === 'number'

const PLAIN_ID = /^[^\s\p{Cc}\p{Cs}][^\p{Cc}\p{Cs}]{0,199}$/u

/** A header's bytes come as Latin-1; most clients write UTF-8, and some (fetch) can write nothing but Latin-1. */
function textOf(header: string): string {
  if (!/[\x80-\xff]/.test(header)) return header
  const bytes = Buffer.from(header, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : header
}

/** The way back. */
export const toHeader = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : Buffer.from(text).toString('latin1')

function assertId(id: string, name: string): string {
  if (!PLAIN_ID.test(id)) refuse(`${name} must be 1 to 200 printable characters`)
  return id
}

export interface GivenIds {
  ids: string[]
  /** What the request as a whole is called: the single value, or a list's first. */
  base: string
}

/** The caller's row ids, or undefined when the header was not sent. `X` for n > 1 rows means X:0 … X:n-1. */
export function readIds(given: string | undefined, n: number): GivenIds | undefined {
  if (given === undefined || given === '') return undefined
  const name = 'mainstay-prediction-id'
  const header = textOf(given)
  if (n > 1 && (header.includes(',') || header.startsWith('['))) {
    const ids = splitList(header, n, name).map((id) => assertId(id, name))
    if (new Set(ids).size < n) refuse(`${name} names one id twice`)
    return { ids, base: ids[0] ?? '' }
  }
  return { ids: expandId(assertId(header, name), n), base: header }
}

export function expandId(id: string, n: number): string[] {
  return n === 1 ? [id] : Array.from({ length: n }, (_, row) => `${id}:${row}`)
}

export function readEntity(header: string | undefined): string | null {
  return header === undefined || header === '' ? null : assertId(textOf(header), 'mainstay-entity')
}
