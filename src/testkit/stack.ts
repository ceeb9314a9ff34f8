import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { z } from 'zod'
import { fillPath, toQuery, type Endpoint } from '../contract/endpoint.ts'
import { compose, type Control } from '../server/compose.ts'
import { readConfig } from '../server/config/config.ts'
import type { Clock } from '../server/platform/clock.ts'
import type { Ctx } from '../server/platform/ctx.ts'
import type { DomainEvent } from '../server/platform/events/outbox.ts'
import { createLogger } from '../server/platform/log.ts'
import { listEventsAfter } from '../server/platform/events/outbox.ts'

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  #now = Date.UTC(2026, 0, 1)
  #monotonic = 0

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#monotonic
  }

  advance(ms: number): void {
    this.#now += ms
    this.#monotonic += ms
  }
}

export interface Stack extends AsyncDisposable {
  control: Control
  ctx: Ctx
  home: string
  /** Calls an endpoint over HTTP (injected); throws its error body as an Error with `code` and `status`. */
  call<I extends z.ZodType, O extends z.ZodType>(
    endpoint: Endpoint<I, O>,
    input: z.input<I>,
    headers?: Record<string, string>,
  ): Promise<z.output<O>>
  events(): Promise<DomainEvent[]>
}

class CallError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(`${status} ${code}: ${message}`)
    this.status = status
    this.code = code
  }
}

/**
 * The whole control process in this process, on SQLite in memory, or on the PostgreSQL server named by
 * MAINSTAY_TEST_DATABASE_URL with a schema of its own.
 */
export async function startStack(
  options: { clock?: Clock; running?: boolean; env?: Record<string, string> } = {},
): Promise<Stack> {
  const home = await mkdtemp(join(tmpdir(), 'mainstay-test-'))
  const database = await testDatabase()
  const config = readConfig({
    MAINSTAY_HOME: home,
    MAINSTAY_DATABASE_URL: database.url,
    MAINSTAY_LOG_LEVEL: 'silent',
    ...options.env,
  })
  const log = createLogger('test', config.logLevel)
  const control = await compose({ config, log, ...(options.clock ? { clock: options.clock } : {}) })
  if (options.running !== false) control.start()
  await control.app.ready()
  return {
    control,
    ctx: control.ctx,
    home,
    async call(endpoint, input, headers = {}) {
      const { path, rest } = fillPath(endpoint.path, input as Record<string, unknown>)
      const inQuery = endpoint.method === 'GET' || endpoint.method === 'DELETE'
      const response = await control.app.inject({
        method: endpoint.method,
        url: inQuery ? path + toQuery(rest) : path,
        headers: { host: 'localhost', ...headers },
        ...(inQuery ? {} : { payload: rest }),
      })
      const body: unknown = JSON.parse(response.body)
      if (response.statusCode >= 400) {
        const { error } = body as { error: { code: string; message: string } }
        throw new CallError(response.statusCode, error.code, error.message)
      }
      return endpoint.output.parse(body)
    },
    async events() {
      return (await listEventsAfter(control.ctx.db, 0, 10_000)).map((stored) => stored.event)
    },
    async [Symbol.asyncDispose]() {
      await control[Symbol.asyncDispose]()
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** SQLite in memory, or a schema of its own on the PostgreSQL server named by MAINSTAY_TEST_DATABASE_URL. */
export async function testDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = process.env['MAINSTAY_TEST_DATABASE_URL']
  if (server === undefined) return { url: 'sqlite::memory:', drop: () => Promise.resolve() }
  const schema = `t_${randomBytes(6).toString('hex')}`
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  await run(`create schema ${schema}`)
  const url = new URL(server)
  url.searchParams.set('schema', schema)
  return { url: url.href, drop: () => run(`drop schema ${schema} cascade`) }
}
