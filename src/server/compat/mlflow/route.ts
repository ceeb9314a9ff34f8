import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Permission } from '../../../contract/permissions.ts'
import type { Method } from '../../../contract/endpoint.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Shape, Values } from './shape.ts'

/** One line of the table: where a route is, what it reads and what answers it. */
export interface Route {
  method: Method
  /** After `/api/` and `/ajax-api/`, e.g. `2.0/mlflow/runs/get`; `:name` parts are read as fields. */
  path: string
  permission: Permission
  shape: Shape
  answer(ctx: Ctx, input: never): Promise<object | undefined>
}

export function route<S extends Shape>(
  method: Method,
  path: string,
  permission: Permission,
  shape: S,
  answer: (ctx: Ctx, input: Values<S>) => Promise<object | undefined>,
): Route {
  return { method, path, permission, shape, answer }
}

/** A route that needs the request or the reply itself: streams. */
export interface RawRoute {
  method: Method
  url: string
  permission: Permission
  handle(request: FastifyRequest, reply: FastifyReply): Promise<unknown>
}

export function rawRoute(method: Method, url: string, permission: Permission, handle: RawRoute['handle']): RawRoute {
  return { method, url, permission, handle }
}
