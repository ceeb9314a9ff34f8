import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { freePort } from '../../scripts/lib/ports.mjs'
import { clientOf, closedLoop, median, seedRuns } from './load.mjs'

/**
 * Tracking: a real MLflow server and Mainstay, one after the other on the same machine, each with its defaults
 * (SQLite in a fresh folder), the same requests from the same generator.
 *
 *     node bench/tracking/run.mjs [--runs 1000] [--seconds 8] [--only mainstay|mlflow]
 *
 * MAINSTAY_PYTHON names a Python with mlflow; the default is the one in .venv. 1000 runs take about two minutes,
 * nearly all of it MLflow's own.
 */
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '8' },
    only: { type: 'string', default: '' },
  },
})
const root = fileURLToPath(new URL('../..', import.meta.url))
const venv = join(root, '.venv/bin/python')
const python = process.env.MAINSTAY_PYTHON ?? (existsSync(venv) ? venv : 'python3')

const servers = {
  mainstay: (home, port) => [
    process.execPath,
    [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'src/server/main.ts')],
    { MAINSTAY_HOME: home, MAINSTAY_PORT: String(port), MAINSTAY_LOG_LEVEL: 'warn' },
  ],
  mlflow: (home, port) => [
    python,
    [
      '-m',
      'mlflow',
      'server',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--backend-store-uri',
      `sqlite:///${home}/mlflow.db`,
      '--artifacts-destination',
      join(home, 'artifacts'),
    ],
    { MLFLOW_DISABLE_TELEMETRY: 'true' },
  ],
}

async function measure(name) {
  const home = mkdtempSync(join(tmpdir(), `bench-${name}-`))
  const port = await freePort()
  const [program, args, env] = servers[name](home, port)
  const started = performance.now()
  const server = spawn(program, args, { cwd: home, env: { ...process.env, ...env }, stdio: 'ignore', detached: true })
  try {
    const call = clientOf(`http://127.0.0.1:${port}`)
    await ready(call, server)
    return { 'first answer, s': (performance.now() - started) / 1000, ...(await scenario(call)) }
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid, 'SIGTERM')
    await new Promise((resolve) => server.once('close', resolve))
    rmSync(home, { recursive: true, force: true })
  }
}

async function ready(call, server) {
  for (let i = 0; i < 900; i += 1) {
    if (server.exitCode !== null) throw new Error('the server ended before it was ready')
    const answer = await call('GET', 'experiments/get?experiment_id=0').catch(() => undefined)
    if (answer) return
    await sleep(100)
  }
  throw new Error('the server did not become ready within 90 s')
}

async function scenario(call) {
  const { experiment_id: experiment } = await call('POST', 'experiments/create', { name: 'bench' })
  const { experiment_id: writes } = await call('POST', 'experiments/create', { name: 'writes' })
  await seedRuns(call, experiment, Number(options.runs))
  const reads = await measureReads(call, experiment)
  return { ...(await measureWrites(call, writes)), ...reads }
}

async function measureWrites(call, experiment) {
  const newRun = async () =>
    (await call('POST', 'runs/create', { experiment_id: experiment, start_time: 1 })).run.info.run_id
  const runs = await Promise.all(Array.from({ length: 8 }, newRun))
  const batch = (client, i) => ({
    run_id: runs[client],
    metrics: Array.from({ length: 100 }, (_, k) => ({
      key: `m${k % 10}`,
      value: i + k / 100,
      timestamp: i,
      step: i * 10 + Math.floor(k / 10),
    })),
  })
  const batches = await closedLoop(8, Number(options.seconds), (client, i) =>
    call('POST', 'runs/log-batch', batch(client, i)),
  )
  const created = await closedLoop(8, Number(options.seconds) / 2, newRun)
  return {
    'log-batch(100), 8 clients, req/s': batches.rate,
    'log-batch(100), p50 ms': batches.p50,
    'log-batch(100), p99 ms': batches.p99,
    'create run, 8 clients, req/s': created.rate,
  }
}

async function measureReads(call, experiment) {
  const search = (more) => () =>
    call('POST', 'runs/search', { experiment_ids: [experiment], max_results: 100, ...more })
  const first = (await search({ max_results: 1 })()).runs[0].info.run_id
  const reads = {
    'newest 100, ms': search({}),
    'newest 1000, ms': search({ max_results: 1000 }),
    'order by metric, ms': search({ order_by: ['metrics.m0 DESC'] }),
    'metric filter, ms': search({ filter: 'metrics.m0 > 0.9' }),
    'param and tag filter, ms': search({ filter: "params.p0 = 'v3' and tags.t0 = 'w7'" }),
    'two tags, order by param, ms': search({ filter: "tags.t0 = 'w7' and tags.t1 != 'w1'", order_by: ['params.p1'] }),
    'get run, ms': () => call('GET', `runs/get?run_id=${first}`),
    'experiments, ms': () => call('POST', 'experiments/search', { max_results: 200 }),
  }
  const measured = {}
  for (const [name, read] of Object.entries(reads)) measured[name] = await median(7, read)
  return measured
}

const names = Object.keys(servers).filter((name) => options.only === '' || options.only === name)
const results = {}
for (const name of names) results[name] = await measure(name)

console.log(`runs ${options.runs}, node ${process.versions.node}`)
const shown = (value) => (value === undefined ? '' : value.toFixed(value < 10 ? 2 : 0)).padStart(10)
console.log(
  `${''.padEnd(36)}${names.map((name) => name.padStart(10)).join('')}${names.length === 2 ? '     ratio' : ''}`,
)
for (const metric of Object.keys(results[names[0]])) {
  const values = names.map((name) => results[name][metric])
  const [ours, theirs] = values
  const better = metric.includes('req/s') ? ours / theirs : theirs / ours
  console.log(`${metric.padEnd(36)}${values.map(shown).join('')}${names.length === 2 ? `${shown(better)}×` : ''}`)
}
console.log(JSON.stringify({ bench: 'tracking', runs: Number(options.runs), results }))
