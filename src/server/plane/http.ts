import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { MainstayError } from '../../contract/errors.ts'
import { modelMetadata, serverMetadata } from '../compat/oip/metadata.ts'
import type { Logger } from '../platform/log.ts'
import { HttpReply, sendError, sendText, type Reply } from './answers.ts'
import { BodyBudget, readBody, tooLarge } from './body.ts'
import type { PlaneConfig } from './config.ts'
import type { Endpoint } from './endpoint.ts'
import { makeGuard } from './guard.ts'
import type { Form } from './job.ts'
import { writeMetrics } from './metrics.ts'
import { PlainConnections, type PlainHead } from './plain-http.ts'
import type { Plane } from './plane.ts'
import { predict, type RequestHeaders } from './predict.ts'
import { refuseConnection } from './refused-connection.ts'
import { findRoute, type Route } from './routes.ts'

type ModelRoute = Extract<Route, { endpoint: string | null }>

/** The predict port, on node:http with a short way for the plainest requests. Errors of any kind leave as JSON. */
export interface PredictServer {
  server: Server
  /** Each answer from here on ends its connection, and idle ones end at once. */
  closeConnections(): void
}

/** A request must be whole within these; a client that trickles one holds a connection and nothing else. */
const HEADERS_MS = 30_000
const REQUEST_MS = 300_000

/** Of the largest size. */
const BODIES_AT_ONCE = 8

/** A prediction that may be asked for. */
interface Ask {
  route: ModelRoute
  form: Form
  headers: RequestHeaders
  started: number
  arrival: number
}

/** What is answered to a request, whichever way it was read. */
class PredictPort {
  readonly #plane: Plane
  readonly #log: Logger
  readonly #guard: ReturnType<typeof makeGuard>
  readonly #maxBodyBytes: number
  readonly #budget: BodyBudget
  readonly #version: string

  constructor(plane: Plane, config: PlaneConfig, log: Logger, version: string) {
    this.#plane = plane
    this.#log = log
    this.#guard = makeGuard(config)
    this.#maxBodyBytes = config.maxBodyBytes
    this.#budget = new BodyBudget(BODIES_AT_ONCE * config.maxBodyBytes)
    this.#version = version
  }

  #find(method: string, url: string, headers: RequestHeaders): Route {
    this.#guard(url, headers)
    const route = findRoute(url)
    if (!route) throw new MainstayError('request.unknown_route', `there is no ${method} ${url.slice(0, 200)}`)
    return route
  }

  #admit(url: string, headers: RequestHeaders): Ask {
    const started = performance.now()
    const route = this.#find('POST', url, headers)
    if (route.op !== 'infer' && route.op !== 'invocations') throw wrongMethod('POST', url)
    return { route, form: formOf(route, headers['content-type'] as string), headers, started, arrival: Date.now() }
  }

  #infer(ask: Ask, body: Buffer, reply: Reply): void {
    const { route, form, headers, started, arrival } = ask
    const endpoint = endpointOf(this.#plane, route)
    predict(this.#plane, { endpoint, version: route.version, form, headers, body, started, arrival }, reply)
  }

  fail(reply: Reply, error: unknown): void {
    if (!(error instanceof MainstayError)) this.#log.error({ err: error }, 'a request failed')
    sendError(reply, error)
  }

  /** Of the short way. */
  readonly plain = (head: PlainHead, body: Buffer, reply: Reply): void => {
    try {
      if (head.bodyBytes > this.#maxBodyBytes) throw tooLarge(this.#maxBodyBytes)
      this.#infer(this.#admit(head.url, head.headers), body, reply)
    } catch (error) {
      this.fail(reply, error)
    }
  }

  /** Of node:http. */
  readonly full = (req: IncomingMessage, res: ServerResponse): void => {
    const { method = '', url = '/', headers } = req
    const reply = new HttpReply(req, res)
    try {
      if (headers.host === undefined && req.httpVersion === '1.1')
        throw new MainstayError('request.malformed_http', 'the request has no Host header')
      if (method === 'POST') this.#post(req, reply)
      else if (method === 'GET' || method === 'HEAD')
        get(this.#plane, res, reply, this.#find(method, url, headers), this.#version)
      else throw wrongMethod(method, url)
    } catch (error) {
      this.fail(reply, error)
    }
  }

  #post(req: IncomingMessage, reply: Reply): void {
    const ask = this.#admit(req.url ?? '/', req.headers)
    readBody(req, this.#maxBodyBytes, this.#budget, (error, body) => {
      try {
        if (error) throw error
        this.#infer(ask, body, reply)
      } catch (refusal) {
        this.fail(reply, refusal)
      }
    })
  }
}

