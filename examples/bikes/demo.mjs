// The main job on real data, told as it happens: a year of hourly bike rentals through a live endpoint.
// Everything from act 3 on is decided by Mainstay from the traffic alone; this script only sends and reads.
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../../scripts/lib/ports.mjs'
import { Story } from './story.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '../..')
const { replayTable } = await import(join(root, 'dist/cli/replay/replay.js'))
const run = promisify(execFile)

const isCheck = process.argv.includes('--check')
const until = valueOf('--to') ?? '2012-01-01'
const python = process.env.MAINSTAY_PYTHON ?? 'python3'
const home =
  valueOf('--home') ?? (isCheck ? mkdtempSync(join(tmpdir(), 'mainstay-demo-')) : join(root, '.mainstay', 'demo'))
const endpoint = 'bike-demand'
const day = 86_400_000

/** When the people of this story make their mistakes, and when the feed breaks. */
const plan = { strict: '2011-09-20', swapped: '2011-10-03', feedBreaks: '2011-10-24', feedMends: '2011-11-07' }

function valueOf(name) {
  const at = process.argv.indexOf(name)
  return at === -1 ? undefined : process.argv[at + 1]
}

const mainstay = async (...words) => {
  const { stdout } = await run(process.execPath, [join(root, 'bin/mainstay'), ...words], {
    env: { ...process.env, MAINSTAY_URL: server.url },
    maxBuffer: 64e6,
  })
  return stdout
}

const api = async (path) => {
  const response = await fetch(`${server.url}/api/v1${path}`)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return await response.json()
}

/** Starts Mainstay with embedded defaults in a home of its own. */
async function up() {
  rmSync(home, { recursive: true, force: true })
  const [port, predictPort] = isCheck
    ? [await freePort(), await freePort()]
    : [await preferred(7070), await preferred(8000)]
  const child = spawn(
    process.execPath,
    [join(root, 'bin/mainstay'), 'up', '--home', home, '--port', String(port), '--predict-port', String(predictPort)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, MAINSTAY_LOG_LEVEL: process.env.MAINSTAY_LOG_LEVEL ?? 'warn' },
    },
  )
  const ended = new Promise((done) => child.once('exit', done))
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) throw new Error('Mainstay did not start; see the lines above.')
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    const plane = await fetch(`http://127.0.0.1:${predictPort}/v2/health/live`).catch(() => undefined)
    if (answer?.ok && plane?.ok) return { url, predictPort, stop: () => (child.kill('SIGTERM'), ended) }
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error('Mainstay was not ready within 20 seconds.')
}

async function preferred(port) {
  const { createServer } = await import('node:net')
  const isFree = await new Promise((done) => {
    const probe = createServer()
      .once('error', () => done(false))
      .listen(port, '127.0.0.1', () => probe.close(() => done(true)))
  })
  return isFree ? port : await freePort()
}

const server = await up()
const story = new Story({ api, endpoint, say: (line) => process.stdout.write(`${line}\n`) })

async function bikesFile() {
  const { stdout } = await run(python, [
    '-c',
    'import importlib.util,pathlib;print(pathlib.Path(importlib.util.find_spec("ISLP").origin).parent/"data"/"Bikeshare.csv")',
  ])
  return stdout.trim()
}

const isReached = (date, time) => time >= Date.parse(`${date}T00:00:00Z`)
const rolloutsActive = async () =>
  (await api(`/rollouts?endpoint=${endpoint}`)).items.some((rollout) => rollout.ended_at === null)
const done = new Set()

/** A person's deed at a day of the story, once, when no rollout is in the way. */
async function once(name, date, time, deed) {
  if (done.has(name) || !isReached(date, time) || (await rolloutsActive())) return
  done.add(name)
  await deed(time)
}

async function deployStrict(time) {
  story.tell(
    time,
    'A colleague trains a version that treats an unknown season as an error. It is good on every week seen so far.',
  )
  const text = await mainstay('run', endpoint, '-p', 'seasons=strict')
  const gate = /gate\s+succeeded\s+(.*)/.exec(text)?.[1]
  story.tell(time, `It goes the ordinary way: pipeline, gate (${gate ?? 'no verdict'}), rollout.`)
  await story.notice('strict')
}

async function deploySwapped(time) {
  const folder = join(home, 'swapped')
  story.tell(
    time,
    'A colleague registers a model whose training read hr and weekday in the wrong order, and deploys it.',
  )
  await run(python, [join(here, 'swapped.py'), '--to', new Date(time).toISOString().slice(0, 10), '--out', folder], {
    cwd: here,
  })
  await mainstay('models', 'register', endpoint, folder)
  await mainstay('deploy', endpoint, '--endpoint', endpoint, '--wait', '--reason', 'a colleague’s model')
  await story.notice('swapped')
}

try {
  story.act(1, 'Start, train, gate, register, deploy')
  story.tell(undefined, `Mainstay runs at ${server.url}, home ${home}.`)
  await mainstay('apply', '-f', join(here, 'mainstay.yaml'))
  await mainstay('run', endpoint)
  await story.firstVersion()

  story.act(2, 'Replay the year hour by hour, labels a day late')
  const summary = await replayTable(
    {
      url: server.url,
      endpoint,
      file: await bikesFile(),
      time: { parts: { year: '2011', dayofyear: 'day', hour: 'hr' } },
      from: Date.parse('2011-04-01T00:00:00Z'),
      to: Date.parse(`${until}T00:00:00Z`),
      label: 'bikers',
      labelDelayMs: day,
      barrier: 'window',
      everyMs: day,
      onRow(row, time) {
        if (isReached(plan.feedBreaks, time) && !isReached(plan.feedMends, time))
          Object.assign(row, { temp: null, hum: null })
      },
      async onBoundary(time) {
        await story.listen()
        await once('strict', plan.strict, time, deployStrict)
        if (done.has('strict')) await once('swapped', plan.swapped, time, deploySwapped)
      },
    },
    () => undefined,
  )
  await story.listen()
  await story.epilogue(summary, server.url)
  const missing = story.missing()
  for (const act of missing) process.stdout.write(`MISSING  ${act}\n`)
  if (isCheck) {
    await server.stop()
    rmSync(home, { recursive: true, force: true })
    process.exit(missing.length === 0 ? 0 : 1)
  }
  process.stdout.write(`\nThe pages stay up at ${server.url} until you press Ctrl+C.\n`)
  process.once('SIGINT', () => {
    void server.stop().then(() => process.exit(0))
  })
} catch (error) {
  process.stderr.write(`${error.stderr ?? ''}${error.message}\n`)
  await server.stop()
  process.exit(1)
}
