import type { FastifyInstance } from 'fastify'
import type { Endpoint, StreamEndpoint } from '../../contract/endpoint.ts'
import * as api from '../../contract/system.ts'
import type { Dispatcher } from '../platform/events/dispatcher.ts'
import { listEventsAfter, newestEventId, type StoredEvent } from '../platform/events/outbox.ts'
import { listDeadJobs } from '../platform/jobs/queue.ts'
import type { Ctx } from '../platform/ctx.ts'
import { version } from '../platform/version.ts'
import { docsPage } from './docs-page.ts'
import { openApiDocument } from './openapi.ts'
import { serve, serveStream } from './serve.ts'

export interface SystemParts {
  ctx: Ctx
  dispatcher: Dispatcher
  endpoints: readonly (Endpoint | StreamEndpoint)[]
  predictUrl: string
  automation: boolean
}

/** Routes about the server itself. */
export function systemRoutes(app: FastifyInstance, parts: SystemParts): void {
  serve(app, api.about, (ctx) => {
    const { kind, name, role } = ctx.actor
    return Promise.resolve({
      version,
      project: ctx.project,
      caller: { kind, name, role },
      predict_url: parts.predictUrl,
      database: ctx.dialect,
      automation: parts.automation,
    })
  })
  serve(app, api.deadJobs, async (ctx) => ({ items: await listDeadJobs(ctx.db, 200) }))
  serveStream(app, api.events, async (ctx, _, reply) => {
    const last = Number(reply.request.headers['last-event-id'] ?? Number.NaN)
    streamEvents(ctx, parts.dispatcher, Number.isFinite(last) ? last : await newestEventId(ctx.db), reply.raw)
    return reply.hijack()
  })
  const document = openApiDocument(parts.endpoints, version)
  app.get('/docs/api.json', () => document)
  app.get('/docs/api', (_, reply) => reply.type('text/html').send(docsPage(parts.endpoints)))
}

const heartbeatMs = 15_000

function streamEvents(ctx: Ctx, dispatcher: Dispatcher, after: number, raw: import('node:http').ServerResponse): void {
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', connection: 'keep-alive' })
  raw.write('retry: 1000\n\n')
  let position = after
  const write = (stored: StoredEvent): void => {
    if (stored.id <= position) return
    position = stored.id
    raw.write(`id: ${stored.id}\nevent: fact\ndata: ${JSON.stringify({ at: stored.at, ...stored.event })}\n\n`)
  }
  const stop = dispatcher.listen(write)
  const beat = setInterval(() => raw.write(': still here\n\n'), heartbeatMs)
  raw.on('close', () => {
    clearInterval(beat)
    stop()
  })
  listEventsAfter(ctx.db, after, 1_000).then(
    (missed) => missed.forEach(write),
    (error: unknown) => {
      ctx.log.error({ err: error }, 'event history not readable')
      raw.end()
    },
  )
}
