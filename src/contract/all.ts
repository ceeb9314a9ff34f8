import * as audit from './audit.ts'
import type { Endpoint, StreamEndpoint } from './endpoint.ts'
import * as identity from './identity.ts'
import * as system from './system.ts'

type AnyEndpoint = Endpoint | StreamEndpoint

const isEndpoint = (value: unknown): value is AnyEndpoint =>
  typeof value === 'object' && value !== null && 'path' in value && 'permission' in value

/** Every operation of the native API, for the OpenAPI page and for tests that visit them all. */
export const allEndpoints: readonly AnyEndpoint[] = [audit, identity, system].flatMap((room) =>
  Object.values<unknown>(room).filter(isEndpoint),
)
