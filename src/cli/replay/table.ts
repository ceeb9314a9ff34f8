import { createReadStream } from 'node:fs'
import type { Cell } from '../../contract/signature.ts'
import { usage } from '../failure.ts'
import { CsvReader } from './csv.ts'

export type Row = Record<string, Cell>

export interface Table {
  columns: string[]
  rows: Cell[][]
}

/** Reads a CSV or Parquet file (also `.csv.gz` and globs, by DuckDB). */
export async function readTable(file: string): Promise<Table> {
  const table = file.endsWith('.csv') ? await readCsv(file) : await readByDuckDb(file)
  const repeated = table.columns.find((name, index) => table.columns.indexOf(name) !== index)
  if (repeated !== undefined) throw usage(`${file} has two columns named “${repeated}”`)
  return table
}

async function readCsv(file: string): Promise<Table> {
  let columns: string[] | undefined
  const texts: string[][] = []
  const reader = new CsvReader((fields) => {
    if (!columns) columns = fields
    else if (fields.length === columns.length) texts.push(fields)
    else throw usage(`line ${texts.length + 2} of ${file} has ${fields.length} fields, the head has ${columns.length}`)
  })
  const stream = createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })
  for await (const chunk of stream) reader.feed(chunk as string)
  reader.end()
  const head: string[] = columns ?? []
  if (head.length === 0) throw usage(`${file} is empty`)
  return { columns: head, rows: typed(texts, head.length) }
}

const plainNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
const missing = new Set(['', 'NA', 'NaN', 'nan', 'null', 'NULL', 'None'])

/** A column is numeric when every cell that is not missing is a number; in a text column only '' is missing. */
export function typed(texts: readonly string[][], width: number): Cell[][] {
  const isNumeric = Array.from({ length: width }, (_, index) => {
    const cells = texts.map((row) => row[index] ?? '').filter((text) => !missing.has(text))
    return cells.length > 0 && cells.every((text) => plainNumber.test(text))
  })
  return texts.map((row) =>
    row.map((text, index) => {
      if (isNumeric[index] === true) return missing.has(text) ? null : Number(text)
      return text === '' ? null : text
    }),
  )
}

async function readByDuckDb(file: string): Promise<Table> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.fromCache(':memory:')
  const connection = await instance.connect()
  try {
    const result = await connection.stream(`select * from '${file.replaceAll("'", "''")}'`)
    const rows: Cell[][] = []
    for await (const chunk of result.yieldRowsJs()) for (const row of chunk) rows.push(row.map(toCell))
    return { columns: result.columnNames(), rows }
  } finally {
    connection.closeSync()
  }
}

function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  return value instanceof Date ? value.toISOString() : JSON.stringify(value)
}

/** The rows as records by column, in the file's order. */
export function toRow(table: Table, cells: readonly Cell[]): Row {
  const row: Row = {}
  for (let i = 0; i < table.columns.length; i += 1) row[table.columns[i] ?? ''] = cells[i] ?? null
  return row
}
