import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { root } from '../lib/mainstay.mjs'

const { compose } = await import(join(root, 'dist/server/compose.js'))
const { readConfig } = await import(join(root, 'dist/server/config/config.js'))
const { createLogger } = await import(join(root, 'dist/server/platform/log.js'))

const project = `
models: { bikes: {} }
pipelines:
  bikes: { params: { a: 1 }, steps: { one: { run: "true" } } }
endpoints: { bikes: { clock: event } }
monitors: { bikes: { performance: { metric: wape, limit: 0.3, unit: day, window: 7d } } }
automation:
  bikes: { when: performance.degraded, endpoint: bikes, do: retrain, pipeline: bikes, mode: observe }
`

/** The whole control process in this one, with something of everything in it and `known` names to reach it by. */
export async function startControl() {
  const home = await mkdtemp(join(tmpdir(), 'mainstay-fuzz-'))
  process.on('exit', () => rmSync(home, { recursive: true, force: true }))
  const database = await schemaOf(process.env.MAINSTAY_TEST_DATABASE_URL)
  const config = readConfig({
    MAINSTAY_HOME: home,
    MAINSTAY_DATABASE_URL: database.url,
    MAINSTAY_LOG_LEVEL: process.env.FUZZ_LOG ?? 'silent',
  })
  const control = await compose({ config, log: createLogger('fuzz', config.logLevel) })
  control.start()
  await control.app.ready()
  const inject = (request) => control.app.inject(request)
  const post = async (url, payload) => {
    const answer = await inject({ method: 'POST', url, payload, headers: { host: 'localhost' } })
    if (answer.statusCode >= 400) throw new Error(`${url}: ${answer.statusCode} ${answer.body}`)
    return JSON.parse(answer.body)
  }
  await post('/api/v1/apply', { file: project })
  const { experiment_id } = await post('/api/2.0/mlflow/experiments/create', { name: 'bikes' })
  const { run } = await post('/api/2.0/mlflow/runs/create', { experiment_id, start_time: Date.now() })
  const runId = run.info.run_id
  await post('/api/2.0/mlflow/runs/log-batch', {
    run_id: runId,
    metrics: [{ key: 'loss', value: 1, timestamp: Date.now(), step: 0 }],
    params: [{ key: 'p', value: '1' }],
    tags: [],
  })
  const { id: pipelineRun } = await post('/api/v1/pipelines/bikes/runs', { key: 'one' })
  return {
    inject,
    experiment: experiment_id,
    run: runId,
    /** Opens a real socket as well; its port. */
    async listen() {
      await control.app.listen({ host: '127.0.0.1', port: 0 })
      return control.app.server.address().port
    },
    known: ['bikes', experiment_id, runId, pipelineRun, '1', 'one', 'loss', 'run', 'x'],
    async stop() {
      await control[Symbol.asyncDispose]()
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

async function schemaOf(server) {
  if (server === undefined) return { url: 'sqlite::memory:', drop: () => Promise.resolve() }
  const schema = `f_${randomBytes(6).toString('hex')}`
  const run = async (sql) => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  await run(`create schema ${schema}`)
  const url = new URL(server)
  url.searchParams.set('schema', schema)
  return { url: url.href, drop: () => run(`drop schema ${schema} cascade`) }
}
