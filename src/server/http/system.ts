import type { FastifyInstance } from 'fastify'
import type { ServerResponse } from 'node:http'
import type { Endpoint, StreamEndpoint } from '../../contract/endpoint.ts'
import * as api from '../../contract/system.ts'
import type { Dispatcher } from '../platform/events/dispatcher.ts'
import { listEventsAfter, newestEventId } from '../platform/events/outbox.ts'
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
    const after = Number.isFinite(last) ? last : await newestEventId(ctx.db)
    reply.hijack()
    await streamEvents(ctx, parts.dispatcher, after, reply.raw)
  })
  const document = openApiDocument(parts.endpoints, version)
  app.get('/docs/api.json', () => document)
  app.get('/docs/api', (_, reply) => reply.type('text/html').send(docsPage(parts.endpoints)))
}

const heartbeatMs = 15_000
const batch = 200

/**
 * Sends every fact after the given one in its order: read from the history, woken by the dispatcher. A page that
 * reads slowly is read for no faster, and one that was away for long gets all that it missed.
 */
async function streamEvents(ctx: Ctx, dispatcher: Dispatcher, after: number, raw: ServerResponse): Promise<void> {
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', connection: 'keep-alive' })
  raw.write('retry: 1000\n\n')
  let position = after
  let wake = (): void => undefined
  let isNews = true
  const nudge = (): void => {
    isNews = true
    wake()
  }
  const stop = dispatcher.listen(nudge)
  const beat = setInterval(() => raw.write(': still here\n\n'), heartbeatMs)
  raw.on('drain', nudge)
  raw.on('close', nudge)
  try {
    while (!raw.destroyed) {
      isNews = false
      const events = raw.writableNeedDrain ? [] : await listEventsAfter(ctx.db, position, batch)
      for (const stored of events) {
        position = stored.id
        raw.write(`id: ${stored.id}\nevent: fact\ndata: ${JSON.stringify({ at: stored.at, ...stored.event })}\n\n`)
      }
      if (events.length < batch && !isNews) await new Promise<void>((resolve) => (wake = resolve))
    }
  } catch (error) {
    ctx.log.error({ err: error }, 'event history not readable')
    raw.end()
  } finally {
    clearInterval(beat)
    stop()
  }
}
