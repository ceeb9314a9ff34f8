import {
  DOUBLE,
  VARCHAR,
  BIGINT,
  BOOLEAN,
  DuckDBDataChunk,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'
import { join } from 'node:path'
import type { CapturedRow } from '../../../contract/plane.ts'
import type { Cell } from '../../../contract/signature.ts'
import { readSegment } from '../spool/read.ts'
import { identifier, literal, type ConvertedFile } from './protocol.ts'

interface ColumnPlan {
  name: string
  type: DuckDBType
  sql: string
  of(row: CapturedRow): DuckDBValue
}

const big = (value: number | null): DuckDBValue => (value === null ? null : BigInt(Math.round(value)))

const fixedColumns: ColumnPlan[] = [
  { name: 'id', type: VARCHAR, sql: 'varchar', of: (row) => row.id },
  { name: 'request_id', type: VARCHAR, sql: 'varchar', of: (row) => row.requestId },
  { name: 'event_time', type: BIGINT, sql: 'bigint', of: (row) => big(row.eventTime) },
  { name: 'arrival', type: BIGINT, sql: 'bigint', of: (row) => big(row.arrival) },
  { name: 'variant', type: VARCHAR, sql: 'varchar', of: (row) => row.variant },
  { name: 'model', type: VARCHAR, sql: 'varchar', of: (row) => row.model },
  { name: 'version', type: BIGINT, sql: 'bigint', of: (row) => big(row.version) },
  { name: 'propensity', type: DOUBLE, sql: 'double', of: (row) => row.propensity },
  { name: 'entity', type: VARCHAR, sql: 'varchar', of: (row) => row.entity },
  { name: 'kind', type: VARCHAR, sql: 'varchar', of: (row) => row.kind },
  { name: 'status', type: VARCHAR, sql: 'varchar', of: (row) => row.status },
  { name: 'error', type: VARCHAR, sql: 'varchar', of: (row) => row.error },
  { name: 'latency_us', type: DOUBLE, sql: 'double', of: (row) => row.latencyUs },
]

/** Inputs are stored as `in.NAME`, outputs as `out.NAME`, so that no model's column collides with ours. */
const inputPrefix = 'in.'
const outputPrefix = 'out.'

function cellColumns(rows: readonly CapturedRow[], part: 'inputs' | 'outputs'): ColumnPlan[] {
  const prefix = part === 'inputs' ? inputPrefix : outputPrefix
  const kinds = new Map<string, Set<string>>()
  for (const row of rows) {
    for (const [name, value] of Object.entries(row[part])) {
      const seen = kinds.get(name) ?? new Set()
      if (value !== null) seen.add(typeof value)
      kinds.set(name, seen)
    }
  }
  return [...kinds].map(([name, seen]) => {
    const kind = seen.size === 1 ? [...seen][0] : seen.size === 0 ? 'number' : 'string'
    return {
      name: `${prefix}${name}`,
      ...cellTypes[kind === 'string' || kind === 'boolean' ? kind : 'number'](part, name),
    }
  })
}

type CellPlan = (part: 'inputs' | 'outputs', name: string) => Omit<ColumnPlan, 'name'>

const cell = (row: CapturedRow, part: 'inputs' | 'outputs', name: string): Cell => row[part][name] ?? null

const cellTypes: Record<'number' | 'string' | 'boolean', CellPlan> = {
  number: (part, name) => ({ type: DOUBLE, sql: 'double', of: (row) => cell(row, part, name) }),
  boolean: (part, name) => ({ type: BOOLEAN, sql: 'boolean', of: (row) => cell(row, part, name) }),
  string: (part, name) => ({
    type: VARCHAR,
    sql: 'varchar',
    of: (row) => {
      const value = cell(row, part, name)
      return value === null ? null : String(value)
    },
  }),
}

const chunkRows = 2_048

/** One Parquet file per endpoint of a sealed segment, rows in event-time order. */
export async function convertSegment(
  connection: DuckDBConnection,
  segment: string,
  folder: string,
): Promise<ConvertedFile[]> {
  const byEndpoint = new Map<string, CapturedRow[]>()
  for (const row of readSegment(segment)) {
    const rows = byEndpoint.get(row.endpoint)
    if (rows) rows.push(row)
    else byEndpoint.set(row.endpoint, [row])
  }
  const files: ConvertedFile[] = []
  for (const [endpoint, rows] of byEndpoint) {
    const file = join(folder, `${files.length}.parquet`)
    await writeParquet(connection, rows, file)
    files.push({ endpoint, file, rows: rows.length, ...arrivalsOf(rows) })
  }
  return files
}

function arrivalsOf(rows: readonly CapturedRow[]): { firstArrival: number; lastArrival: number } {
  let [firstArrival, lastArrival] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { arrival } of rows) {
    firstArrival = Math.min(firstArrival, arrival)
    lastArrival = Math.max(lastArrival, arrival)
  }
  return { firstArrival, lastArrival }
}

/** DuckDB does not tell “A” from “a”; a model may. */
function distinctNames(columns: readonly ColumnPlan[]): ColumnPlan[] {
  const taken = new Set<string>()
  return columns.map((column) => {
    let { name } = column
    while (taken.has(name.toLowerCase())) name = `${name}_`
    taken.add(name.toLowerCase())
    return { ...column, name }
  })
}

async function writeParquet(connection: DuckDBConnection, rows: readonly CapturedRow[], file: string): Promise<void> {
  const columns = distinctNames([...fixedColumns, ...cellColumns(rows, 'inputs'), ...cellColumns(rows, 'outputs')])
  await connection.run('drop table if exists captured')
  await connection.run(
    `create table captured (${columns.map((column) => `${identifier(column.name)} ${column.sql}`).join(', ')})`,
  )
  const appender = await connection.createAppender('captured')
  for (let from = 0; from < rows.length; from += chunkRows) {
    const slice = rows.slice(from, from + chunkRows)
    const chunk = DuckDBDataChunk.create(columns.map((column) => column.type))
    chunk.setColumns(columns.map((column) => slice.map((row) => column.of(row))))
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
  await connection.run(
    `copy (select * from captured order by event_time, arrival) to ${literal(file)} (format parquet, compression zstd)`,
  )
  await connection.run('drop table captured')
}
