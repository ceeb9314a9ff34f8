import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { MainstayError } from '../../contract/errors.ts'
import { anonymous, systemActor, type Actor, type Ctx } from '../platform/ctx.ts'
import { assertOwnPage, parseJson } from './guard.ts'
import { sessionOf } from './session.ts'

declare module 'fastify' {
  interface FastifyRequest {
    ctx: Ctx
  }
  interface FastifyContextConfig {
    /** Answered without asking who calls: the files of the pages, and what belongs to signing in. */
    isPublic?: boolean
  }
}

export interface AppOptions {
  ctx: Ctx
  /** Host names by which the server may be called; undefined where every caller must show a token. */
  hosts: ReadonlySet<string> | undefined
  maxBodyBytes: number
  /** Finds the caller of a request; throws when a token is wrong or demanded. */
  authenticate(ctx: Ctx, authorization: string | undefined): Promise<Actor>
  /** Sent to a browser at an address that is no route; programs get the error. */
  unknownPage?: Buffer | undefined
  /** Foreign protocols answer errors in their own shape on their own paths. */
  errorShapes?: readonly { prefix: RegExp; send(error: MainstayError, reply: FastifyReply): void }[]
}

export function createApp(options: AppOptions): FastifyInstance {
  const app: FastifyInstance = fastify({
    // An address that cannot be read never reaches a route, and so no error handler either.
    frameworkErrors: (error, request, reply) => send(error, request, reply as FastifyReply),
    clientErrorHandler: answerBroken,
    bodyLimit: options.maxBodyBytes,
    genReqId: () => randomUUID(),
    keepAliveTimeout: 70_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 5_000 },
  })
  app.decorateRequest('ctx')
  app.addHook('onRequest', async (request) => {
    assertOwnPage(request, options.hosts)
    if (request.url.includes('%00')) throw new MainstayError('request.invalid', 'the address holds a NUL character')
    const log = options.ctx.log.child({ request: request.id })
    const actor = await callerOf(request, options)
    request.ctx = Object.assign({}, options.ctx.as(actor), { log })
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => {
    try {
      done(null, body === '' ? undefined : parseJson(String(body)))
    } catch (error) {
      done(error as Error)
    }
  })
  app.addContentTypeParser('*', (_, payload, done) => done(null, payload))

  const send = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const known = toMainstayError(error, request)
    if (known.status >= 500) request.log.error(error)
    if (known.code === 'platform.internal')
      options.ctx.log.error({ err: error, request: request.id, url: request.url }, 'request failed')
    if (reply.raw.headersSent) return void reply.raw.destroy()
    const shape = options.errorShapes?.find(({ prefix }) => prefix.test(request.url))
    if (shape) shape.send(known, reply)
    else void reply.status(known.status).send(known.toBody())
  }
  app.setErrorHandler((error, request, reply) => send(error, request, reply))
  app.setNotFoundHandler((request, reply) => {
    const isBrowser = request.headers.accept?.includes('text/html') === true && !request.url.startsWith('/api')
    if (options.unknownPage && isBrowser) {
      return void reply
        .status(404)
        .headers({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
        .send(options.unknownPage)
    }
    const where = `${request.method} ${request.url.slice(0, 200)}`
    return send(new MainstayError('request.unknown_route', `${where} is no route of this server`), request, reply)
  })
  return app
}

/** What is no HTTP reaches no route, and so no error handler: it is answered on the bare socket. */
function answerBroken(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const refusal =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new MainstayError('request.headers_too_large', 'the headers are too large')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new MainstayError('request.timeout', 'the request was not complete in time')
        : new MainstayError('request.malformed_http', 'the request is no well-formed HTTP/1.1')
  const body = JSON.stringify(refusal.toBody())
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\nconnection: close\r\n` +
      `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

async function callerOf(request: FastifyRequest, { ctx, hosts, authenticate }: AppOptions): Promise<Actor> {
  if (isHealth(request.url)) return systemActor
  if (request.routeOptions.config.isPublic === true) return anonymous
  // Where no token is demanded a cookie says nothing: a browser sends those of every server of the host.
  const session = hosts === undefined ? sessionOf(request.headers.cookie) : undefined
  if (session !== undefined) request.headers.authorization ??= `Bearer ${session}`
  return await authenticate(ctx, request.headers.authorization)
}

/** Probes of an orchestrator carry no token; health tells nothing but itself. */
const isHealth = (url: string): boolean => url === '/healthz' || url === '/readyz'

const fastifyCodes: Record<string, MainstayError['code']> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.wrong_content_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request.invalid',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'request.malformed_json',
  FST_ERR_BAD_URL: 'request.invalid',
  FST_ERR_MAX_PARAM_LENGTH: 'request.invalid',
}

/** Everything that is not a refusal of ours or of the HTTP layer is a defect: 500 with the request's id. */
function toMainstayError(error: unknown, request: FastifyRequest): MainstayError {
  if (error instanceof MainstayError) return error
  if (request.raw.destroyed && !request.raw.complete)
    return new MainstayError('request.timeout', 'the connection ended before the body did', {}, { cause: error })
  const code = (error as { code?: unknown }).code
  const mapped = typeof code === 'string' ? fastifyCodes[code] : undefined
  if (mapped) return new MainstayError(mapped, (error as Error).message, {}, { cause: error })
  return new MainstayError(
    'platform.internal',
    'the server met an unexpected error',
    { request: request.id },
    { cause: error },
  )
}
