import type { ColumnKind } from '../../../contract/signature.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type { RowBlock, SideLayout } from './layout.ts'

export const LARGEST_FLOAT32 = 3.4028234663852886e38

export function refuse(message: string): never {
  throw new MainstayError('serving.invalid_input', message)
}

/** Before room is made for the rows: a short request must not be able to ask for much of it. */
export function assertRows(rows: number, maxRows: number): void {
  if (rows <= maxRows) return
  throw new MainstayError(
    'request.too_large',
    `the request has ${rows} rows, this endpoint takes at most ${maxRows} at once`,
  )
}

function refuseMissing(column: string): never {
  throw new MainstayError('serving.missing_value', `column '${column}' may not be missing`, { column })
}

/** A JSON number that the column can hold, NaN for an allowed missing value; everything else is refused by name. */
export function readNumber(
  value: unknown,
  kind: ColumnKind,
  missing: boolean,
  column: string,
  single: boolean,
): number {
  if (typeof value === 'number') {
    if (kind === 'float') {
      if (Math.abs(value) > (single ? LARGEST_FLOAT32 : Number.MAX_VALUE))
        refuse(`column '${column}': ${value} is too large a number`)
      return value
    }
    if (kind === 'int') {
      if (!Number.isSafeInteger(value)) refuse(`column '${column}' takes whole numbers up to 2^53, got ${value}`)
      return value
    }
    if (value === 0 || value === 1) return value
  }
  if (kind === 'bool' && typeof value === 'boolean') return value ? 1 : 0
  if (value === null || value === undefined) {
    if (kind === 'float' && missing) return NaN
    refuseMissing(column)
  }
  return refuse(`column '${column}' takes ${kind === 'bool' ? 'true or false' : 'numbers'}, got ${describe(value)}`)
}

export function readText(value: unknown, missing: boolean, column: string): string | null {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return missing ? null : refuseMissing(column)
  return refuse(`column '${column}' takes strings, got ${describe(value)}`)
}

/** Puts one JSON value into a row of a block. */
export function setCell(side: SideLayout, block: RowBlock, row: number, index: number, value: unknown): void {
  const column = side.columns[index]
  if (!column) return
  const slot = side.slots[index] ?? 0
  if (column.kind === 'string') block.str[row * side.strWidth + slot] = readText(value, column.missing, column.name)
  else
    block.num[row * side.numWidth + slot] = readNumber(
      value,
      column.kind,
      column.missing,
      column.name,
      side.single[index] ?? false,
    )
}

export function emptyBlock(side: SideLayout, n: number): RowBlock {
  return {
    n,
    num: new Array<number>(n * side.numWidth).fill(NaN),
    str: new Array<string | null>(n * side.strWidth).fill(null),
  }
}

export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 40))}`
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'nothing'
}
