import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bikesReplay, copyExample, date, dayOf, endpoint, replayTable, writePermutedYear } from '../lib/bikes.mjs'
import { openMainstay } from '../lib/mainstay.mjs'

/**
 * One year without drift through a live Mainstay with the example's own set-up: trained on the first 90 permuted
 * days, then replayed up to `to`. Answers what Mainstay did, with the windows it judged.
 */
export async function runPermuted(seed, to, onDay = () => undefined) {
  const began = performance.now()
  const mainstay = await openMainstay(`control-${seed}`)
  try {
    const table = join(mainstay.home, 'permuted.csv')
    writePermutedYear(table, seed)
    const file = copyExample(join(mainstay.home, 'bikes'), (document) =>
      document.setIn(['pipelines', endpoint, 'params', 'table'], table),
    )
    await mainstay.up()
    await mainstay.cli('apply', '-f', file)
    await mainstay.cli('run', endpoint)
    const trainedAt = performance.now()
    const summary = await replayTable({
      ...bikesReplay,
      url: mainstay.url,
      file: table,
      from: date('2011-04-01'),
      to: date(to),
      onBoundary: onDay,
    })
    const result = {
      seed,
      ...(await whatHappened(mainstay)),
      predictions: summary.predictions,
      refused: summary.refused,
      failed: summary.failed,
      labels: summary.labels,
    }
    await mainstay.down()
    await sleep(500)
    return {
      ...result,
      left: mainstay.processes().map(({ command }) => command.slice(0, 100)),
      set_up_seconds: Math.round((trainedAt - began) / 1_000),
      seconds: Math.round((performance.now() - began) / 1_000),
    }
  } finally {
    await mainstay.remove()
  }
}

async function whatHappened(mainstay) {
  const { items: actions } = await mainstay.get(`/actions?endpoint=${endpoint}`)
  const { items: incidents } = await mainstay.get(`/incidents?endpoint=${endpoint}`)
  const monitor = await mainstay.get(`/monitors/${endpoint}`)
  const { items: versions } = await mainstay.get(`/models/${endpoint}/versions`)
  const windows = monitor.windows.map((window) => ({
    start: dayOf(window.start),
    state: window.state,
    value: window.value,
    lower: window.lower,
    upper: window.upper,
    bias: window.bias,
    outside: window.numbers.outside === true,
    pooled: window.numbers.pooled ?? null,
  }))
  return {
    limit: monitor.limit,
    backtest: versions.at(-1)?.gates?.[0]?.sentence ?? null,
    retrains: actions.filter((action) => action.kind === 'retrain').length,
    rollbacks: actions.filter((action) => action.kind === 'rollback').length,
    incidents: incidents.map(({ signal, title, cause, opened_event_time }) => ({
      signal,
      title,
      cause,
      on: dayOf(opened_event_time),
    })),
    windows,
    actions: actions.map(({ kind, state, sentence, event_time, numbers }) => ({
      kind,
      state,
      sentence,
      on: dayOf(event_time),
      numbers,
    })),
    versions: versions.length,
  }
}

/** How the judged windows lay, in one line. */
export function windowFacts({ windows, limit }) {
  const judged = windows.filter(({ value }) => value !== null)
  const values = judged.map(({ value }) => value)
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  return {
    judged: judged.length,
    outside: judged.filter(({ value }) => value > limit).length,
    mean: mean.toFixed(3),
    worst: Math.max(0, ...values).toFixed(3),
  }
}
