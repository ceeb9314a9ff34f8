import type { FastifyInstance } from 'fastify'
import { MainstayError } from '../../../contract/errors.ts'
import { assertAllowed } from '../../http/serve.ts'
import { absentTable } from './absent.ts'
import { artifactStreams, artifactTable } from './artifacts.ts'
import { readInput } from './decode.ts'
import { experimentTable } from './experiments.ts'
import { loggedModelTable } from './logged-models.ts'
import { registryTable, versionTable } from './registry.ts'
import type { Route } from './route.ts'
import { metricTable, runTable } from './runs.ts'

export { mlflowErrors } from './errors.ts'

/** Every route of MLflow that is answered, in one table. */
export const mlflowTable: readonly Route[] = [
  ...experimentTable,
  ...runTable,
  ...metricTable,
  ...loggedModelTable,
  ...registryTable,
  ...versionTable,
  ...artifactTable,
]

/** The release whose wire this is; clients from 3.4 on send their traces only to a server that says so. */
const spoken = '3.17.2'
const prefixes = ['/api', '/ajax-api']

const serverInfo = {
  store_type: 'SqlStore',
  workspaces_enabled: false,
  trace_archival_enabled: false,
  // Uploads and downloads are streamed whole; with these set the client would ask for presigned addresses.
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
  presigned_upload_run_id_supported: false,
  presigned_upload_model_id_supported: false,
  features_enabled: { gateway: false },
}

export function mlflowRoutes(app: FastifyInstance): void {
  app.get('/health', (_, reply) => reply.type('text/plain').send('OK'))
  app.get('/version', (_, reply) => reply.type('text/plain').send(spoken))
  for (const prefix of prefixes) {
    app.get(`${prefix}/3.0/mlflow/server-info`, () => serverInfo)
    for (const route of mlflowTable) bind(app, `${prefix}/${route.path}`, route)
    for (const [methods, path] of absentTable) refuse(app, methods.split(' '), `${prefix}/${path}`)
  }
  refuse(app, ['POST'], '/v1/traces')
  refuse(app, ['GET', 'POST'], '/graphql')
  void app.register((scope, _, done) => {
    bindStreams(scope)
    done()
  })
}

function bind(app: FastifyInstance, url: string, route: Route): void {
  app.route({
    method: route.method,
    url,
    handler: async (request, reply) => {
      assertAllowed(request.ctx, route.permission)
      const answer = await route.answer(request.ctx, readInput(route, request) as never)
      return await reply.type('application/json').send(JSON.stringify(answer ?? {}))
    },
  })
}

function refuse(app: FastifyInstance, methods: readonly string[], url: string): void {
  app.route({
    method: [...methods],
    url,
    handler: () => {
      throw new MainstayError('mlflow.not_implemented', `${url} of MLflow is not implemented by this server`)
    },
  })
}

/** In a scope of its own: here any content type is the bytes of the file, JSON too. */
function bindStreams(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_, payload, done) => done(null, payload))
  for (const { method, url, permission, handle } of artifactStreams) {
    scope.route({
      method,
      url,
      handler: async (request, reply) => {
        assertAllowed(request.ctx, permission)
        return await handle(request, reply)
      },
    })
  }
}
