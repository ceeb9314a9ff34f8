import { basename } from 'node:path'
import type { Cell } from '../../contract/signature.ts'
import { usage } from '../failure.ts'
import { compile } from './expression.ts'
import { toRow, type Row, type Table } from './table.ts'
import { timeReader, type TimeSource } from './times.ts'

/** One row of the table with its place on the replayed clock. */
export interface PlannedRow {
  id: string
  time: number
  row: Row
  label: Cell
}

export interface PlanOptions {
  file: string
  time: TimeSource
  label?: string | undefined
  from?: number | undefined
  to?: number | undefined
  idPrefix?: string | undefined
  set?: Readonly<Record<string, string>> | undefined
}

/** The rows in event-time order (the file's order among equals). Ids number the file's rows, so a second replay repeats them. */
export function planRows(table: Table, options: PlanOptions): PlannedRow[] {
  const { label } = options
  if (label !== undefined && !table.columns.includes(label)) {
    throw usage(`the table has no column “${label}”`, `It has: ${table.columns.join(', ')}.`)
  }
  const timeOf = timeReader(options.time, table.columns)
  const changes = Object.entries(options.set ?? {}).map(([name, text]) => ({
    name,
    evaluate: compile(text, table.columns),
  }))
  const prefix = options.idPrefix ?? `${basename(options.file).replace(/\.[^.]+$/, '')}-`
  const planned: PlannedRow[] = []
  table.rows.forEach((cells, index) => {
    const row = toRow(table, cells)
    const time = timeOf(row, index + 1)
    if (time < (options.from ?? -Infinity) || time >= (options.to ?? Infinity)) return
    const truth = label === undefined ? null : (row[label] ?? null)
    const values = changes.map(({ evaluate }) => evaluate(row))
    changes.forEach(({ name }, at) => (row[name] = values[at] ?? null))
    planned.push({ id: `${prefix}${index + 1}`, time, row, label: truth })
  })
  return planned.toSorted((a, b) => a.time - b.time)
}

/** The latest boundary at or before a time, and undefined while none has been passed since `start`. */
export function boundaryAt(time: number, every: number, start: number): number | undefined {
  const boundary = Math.floor(time / every) * every
  return boundary > start ? boundary : undefined
}
