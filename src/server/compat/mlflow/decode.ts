import type { FastifyRequest } from 'fastify'
import { MainstayError } from '../../../contract/errors.ts'
import type { Route } from './route.ts'
import { fromQuery, readMessage } from './shape.ts'

/** The request as MLflow's server reads it: the query of a GET, the JSON body of the rest, and names in the path. */
export function readInput(route: Route, request: FastifyRequest): Record<string, unknown> {
  const params = request.params as Record<string, string>
  const sent =
    route.method === 'GET' ? fromQuery(route.shape, request.query as Record<string, unknown>) : bodyOf(request)
  return readMessage(route.shape, { ...sent, ...params })
}

/** A body is a JSON object; some clients encode it twice, and a DELETE may name its subject in the query. */
function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const { body } = request
  if (body === undefined || body === null) {
    return request.method === 'DELETE' ? { ...(request.query as object) } : {}
  }
  const value = typeof body === 'string' ? parseTwice(body) : body
  if (typeof value === 'object' && value !== null && 'pipe' in value) {
    throw new MainstayError('request.wrong_content_type', "Bad Request. Content-Type should be 'application/json'.")
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MainstayError('request.malformed_json', 'the body must be a JSON object')
  }
  return value as Record<string, unknown>
}

function parseTwice(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new MainstayError('request.malformed_json', 'the body must be a JSON object', {}, { cause: error })
  }
}
