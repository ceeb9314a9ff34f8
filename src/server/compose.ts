import type { FastifyInstance } from 'fastify'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { allEndpoints } from '../contract/all.ts'
import { MainstayError } from '../contract/errors.ts'
import { composeLoop } from './compose-loop.ts'
import { isLoopback, objectsFolder, type Config } from './config/config.ts'
import { createApp } from './http/app.ts'
import { allowedHostNames } from './http/guard.ts'
import { healthRoutes } from './http/health.ts'
import { pageRoutes, unknownPage } from './http/pages.ts'
import { sessionRoutes } from './http/session.ts'
import { systemRoutes } from './http/system.ts'
import * as mlflow from './compat/mlflow/module.ts'
import * as artifacts from './modules/artifacts/module.ts'
import * as auditModule from './modules/audit/module.ts'
import * as experiments from './modules/experiments/module.ts'
import * as identity from './modules/identity/module.ts'
import { createPipelines, type PipelineHooks, type Pipelines } from './modules/pipelines/module.ts'
import { projectModule } from './modules/project/module.ts'
import * as registry from './modules/registry/module.ts'
import { Closing } from './platform/closing.ts'
import { FileBlobs } from './platform/blobs/file.ts'
import { systemClock, type Clock } from './platform/clock.ts'
import { createCtx, systemActor, type Ctx } from './platform/ctx.ts'
import { Database } from './platform/db/db.ts'
import { migrate } from './platform/db/migrate.ts'
import { platformGauges } from './platform/gauge.ts'
import { missingOf } from './platform/readiness.ts'
import { Dispatcher } from './platform/events/dispatcher.ts'
import { eventMigrations, newestEventId } from './platform/events/outbox.ts'
import { jobMigrations } from './platform/jobs/queue.ts'
import { JobRunner } from './platform/jobs/runner.ts'
import type { Logger } from './platform/log.ts'
import type { ModuleParts } from './platform/module.ts'

export interface ComposeOptions {
  config: Config
  log: Logger
  clock?: Clock
}

/** A control process, built but not yet listening. */
export interface Control extends AsyncDisposable {
  app: FastifyInstance
  ctx: Ctx
  dispatcher: Dispatcher
  jobs: JobRunner
  pipelines: Pipelines
  /** Makes a token where one is demanded and none exists; answers its secret this one time. */
  firstToken(): Promise<string | undefined>
  /** Starts what runs by itself: event delivery and jobs. */
  start(): void
}

/** The only place that builds and connects things; what is built is closed in reverse order. */
export async function compose({ config, log, clock = systemClock }: ComposeOptions): Promise<Control> {
  const closing = new Closing()
  const database = closing.use(
    await Database.open(databaseUrl(config), { clock, log, synchronous: config.synchronous }),
  )
  await mkdir(objectsFolder(config), { recursive: true })
  const blobs = new FileBlobs(objectsFolder(config))
  await assertRecordsAreThere(config, database, blobs)
  const wake = (what: 'events' | 'jobs'): void => (what === 'events' ? control.dispatcher : control.jobs).nudge()
  const ctx = createCtx({ database, clock, blobs, log, wake }, systemActor)

  const loop = composeLoop(ctx, config, closing, () => control.dispatcher.isIdle())
  const pipelines = buildPipelines(ctx, config, loop.hooks, () => control.app)
  const modules = [...buildModules(config), pipelines, ...loop.modules]
  await migrate(database, [
    ...eventMigrations,
    ...jobMigrations,
    ...modules.flatMap((module) => module.migrations ?? []),
  ])

  const dispatcher = closing.use(
    new Dispatcher(
      ctx,
      modules.flatMap((module) => module.subscribers ?? []),
      await newestEventId(ctx.db),
    ),
  )
  const jobs = closing.use(
    new JobRunner(
      ctx,
      modules.flatMap((module) => module.jobs ?? []),
    ),
  )

  closing.use(pipelines.runner)
  dispatcher.listen((stored) => pipelines.runner.notice(stored))

  const tokenDemanded = !isLoopback(config.host)
  const app = createApp({
    ctx,
    hosts: tokenDemanded ? undefined : allowedHostNames(config.host, config.allowedHosts),
    maxBodyBytes: config.maxBody * 1024 * 1024,
    authenticate: (ctx, authorization) => identity.authenticate(ctx, authorization, tokenDemanded),
    errorShapes: [mlflow.mlflowErrors],
    unknownPage: unknownPage(),
  })
  closing.defer(() => app.close())
  for (const module of modules) module.routes?.(app)
  systemRoutes(app, {
    ctx,
    dispatcher,
    endpoints: allEndpoints,
    predictUrl: `http://${config.host}:${config.predictPort}`,
    automation: config.automation,
  })
  healthRoutes(app, {
    ctx,
    gauges: [...platformGauges, ...modules.flatMap((module) => module.gauges ?? [])],
    missing: () => missingOf(database, [resolve(config.home), objectsFolder(config)]),
  })
  sessionRoutes(app)
  await pageRoutes(app)

  const control: Control = {
    app,
    ctx,
    dispatcher,
    jobs,
    pipelines,
    firstToken: () => (tokenDemanded ? identity.createFirstToken(ctx) : Promise.resolve(undefined)),
    start() {
      dispatcher.start()
      jobs.start()
      pipelines.runner.start()
      loop.plane.start()
    },
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  }
  return control
}

/** A file of SQLite that is gone is made anew without a word; the objects beside it tell. */
async function assertRecordsAreThere(config: Config, database: Database, blobs: FileBlobs): Promise<void> {
  if (database.dialect !== 'sqlite' || !(await database.isNew()) || (await blobs.isEmpty())) return
  const place = databaseUrl(config).slice('sqlite:'.length)
  throw new MainstayError('platform.database_damaged', `${place} holds no records, but ${config.home} holds objects`)
}

function buildModules(config: Config): ModuleParts[] {
  return [
    { migrations: auditModule.migrations, routes: auditModule.auditRoutes },
    {
      migrations: identity.migrations,
      routes: identity.identityRoutes,
      jobs: [identity.publishJob(resolve(config.home))],
    },
    { migrations: artifacts.migrations, routes: artifacts.artifactRoutes },
    { migrations: experiments.migrations, routes: experiments.experimentRoutes },
    { migrations: registry.migrations, routes: registry.registryRoutes, jobs: [registry.exportJob(config.python)] },
    { routes: mlflow.mlflowRoutes },
    projectModule(),
  ]
}

function buildPipelines(ctx: Ctx, config: Config, hooks: PipelineHooks, app: () => FastifyInstance): Pipelines {
  return createPipelines({
    ctx,
    home: resolve(config.home),
    python: config.python,
    width: config.stepConcurrency,
    hooks,
    trackingUri: () => `http://${config.host}:${portOf(app()) ?? config.port}`,
  })
}

function portOf(app: FastifyInstance): number | undefined {
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : undefined
}

function databaseUrl(config: Config): string {
  return config.database ?? `sqlite:${join(config.home, 'mainstay.db')}`
}
