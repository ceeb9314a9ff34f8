import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { convertSegment } from './convert.ts'
import { literal, type AnalyticsCall, type AnalyticsReply, type AnalyticsRequest } from './protocol.ts'

/** The analytics process: one DuckDB, capped in memory, that answers its parent and dies with it. */
const temporary = process.argv[2] ?? '.'
const instance = await DuckDBInstance.fromCache(':memory:', {
  memory_limit: '512MB',
  threads: '1',
  temp_directory: temporary,
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
})
const connection = await instance.connect()

const formats = { parquet: '(format parquet, compression zstd)', csv: '(format csv, header)', json: '(format json)' }

async function answer(connection: DuckDBConnection, request: AnalyticsRequest): Promise<unknown> {
  if (request.op === 'convert') return await convertSegment(connection, request.segment, request.folder)
  if (request.op === 'copy') {
    await connection.run(`copy (${request.sql}) to ${literal(request.file)} ${formats[request.format]}`)
    return null
  }
  const reader = await connection.runAndReadAll(request.sql)
  return reader.getRowObjectsJS().map(plainRow)
}

/** 64-bit integers of ours are below 2^53. */
function plainRow(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) if (typeof value === 'bigint') row[name] = Number(value)
  return row
}

function reply(message: AnalyticsReply): void {
  process.send?.(message)
}

// One statement at a time: the connection is not shared between queries.
let queue: Promise<void> = Promise.resolve()
process.on('message', ({ id, request }: AnalyticsCall) => {
  queue = queue.then(async () => {
    try {
      reply({ id, result: await answer(connection, request) })
    } catch (error) {
      reply({ id, error: error instanceof Error ? error.message : String(error) })
    }
  })
})
process.on('disconnect', () => process.exit(0))
