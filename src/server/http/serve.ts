import type { FastifyInstance, FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import type { z } from 'zod'
import { pathNames, type Endpoint, type StreamEndpoint } from '../../contract/endpoint.ts'
import { inPlainWords } from '../../contract/field-problems.ts'
import { MainstayError } from '../../contract/errors.ts'
import { allows, type Permission } from '../../contract/permissions.ts'
import type { Ctx } from '../platform/ctx.ts'

/** Binds an endpoint to the use case that answers it: guarded by its permission, parsed by its shape. */
export function serve<I extends z.ZodType, O extends z.ZodType>(
  app: FastifyInstance,
  endpoint: Endpoint<I, O>,
  handler: (ctx: Ctx, input: z.output<I>, reply: FastifyReply) => Promise<z.input<O>>,
): void {
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    config: { isPublic: endpoint.permission === 'public' },
    handler: async (request, reply) => {
      const { ctx } = request
      assertAllowed(ctx, endpoint.permission)
      const result = await handler(ctx, parseInput(endpoint, request), reply)
      return await reply.type('application/json').send(JSON.stringify(result ?? {}))
    },
  })
}

/** Like `serve`, for an answer that is a stream; the handler writes the reply. */
export function serveStream<I extends z.ZodType>(
  app: FastifyInstance,
  endpoint: StreamEndpoint<I>,
  handler: (ctx: Ctx, input: z.output<I>, reply: FastifyReply) => Promise<unknown>,
): void {
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    handler: async (request, reply) => {
      assertAllowed(request.ctx, endpoint.permission)
      return await handler(request.ctx, parseInput(endpoint, request), reply)
    },
  })
}

export function assertAllowed(ctx: Ctx, permission: Permission): void {
  if (!allows(ctx.actor.role, permission)) {
    throw new MainstayError('access.forbidden', `${ctx.actor.name} does not hold ${permission}`, { permission })
  }
}

function parseInput<I extends z.ZodType>(
  endpoint: { path: string; method: string; input: I },
  request: { query: unknown; params: unknown; body: unknown },
): z.output<I> {
  const hasBody = endpoint.method !== 'GET' && endpoint.method !== 'DELETE'
  const sent = hasBody ? request.body : request.query
  if (hasBody && sent instanceof Readable)
    throw new MainstayError('request.wrong_content_type', 'the body must be JSON, sent as application/json')
  if (hasBody && sent !== undefined && (typeof sent !== 'object' || sent === null || Array.isArray(sent))) {
    throw new MainstayError('request.invalid', 'the body must be a JSON object')
  }
  const params = request.params as Record<string, string>
  const named = Object.fromEntries(pathNames(endpoint.path).map((name) => [name, params[name]]))
  if (holdsNul(sent)) throw new MainstayError('request.invalid', 'a text holds a NUL character')
  const parsed = endpoint.input.safeParse({ ...(sent as object | undefined), ...named }, { error: inPlainWords })
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({ field: issue.path.join('.'), problem: issue.message }))
    const first = issues[0]
    throw new MainstayError(
      'request.invalid',
      first ? `${first.field === '' ? 'the request' : first.field}: ${first.problem}` : 'the request does not fit',
      { issues },
    )
  }
  return parsed.data
}

/** No name or text has one, and PostgreSQL stores none. */
function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0')
  return typeof value === 'object' && value !== null && Object.entries(value).some((entry) => entry.some(holdsNul))
}
