import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { MainstayError } from '../../contract/errors.ts'
import { modelMetadata, serverMetadata } from '../compat/oip/metadata.ts'
import type { Logger } from '../platform/log.ts'
import { sendError, sendJson, sendText } from './answers.ts'
import { readBody } from './body.ts'
import type { PlaneConfig } from './config.ts'
import type { Endpoint } from './endpoint.ts'
import { makeGuard } from './guard.ts'
import { writeMetrics } from './metrics.ts'
import type { Plane } from './plane.ts'
import { predict } from './predict.ts'
import { findRoute, type Route } from './routes.ts'

type ModelRoute = Extract<Route, { endpoint: string | null }>

/** The predict port. One handler on raw node:http; errors of any kind leave as JSON. */
export function makePredictServer(plane: Plane, config: PlaneConfig, log: Logger, version: string): Server {
  const guard = makeGuard(config)
  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    const started = performance.now()
    try {
      const isWrite = req.method === 'POST'
      guard(req, isWrite)
      const route = findRoute(req.url ?? '/')
      if (!route)
        throw new MainstayError('request.unknown_route', `there is no ${req.method} ${(req.url ?? '').slice(0, 200)}`)
      if (isWrite) post(req, res, route, started)
      else if (req.method === 'GET' || req.method === 'HEAD') get(plane, res, route, version)
      else throw wrongMethod(req)
    } catch (error) {
      fail(res, error)
    }
  }

  const post = (req: IncomingMessage, res: ServerResponse, route: Route, started: number): void => {
    if (route.op !== 'infer' && route.op !== 'invocations') throw wrongMethod(req)
    const arrival = Date.now()
    readBody(req, config.maxBodyBytes, (error, body) => {
      try {
        if (error) throw error
        const endpoint = endpointOf(plane, route)
        predict(
          plane,
          { endpoint, version: route.version, form: route.op === 'infer' ? 'oip' : 'scoring', body, arrival, started },
          req,
          res,
        )
      } catch (refusal) {
        fail(res, refusal)
      }
    })
  }

  const fail = (res: ServerResponse, error: unknown): void => {
    if (!(error instanceof MainstayError)) log.error({ err: error }, 'a request failed')
    sendError(res, error)
  }

  const server = createServer(
    { keepAliveTimeout: 70_000, headersTimeout: 75_000, requestTimeout: 300_000, noDelay: true },
    handle,
  )
  server.on('clientError', refuseConnection)
  return server
}

function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const body = JSON.stringify({
    error: 'the request is not HTTP/1.1',
    code: 'request.invalid',
    next: 'Send a well-formed HTTP request.',
  })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

const wrongMethod = (req: IncomingMessage): MainstayError =>
  new MainstayError('request.method_not_allowed', `${req.method} is not served at ${(req.url ?? '').slice(0, 200)}`)

function endpointOf(plane: Plane, route: ModelRoute): Endpoint {
  const name = route.endpoint ?? onlyEndpoint(plane)
  const endpoint = plane.endpoints.get(name)
  // A plane that was killed answers before its models are loaded again; a client that hears 404 would not come back.
  if (!endpoint && !plane.isReady) throw new MainstayError('platform.unavailable', 'the models are still being loaded')
  if (!endpoint)
    throw new MainstayError(
      'serving.endpoint_not_found',
      `Request for unknown model: '${name.slice(0, 200)}' is not found`,
    )
  return endpoint
}

function onlyEndpoint(plane: Plane): string {
  const [name, ...others] = plane.endpoints.keys()
  if (name === undefined || others.length > 0) {
    throw new MainstayError(
      'serving.endpoint_not_found',
      `/invocations needs exactly one endpoint, there are ${plane.endpoints.size}; use /endpoints/NAME/invocations`,
    )
  }
  return name
}

function get(plane: Plane, res: ServerResponse, route: Route, version: string): void {
  if (route.op === 'infer' || route.op === 'invocations') {
    throw new MainstayError('request.method_not_allowed', 'predictions are asked for with POST')
  }
  if (route.op === 'metrics') return sendText(res, writeMetrics(plane))
  const { status, body } = answer(plane, route, version)
  sendJson(res, status, JSON.stringify(body))
}

/** Both keys, since clients of either dialect read one of them. */
function answer(plane: Plane, route: Route, version: string): { status: number; body: unknown } {
  switch (route.op) {
    case 'server':
      return { status: 200, body: serverMetadata(version) }
    case 'live':
      return { status: 200, body: { live: true, ready: plane.isReady } }
    case 'ready':
    case 'ping':
      return { status: plane.isReady ? 200 : 503, body: { live: true, ready: plane.isReady } }
    case 'models':
      return { status: 200, body: { models: [...plane.endpoints.keys()] } }
    case 'model':
      return { status: 200, body: describe(endpointOf(plane, route), route.version) }
    case 'model-ready': {
      const endpoint = endpointOf(plane, route)
      const isReady = route.version === null ? endpoint.isReady : variantOf(endpoint, route.version).isLoaded
      return { status: isReady ? 200 : 400, body: { name: endpoint.name, ready: isReady } }
    }
    default:
      throw new MainstayError('request.unknown_route', 'there is no such route')
  }
}

function variantOf(endpoint: Endpoint, version: number): Endpoint['variants'][number] {
  const found = endpoint.variants.find((variant) => variant.spec.version === version)
  if (!found)
    throw new MainstayError(
      'serving.model_not_found',
      `Request for unknown model: '${endpoint.name}' version ${version} is not found`,
    )
  return found
}

function describe(endpoint: Endpoint, version: number | null): unknown {
  const variant = version === null ? (endpoint.main ?? endpoint.variants[0]) : variantOf(endpoint, version)
  if (!variant) throw new MainstayError('serving.model_not_found', `'${endpoint.name}' has no variant yet`)
  const versions = endpoint.variants.map((v) => v.spec.version)
  return modelMetadata(endpoint.name, versions, variant.layout, variant.outputRanks)
}
