import { MainstayError } from '../../../contract/errors.ts'

/** Opaque keyset token of the last row shown. */
function toPageToken(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

export function fromPageToken(token: string): (string | number)[] {
  const key = parseToken(token)
  if (!Array.isArray(key)) throw new MainstayError('request.invalid', 'the page token was not made by this server')
  return key as (string | number)[]
}

function parseToken(token: string): unknown {
  const text = Buffer.from(token, 'base64url').toString()
  return /^\[.*\]$/.test(text) ? JSON.parse(text) : undefined
}

/** Cuts a list that was read with one row too many into a page. */
export function toPage<T>(
  rows: T[],
  limit: number,
  keyOf: (row: T) => readonly (string | number)[],
): { items: T[]; next?: string } {
  if (rows.length <= limit) return { items: rows }
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return last === undefined ? { items } : { items, next: toPageToken(keyOf(last)) }
}