export function makePredictServer(plane: Plane, config: PlaneConfig, log: Logger, version: string): PredictServer {
  const port = new PredictPort(plane, config, log, version)
  const server = createServer({
    keepAliveTimeout: 70_000,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 5_000,
    requireHostHeader: false,
    noDelay: true,
  })
  const readByHttp = server.listeners('connection') as ((socket: Socket) => void)[]
  const plain = new PlainConnections({
    handle: port.plain,
    handOver: (socket) => {
      for (const listener of readByHttp) listener.call(server, socket)
    },
  })
  server.removeAllListeners('connection').on('connection', plain.accept)
  const underWay = new WeakMap<Duplex, ServerResponse>()
  server.on('request', (req, res) => {
    underWay.set(req.socket, res)
    if (plain.isClosing) res.setHeader('connection', 'close')
    port.full(req, res)
  })
  // Garbage behind a request is refused after that request has its answer.
  server.on('clientError', (error, socket) => {
    const answer = underWay.get(socket)
    if (answer?.req.complete && !answer.writableEnded && !socket.destroyed)
      answer.once('finish', () => refuseConnection(error, socket))
    else refuseConnection(error, socket)
  })
  server.on('connect', (_, socket) => refuseConnection(wrongMethod('CONNECT', ''), socket))
  server.on('checkExpectation', (req, res) => {
    const what = 'no expectation but 100-continue is met here'
    port.fail(new HttpReply(req, res), new MainstayError('request.malformed_http', what))
  })
  // A body that is announced as too large is refused before it is sent.
  server.on('checkContinue', (req, res) => {
    if (Number(req.headers['content-length'] ?? 0) <= config.maxBodyBytes) res.writeContinue()
    port.full(req, res)
  })
  const closeConnections = (): void => {
    plain.close()
    server.closeIdleConnections()
  }
  return { server, closeConnections }
}

/** By the content type: JSON, or for scoring also CSV. */
function formOf(route: ModelRoute, type: string | undefined): Form {
  const json = route.op === 'infer' ? 'oip' : 'scoring'
  if (type === undefined || type === 'application/json') return json
  const kind = (type.split(';', 1)[0] ?? '').trim().toLowerCase()
  if (kind === 'application/json' || kind === 'application/octet-stream') return json
  if (kind === 'text/csv' && json === 'scoring') return 'csv'
  throw new MainstayError(
    'request.wrong_content_type',
    `the content type '${type.slice(0, 80)}' is not served; send ${json === 'oip' ? 'application/json' : 'application/json or text/csv'}`,
  )
}

const wrongMethod = (method: string, url: string): MainstayError =>
  new MainstayError('request.method_not_allowed', `${method} is not served at ${url.slice(0, 200)}`)

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

function get(plane: Plane, res: ServerResponse, reply: Reply, route: Route, version: string): void {
  if (route.op === 'infer' || route.op === 'invocations') {
    throw new MainstayError('request.method_not_allowed', 'predictions are asked for with POST')
  }
  if (route.op === 'metrics') return sendText(res, writeMetrics(plane))
  const { status, body } = answer(plane, route, version)
  reply.send(status, JSON.stringify(body), [])
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
