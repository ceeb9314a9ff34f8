import { setTimeout as sleep } from 'node:timers/promises'
import { kill } from '../lib/processes.mjs'

/** Whom the killer may choose; the process of a step is the data scientist's script and the shell around it. */
const victims = ['command', 'supervisor', 'control', 'plane', 'analytics', 'scorer', 'export', 'step shim', 'step']

/**
 * Lost processes and retried steps have a budget of attempts, as they should; so each work that is rare and
 * bounded is killed a bounded number of times. What always runs is killed without bound.
 */
const atMost = { scorer: 2, export: 2, 'step shim': 1, step: 1 }

/** Kills a random process of the home every few seconds, and has the supervisor started again, until told to stop. */
export function startKiller({ mainstay, random, report, everyMs }) {
  const counts = Object.fromEntries(victims.map((kind) => [kind, 0]))
  const log = []
  const began = performance.now()
  let isStopping = false
  let starts = 0
  let isStarting = false

  async function startAgain() {
    isStarting = true
    for (let tries = 1; ; tries += 1) {
      try {
        await mainstay.up(45_000)
        starts += 1
        isStarting = false
        return
      } catch (error) {
        // A kill in the middle of the start ends `up`; that is no fault unless it goes on.
        if (tries === 8) throw error
        await sleep(300)
      }
    }
  }

  function strike() {
    const found = mainstay
      .processes()
      .filter(({ kind }) => victims.includes(kind) && counts[kind] < (atMost[kind] ?? Infinity))
    const kinds = [...new Set(found.map(({ kind }) => kind))].toSorted()
    if (kinds.length === 0) return
    // What is seldom there is chosen first: a random choice among all would hardly ever meet it. Else whom it hit least.
    const rare = kinds.filter((kind) => kind in atMost)
    const fewest = Math.min(...kinds.map((kind) => counts[kind]))
    const spared = kinds.filter((kind) => counts[kind] === fewest)
    const kind = random.pick(rare.length > 0 && random.next() < 0.7 ? rare : spared)
    const victim = random.pick(found.filter((each) => each.kind === kind))
    if (!kill(victim.pid)) return
    counts[kind] += 1
    log.push(`${((performance.now() - began) / 1_000).toFixed(1)} s ${kind}`)
  }

  async function keepUp() {
    while (!isStopping) {
      if (!mainstay.isUp()) await startAgain()
      await sleep(100)
    }
  }

  /** A start is hit too, but not each time: a slow machine would never get up again. */
  async function untilReady() {
    if (random.next() < 0.2) return
    while (!isStopping && (isStarting || !(await mainstay.isReady()))) await sleep(100)
  }

  async function hunt() {
    while (!isStopping) {
      await untilReady()
      await sleep(random.between(...everyMs))
      if (!isStopping) strike()
    }
  }

  const work = Promise.all([hunt(), keepUp()])
  work.catch((error) => report.broke(error))
  return {
    counts,
    log,
    /** No more kills; what was killed last is up again when this resolves. */
    async stop() {
      isStopping = true
      await work.catch(() => undefined)
      if (!mainstay.isUp()) await startAgain()
      return { kills: log.length, starts }
    },
  }
}
