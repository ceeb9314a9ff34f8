import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getPredictions, type ServedEndpoint } from '../../../contract/serving.ts'
import type { Cell, Column, Signature } from '../../../contract/signature.ts'
import { readRows } from '../../lib/api.ts'

export type Row = Readonly<Record<string, Cell>>

export interface ExampleRow {
  row: Row
  /** The captured row it is; null when nothing was captured yet and the values are made up. */
  captured: { at: number; version: string } | null
}

const hour = 3_600_000
const madeUp: Record<Column['kind'], Cell> = { float: 0.5, int: 1, bool: true, string: 'word' }

const isCell = (value: unknown): value is Cell =>
  value === null || ['number', 'string', 'boolean'].includes(typeof value)

/** The log gives an input another name where it would be taken for a column of its own. */
function rowOf({ inputs }: Signature, logged: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(
    inputs.map(({ name }) => {
      const renamed = logged[`input_${name}`]
      const value = renamed === undefined ? logged[name] : renamed
      return [name, isCell(value) ? value : null]
    }),
  )
}

/** The newest captured row, for examples that can be run as they stand; undefined while it is asked for. */
export function useExampleRow({ name, watermark, signature }: ServedEndpoint): ExampleRow | undefined {
  const from = Math.floor((watermark ?? 0) / hour) * hour
  const { data, isPending } = useQuery({
    ...readRows(getPredictions, { name, from, order: 'newest', limit: 1 }),
    enabled: watermark !== null && signature !== null,
    placeholderData: keepPreviousData,
  })
  if (!signature || (watermark !== null && isPending)) return undefined
  const newest = data?.[0]
  if (!newest)
    return { row: Object.fromEntries(signature.inputs.map(({ name, kind }) => [name, madeUp[kind]])), captured: null }
  return {
    row: rowOf(signature, newest),
    captured: { at: Number(newest['event_time']), version: String(newest['version']) },
  }
}
