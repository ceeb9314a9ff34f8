// kill -9 of any Mainstay process at any moment, six weeks long: what was acknowledged is there, once.
//   node e2e/kills/run.mjs [--seed N] [--to 2011-05-15]
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bikesFile, bikesReplay, copyExample, date, endpoint, replayTable } from '../lib/bikes.mjs'
import { openMainstay, until } from '../lib/mainstay.mjs'
import { kill } from '../lib/processes.mjs'
import { randomFrom } from '../lib/random.mjs'
import { createReport } from '../lib/report.mjs'
import { checkActed, checkLog, checkPipelines, checkWindows } from './checks.mjs'
import { startKiller } from './killer.mjs'

const argument = (name) => process.argv[process.argv.indexOf(name) + 1]
const seed = process.argv.includes('--seed') ? Number(argument('--seed')) : Date.now() % 1_000_000
const to = process.argv.includes('--to') ? argument('--to') : '2011-05-15'

const report = createReport('kills')
report.say(`seed ${seed} (repeat with: node e2e/kills/run.mjs --seed ${seed})`)

/** The ids whose answer was a 200, as the client's own HTTP stack saw them. */
const acknowledged = new Set()
const onAnswer = ({ request, response }) => {
  const id = request.getHeader('mainstay-prediction-id')
  if (id !== undefined && response.statusCode === 200) acknowledged.add(String(id))
}
subscribe('http.client.response.finish', onAnswer)

const mainstay = await openMainstay('kills')
let killer
try {
  await mainstay.up()
  const file = copyExample(join(mainstay.home, 'bikes'), makePatient)
  await mainstay.cli('apply', '-f', file)
  killer = startKiller({ mainstay, random: randomFrom(seed), report, everyMs: [2_000, 6_000] })
  await firstVersion()
  const summary = await replay()
  const { kills, starts } = await killer.stop()
  const told = Object.entries(killer.counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} ${count}`)
  report.say(
    `${kills} kills (${told.join(', ')}), ${starts} starts again; ${summary.predictions} answers, ${summary.labels} labels, ${summary.failed} without an answer, ${summary.refused} refused`,
  )
  report.check(
    'enough was killed to mean something',
    kills >= 10 && killer.counts.control > 0 && killer.counts.plane > 0,
    `${kills} kills`,
  )
  await checkAfterwards(summary)
  await checkNoOrphan()
} catch (error) {
  report.broke(error)
  report.say(`killed: ${killer?.log.join(', ')}`)
  for (const name of ['control', 'plane-r1']) report.say(newest(name))
} finally {
  unsubscribe('http.client.response.finish', onAnswer)
  await mainstay.remove()
}
process.exit(report.end())

/**
 * A killed script ends with an exit code like any that fails, so its steps say that they may be tried again; and the
 * client of MLflow, which waits 2, 4, 8, … s while its server starts again, waits 1, 2, 4, … s.
 */
function makePatient(document) {
  for (const step of ['load', 'train', 'refit']) {
    const at = ['pipelines', endpoint, 'steps', step]
    document.setIn([...at, 'retry'], { max: 5, backoff: '100ms' })
    document.setIn(
      [...at, 'run'],
      `MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR=1 MLFLOW_HTTP_REQUEST_BACKOFF_JITTER=0 ${document.getIn([...at, 'run'])}`,
    )
  }
}

/** Starts the pipeline once, however often the answer is lost, and waits for its end. */
async function firstVersion() {
  const run = await until('the start of the pipeline', async () => {
    const { status, body } = await mainstay.post(`/pipelines/${endpoint}/runs`, { key: 'the-first' })
    return status === 200 ? body : undefined
  })
  const ended = await until(
    'the end of the first pipeline run',
    async () => {
      const now = await mainstay.get(`/pipeline-runs/${run.id}`)
      return now.ended_at === null ? undefined : now
    },
    300_000,
  )
  if (ended.state !== 'succeeded') throw new Error(`the first run ${ended.state}: ${ended.sentence}`)
  await until('the first version', async () => (await mainstay.get(`/endpoints/${endpoint}`)).signature !== null)
}

async function replay() {
  return await replayTable({
    ...bikesReplay,
    url: mainstay.url,
    file: bikesFile(),
    from: date('2011-04-01'),
    to: date(to),
    barrierTimeoutMs: 150_000,
  })
}

async function checkAfterwards(summary) {
  report.check(
    'most predictions were answered in spite of it',
    summary.predictions >= 0.9 * summary.rows,
    `${summary.predictions} of ${summary.rows}`,
  )
  report.check(
    'no prediction was refused',
    summary.refused === 0,
    JSON.stringify(summary.errors.filter(({ status }) => status >= 400 && status < 500)),
  )
  await checkLog({ mainstay, report, acknowledged })
  await checkPipelines({ mainstay, report })
  await checkActed({ mainstay, report })
  await checkWindows({ mainstay, report, from: date('2011-04-01'), to: date(to) })
  const audit = await mainstay.get('/audit/verify')
  report.check('the audit chain is intact', audit.intact, `${audit.records} records`)
}

/** `down` ends all, also with a step at work that a killed control process had started. */
async function checkNoOrphan() {
  await mainstay.post(`/pipelines/${endpoint}/runs`, { key: 'the-last', params: { seasons: 'strict' } })
  const step = await until('a step at work', () => mainstay.processes().find(({ kind }) => kind === 'step'))
  const control = mainstay.processes().find(({ kind }) => kind === 'control')
  if (control) kill(control.pid)
  report.check(
    'a running step outlives a killed control process',
    mainstay.processes().some(({ pid }) => pid === step.pid),
  )
  await mainstay.down()
  await sleep(500)
  const left = mainstay.processes()
  report.check(
    'down leaves no process behind',
    left.length === 0,
    left.map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`).join('; '),
  )
}

function newest(name) {
  try {
    return `--- ${name}.log\n${readFileSync(join(mainstay.home, 'logs', `${name}.log`), 'utf8').slice(-2_000)}`
  } catch {
    return `--- ${name}.log: none`
  }
}
