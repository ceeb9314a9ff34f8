import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  bikesReplay,
  copyExample,
  date,
  dayMs,
  dayOf,
  endpoint as model,
  replayTable,
  writePermutedYear,
} from '../lib/bikes.mjs'
import { openMainstay, until } from '../lib/mainstay.mjs'

const from = date('2011-04-01')
const to = date('2011-04-24')
/** The feed breaks for five days after ten sound ones. */
const broken = { from: date('2011-04-11'), to: date('2011-04-16') }
const isBroken = (time) => time >= broken.from && time < broken.to
const weather = { clear: 'sunny', 'cloudy/misty': 'overcast', 'light rain/snow': 'wet', 'heavy rain/snow': 'storm' }

/** Quarantined while the feed is broken, lifted afterwards, nothing learned or rolled back meanwhile. */
function expectQuarantine({ check, incidents, actions, monitor }, what) {
  const inputs = incidents.filter(({ signal }) => signal === 'inputs')
  check(
    'the break is found and named',
    inputs.length === 1 && inputs[0].cause.includes(what),
    inputs.map(({ cause, opened_event_time }) => `${dayOf(opened_event_time)} ${cause}`).join('; '),
  )
  check(
    'on the day it came or the next',
    inputs[0] !== undefined && inputs[0].opened_event_time <= broken.from + 3 * dayMs,
    inputs[0] && dayOf(inputs[0].opened_event_time),
  )
  check(
    'the quarantine lifts when the feed is sound again',
    inputs.every(({ state }) => state === 'closed'),
    inputs.map(({ state }) => state).join(),
  )
  check(
    'the broken window is judged as quarantined',
    monitor.windows.some(({ state }) => state === 'quarantined'),
    states(monitor),
  )
  expectNothing({ check, incidents: incidents.filter(({ signal }) => signal !== 'inputs'), actions })
}

function expectNothing({ check, incidents, actions }) {
  check('no incident beyond that', incidents.length === 0, incidents.map(({ title }) => title).join('; '))
  check(
    'nothing is retrained or rolled back',
    actions.length === 0,
    actions.map(({ kind, sentence }) => `${kind}: ${sentence}`).join('; '),
  )
}

const states = (monitor) => monitor.windows.map(({ start, state }) => `${dayOf(start)} ${state}`).join(', ')
const isHealthy = ({ state }) => state === 'healthy' || state === 'warning'

async function expectOnce({ check, mainstay, name, rows }) {
  // The rows since the newest window were answered, but nobody has waited for them yet.
  await until('the log', async () => (await mainstay.predictions(name)).length >= rows, 30_000).catch(() => undefined)
  const log = await mainstay.predictions(name)
  check(
    'each row is in the log once',
    log.length === rows && new Set(log.map(({ id }) => id)).size === rows,
    `${log.length} of ${rows}`,
  )
}

/** Each fault on an endpoint of its own with the same model: what is done to the traffic, and what must come of it. */
export const faults = {
  nulls: {
    about: '60 % nulls in two features for five days',
    options: () => {
      let count = 0
      return {
        onRow: (row, time) => void (isBroken(time) && ++count % 5 < 3 && Object.assign(row, { temp: null, hum: null })),
      }
    },
    judge: (seen) => expectQuarantine(seen, 'null'),
  },
  renamed: {
    about: 'the weather has other names for five days',
    options: () => ({
      onRow: (row, time) => void (isBroken(time) && (row.weathersit = weather[row.weathersit] ?? 'other')),
    }),
    judge: (seen) => expectQuarantine(seen, 'weathersit'),
  },
  frozen: {
    about: 'the weather station repeats its last reading for five days',
    options: () => {
      let last
      return {
        onRow(row, time) {
          if (isBroken(time)) Object.assign(row, last)
          else last = { temp: row.temp, hum: row.hum, windspeed: row.windspeed }
        },
      }
    },
    judge: (seen) => expectQuarantine(seen, 'has not changed'),
  },
  unit: {
    about: 'the temperature comes in degrees Fahrenheit for five days',
    options: () => ({ onRow: (row, time) => void (isBroken(time) && (row.temp = row.temp * 41 * 1.8 + 32)) }),
    judge: (seen) => expectQuarantine(seen, 'temp'),
  },
  twice: {
    about: 'every row and every label is sent twice with the same id',
    times: 2,
    options: () => ({}),
    async judge(seen) {
      expectNothing(seen)
      await expectOnce(seen)
      // The newest labels were taken, but nobody has waited for them to find their rows.
      const bare = async () => (await seen.mainstay.predictions(seen.name)).filter(({ label }) => label === null)
      await until('the labels', async () => (await bare()).length === 0, 30_000).catch(() => undefined)
      const left = await bare()
      seen.check('and each has its label', left.length === 0, `${left.length} have none`)
      const full = seen.monitor.windows.filter(({ rows }) => rows > 168)
      seen.check(
        'no window counts a row twice',
        full.length === 0 && seen.monitor.windows.some(isHealthy),
        states(seen.monitor),
      )
    },
  },
  unlabelled: {
    about: 'labels never come',
    options: () => ({ label: undefined }),
    judge(seen) {
      expectNothing(seen)
      seen.check(
        'every window is insufficient, none is called healthy',
        seen.monitor.windows.every(({ state, value }) => state === 'insufficient' && value === null),
        states(seen.monitor),
      )
    },
  },
  late: {
    about: 'labels come five days late, though one is declared',
    options: () => ({ labelDelayMs: 5 * dayMs }),
    judge(seen) {
      expectNothing(seen)
      seen.check(
        'no window is judged on part of its labels',
        seen.monitor.windows.every(({ state, labelled, rows }) => state === 'insufficient' || labelled >= 0.9 * rows),
        states(seen.monitor),
      )
      seen.check(
        'windows are judged when their labels have come',
        seen.monitor.windows.some(isHealthy),
        states(seen.monitor),
      )
    },
  },
  skewed: {
    about: 'one client’s clock is three hours behind, another’s an hour ahead of ours',
    options: ({ mainstay, name, body, extra }) => ({
      async onBoundary(time) {
        const late = await predict(mainstay, name, body, `late-${time}`, time - 3 * 3_600_000)
        if (late.status === 200) extra.push(`late-${time}`)
        const ahead = await predict(mainstay, name, body, `ahead-${time}`, Date.now() + 3_600_000)
        if (ahead.status !== 400 || ahead.body.error === undefined) extra.wrong = `${ahead.status}`
      },
    }),
    async judge(seen) {
      expectNothing(seen)
      seen.check('a stamp from the future is refused', seen.extra.wrong === undefined, seen.extra.wrong)
      seen.check('late rows are answered', seen.extra.length >= 20, `${seen.extra.length}`)
      await expectOnce({ ...seen, rows: seen.rows + seen.extra.length })
      seen.check(
        'the watermark stays with the traffic',
        seen.monitor.watermark !== null && seen.monitor.watermark <= to,
        String(seen.monitor.watermark),
      )
    },
  },
}

