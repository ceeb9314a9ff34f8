import type { FastifyInstance } from 'fastify'
import * as api from '../../../contract/serving.ts'
import { serve, serveStream } from '../../http/serve.ts'
import { getEndpointRow } from './endpoints.ts'
import { streamPredictions } from './export-log.ts'
import { acceptLabels } from './labels.ts'
import type { ServingParts } from './parts.ts'
import { tryOut } from './playground.ts'
import * as q from './queries/endpoints.ts'
import { settled } from './settled.ts'
import { viewEndpoint, viewTraffic } from './views.ts'

export function servingRoutes(app: FastifyInstance, parts: ServingParts): void {
  const view = (ctx: Parameters<typeof viewEndpoint>[0], row: q.EndpointRow) =>
    viewEndpoint(ctx, row, parts.plane.statuses(), parts.predictUrl)
  serve(app, api.listEndpoints, async (ctx) => ({
    items: await Promise.all((await q.listEndpoints(ctx.db)).map((row) => view(ctx, row))),
  }))
  serve(app, api.getEndpoint, async (ctx, { name }) => await view(ctx, await getEndpointRow(ctx.db, name)))
  serve(app, api.getTraffic, viewTraffic)
  serve(app, api.putLabels, acceptLabels)
  serve(app, api.getSettled, (ctx, input) => settled(ctx, parts, input))
  serve(app, api.playground, (ctx, input, { request }) =>
    tryOut(ctx, input, parts.predictUrl, request.headers.authorization),
  )
  serveStream(app, api.getPredictions, (ctx, input, reply) =>
    streamPredictions(ctx, parts.analytics, parts.home, input, reply),
  )
}
