import type { Cell, Column } from '../../../contract/signature.ts'

/** Written once per segment and variant; rows refer to it by number. All that a reader needs to know about its rows. */
export interface RowSchema {
  endpoint: string
  variant: string
  model: string
  version: number
  inputs: Column[]
  outputs: Column[]
  clock: 'event' | 'arrival'
  allowedLatenessMs: number
  referenceUrl: string | null
  referenceDigest: string | null
}

/** Where rows of one side lie: numbers and strings apart, each in the order of the columns. */
export interface CellSide {
  columns: Column[]
  numWidth: number
  strWidth: number
}

export function cellSide(columns: Column[]): CellSide {
  const strWidth = columns.filter((column) => column.kind === 'string').length
  return { columns, numWidth: columns.length - strWidth, strWidth }
}

/** Cells by column name; a number that is not finite is missing. */
export function cellsOf(
  side: CellSide,
  num: ArrayLike<number>,
  numAt: number,
  str: readonly (string | null)[],
  strAt: number,
): Record<string, Cell> {
  const cells: Record<string, Cell> = {}
  for (const column of side.columns) {
    if (column.kind === 'string') cells[column.name] = str[strAt++] ?? null
    else {
      const value = num[numAt++] ?? NaN
      cells[column.name] = !Number.isFinite(value) ? null : column.kind === 'bool' ? value !== 0 : value
    }
  }
  return cells
}

export const KINDS = ['live', 'shadow', 'playground'] as const
export const MAGIC = Buffer.from('MSPOOL1\n')
export const FRAME_HEADER = 8
export const TYPE_SCHEMA = 1
export const TYPE_ROWS = 2
export const FLAG_ERROR = 1
export const FLAG_SAME_ID = 2
/** Bytes of a row before its numbers: length, schema, kind, flags, latency; arrival; event time; propensity. */
export const ROW_FIXED = 40
export const NULL_TEXT = 0xffffffff