async function predict(mainstay, name, body, id, time) {
  const response = await fetch(`${mainstay.predictUrl}/v2/models/${name}/infer`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'mainstay-prediction-id': id,
      'mainstay-event-time': new Date(time).toISOString(),
    },
    body,
  })
  return { status: response.status, body: await response.json() }
}

/** One request as the replay sends it, with the first row's values. */
function bodyOf(signature, table) {
  const [head, first] = readFileSync(table, 'utf8')
    .split('\n')
    .map((line) => line.replaceAll('"', '').split(','))
  const row = Object.fromEntries(head.map((name, at) => [name, first[at]]))
  return JSON.stringify({
    inputs: signature.inputs.map(({ name, kind }) => ({
      name,
      shape: [1, 1],
      datatype: signature.onnx.inputs.find((tensor) => tensor.name === name)?.dtype ?? 'FP64',
      data: [kind === 'string' ? row[name] : Number(row[name])],
    })),
  })
}

/** A year without drift, so that what happens comes of the fault; one server, one model, an endpoint for each fault. */
export async function runFaults(names, report) {
  const mainstay = await openMainstay('faults')
  try {
    const table = join(mainstay.home, 'permuted.csv')
    writePermutedYear(table, 7)
    const file = copyExample(join(mainstay.home, 'bikes'), (document) => {
      document.setIn(['pipelines', model, 'params', 'table'], table)
      for (const name of names) {
        for (const part of ['endpoints', 'monitors'])
          document.setIn([part, name], document.getIn([part, model]).toJSON())
        const rule = document.getIn(['automation', 'retrain-on-lost-performance']).toJSON()
        document.setIn(['automation', `retrain-${name}`], { ...rule, endpoint: name })
      }
    })
    await mainstay.up()
    await mainstay.cli('apply', '-f', file)
    await mainstay.cli('run', model)
    for (const name of names) await mainstay.cli('deploy', model, '--endpoint', name, '--wait')
    const waiting = [...names]
    const worker = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
        await runFault(mainstay, name, table, report)
    }
    await Promise.all([worker(), worker()])
    await mainstay.down()
  } finally {
    await mainstay.remove()
  }
}

async function runFault(mainstay, name, table, report) {
  const fault = faults[name]
  const check = (sentence, holds, detail) => report.check(`${fault.about}: ${sentence}`, holds, detail ?? '')
  const extra = []
  const { signature } = await mainstay.get(`/endpoints/${name}`)
  const body = bodyOf(signature, table)
  const replay = () =>
    replayTable({
      ...bikesReplay,
      endpoint: name,
      url: mainstay.url,
      file: table,
      from,
      to,
      ...fault.options({ mainstay, name, body, extra }),
    })
  try {
    const [summary] = await Promise.all(Array.from({ length: fault.times ?? 1 }, replay))
    check('every request is answered', summary.failed + summary.refused === 0, JSON.stringify(summary.errors))
    const { items } = await mainstay.get(`/incidents?endpoint=${name}`)
    const { items: actions } = await mainstay.get(`/actions?endpoint=${name}`)
    await fault.judge({
      check,
      mainstay,
      name,
      extra,
      rows: summary.rows,
      incidents: items,
      actions,
      monitor: await mainstay.get(`/monitors/${name}`),
    })
  } catch (error) {
    report.broke(error)
  }
}
