import * as artifacts from './artifacts.ts'
import * as audit from './audit.ts'
import type { Endpoint, StreamEndpoint } from './endpoint.ts'
import * as experiments from './experiments.ts'
import * as identity from './identity.ts'
import * as automation from './automation.ts'
import * as monitoring from './monitoring.ts'
import * as pipelines from './pipelines.ts'
import * as project from './project.ts'
import * as registry from './registry.ts'
import * as rollouts from './rollouts.ts'
import * as serving from './serving.ts'
import * as system from './system.ts'

type AnyEndpoint = Endpoint | StreamEndpoint

const isEndpoint = (value: unknown): value is AnyEndpoint =>
  typeof value === 'object' && value !== null && 'path' in value && 'permission' in value

/** Every operation of the native API, for the OpenAPI page and for tests that visit them all. */
export const allEndpoints: readonly AnyEndpoint[] = [
  artifacts,
  audit,
  automation,
  experiments,
  identity,
  monitoring,
  pipelines,
  project,
  registry,
  rollouts,
  serving,
  system,
].flatMap((room) => Object.values<unknown>(room).filter(isEndpoint))
