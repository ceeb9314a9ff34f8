import type { FastifyInstance } from 'fastify'
import type { Migration } from './db/migrate.ts'
import type { Subscriber } from './events/dispatcher.ts'
import type { Gauge } from './gauge.ts'
import type { JobHandler } from './jobs/runner.ts'

/** What a module gives to the process that hosts it. */
export interface ModuleParts {
  migrations?: readonly Migration[]
  routes?: (app: FastifyInstance) => void
  jobs?: readonly JobHandler[]
  subscribers?: readonly Subscriber[]
  gauges?: readonly Gauge[]
}
