/** What the control process asks of the analytics child. */
export type AnalyticsRequest =
  | { op: 'query'; sql: string }
  | { op: 'copy'; sql: string; file: string; format: 'parquet' | 'csv' | 'json' }
  | { op: 'convert'; segment: string; folder: string }

export interface ConvertedFile {
  endpoint: string
  file: string
  rows: number
  firstArrival: number
  lastArrival: number
}

export type AnalyticsReply = { id: number; result: unknown } | { id: number; error: string }

export interface AnalyticsCall {
  id: number
  request: AnalyticsRequest
}

/** A literal of DuckDB's SQL; text comes from users, so every value goes through here. */
export function literal(value: string | number | null): string {
  if (value === null) return 'null'
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
