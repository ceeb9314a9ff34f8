import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { giveWay } from '../platform/priority.ts'
import {
  endProcess,
  isAlive,
  readRecord,
  recordOf,
  removeRecord,
  sleep,
  writeRecord,
  type ProcessRecord,
} from './process-record.ts'

export interface ChildSpec {
  name: string
  /** The program and its arguments, for `node`. */
  command: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  log: string
  record: string
  port: number
  /** Has a channel that closes with the supervisor; the child ends itself then and is never adopted. */
  isTied: boolean
  /** How far it stands back for others; 0 is normal. */
  nice: number
  /** Whether the running process can do its work; `said` is the last thing it sent over its channel. */
  isReady(said: unknown): Promise<boolean>
  /** Whether it answers at all; false also when no answer came within two seconds. */
  answers(): Promise<boolean>
  onRestart(why: string, inMs: number): void
  /** It is about to be killed because it does not answer any more. */
  onHang(): void
  /** The process runs and is kept running, but an `up` after this one will not know it. */
  onUnnoted(why: string): void
}

const firstDelayMs = 200
const longestDelayMs = 10_000
const provenMs = 30_000
const readyWithinMs = 60_000
/** Ten questions in a row without an answer, 30 s to 50 s, and a process counts as hung. */
const patience = { askEveryMs: 3_000, unanswered: 10 }

/** Delay before the next start: doubles with every short life, begins anew after a long one. */
export function nextDelay(previous: number, livedMs: number): number {
  if (previous === 0 || livedMs >= provenMs) return firstDelayMs
  return Math.min(longestDelayMs, previous * 2)
}

/** Keeps one process running: starts it (or adopts it), starts it again when it ends, ends it when asked. */
export class Child {
  readonly #spec: ChildSpec
  readonly #patience: typeof patience
  #record: ProcessRecord | undefined
  #delay = 0
  #isStopping = false
  #said: unknown
  #isProven = false
  #loop: Promise<void> = Promise.resolve()

  constructor(spec: ChildSpec, most = patience) {
    this.#spec = spec
    this.#patience = most
  }

  describe(): { name: string; pid: number | null; port: number } {
    return { name: this.#spec.name, pid: this.#record?.pid ?? null, port: this.#spec.port }
  }

  /** Resolves when the process can do its work; throws if it ends before that the first time. */
  async start(): Promise<'started' | 'adopted'> {
    const found = await this.#adopt()
    const ended = found ? this.#waitForEnd(found) : this.#spawn()
    this.#loop = this.#keep(ended)
    await this.#waitUntilReady()
    this.#isProven = true
    void this.#watch()
    return found ? 'adopted' : 'started'
  }

  async stop(graceMs = 10_000): Promise<void> {
    this.#isStopping = true
    const record = this.#record ?? (await readRecord(this.#spec.record))
    if (record) await endProcess(record, graceMs)
    await removeRecord(this.#spec.record)
    await Promise.race([this.#loop, sleep(1_000)])
  }

  async #adopt(): Promise<ProcessRecord | undefined> {
    const record = await readRecord(this.#spec.record)
    if (!record || !(await isAlive(record))) return undefined
    if (!this.#spec.isTied && record.port === this.#spec.port && (await this.#spec.isReady(undefined))) {
      this.#record = record
      return record
    }
    await endProcess(record)
    return undefined
  }

  /** An adopted process is no child of ours, so its end is seen by looking. */
  async #waitForEnd(record: ProcessRecord): Promise<string> {
    while (await isAlive(record)) {
      await sleep(200)
      if (this.#isStopping) return 'stopped'
    }
    return 'it ended'
  }

  async #spawn(): Promise<string> {
    const { command, env, log, record, port, isTied, nice, onUnnoted } = this.#spec
    const file = openSync(log, 'a')
    // A group of its own: Ctrl-C in the terminal reaches the supervisor only, which then ends all in order.
    const child = spawn(process.execPath, command, {
      env,
      detached: true,
      stdio: isTied ? ['ignore', file, file, 'ipc'] : ['ignore', file, file],
    })
    closeSync(file)
    this.#said = undefined
    child.on('message', (message) => (this.#said = message))
    const ended = endOf(child)
    if (child.pid === undefined) return await ended
    if (nice > 0) giveWay(child.pid, nice)
    this.#record = await recordOf(child.pid, port)
    if (this.#record) await writeRecord(record, this.#record).catch((error: Error) => onUnnoted(error.message))
    return await ended
  }

  async #keep(first: Promise<string>): Promise<void> {
    let ended = first
    for (;;) {
      const began = performance.now()
      const why = await ended
      if (this.#isStopping || !this.#isProven) return
      this.#delay = nextDelay(this.#delay, performance.now() - began)
      this.#spec.onRestart(why, this.#delay)
      await sleep(this.#delay)
      if (this.#isStopping) return
      ended = this.#spawn().catch((error: Error) => error.message)
    }
  }

  /**
   * Ends a process that runs and has stopped to answer, so that it is started again. One that has not answered yet is
   * left alone: it may be at work on its start. Questions are counted, not time: a machine that slept hangs nothing.
   */
  async #watch(): Promise<void> {
    let answered: number | undefined
    let unanswered = 0
    while (!this.#isStopping) {
      await sleep(this.#patience.askEveryMs)
      const record = this.#record
      const hasAnswered = await this.#spec.answers()
      if (hasAnswered || record?.pid !== answered) unanswered = 0
      else unanswered += 1
      if (hasAnswered) answered = record?.pid
      if (unanswered < this.#patience.unanswered || !record || this.#isStopping) continue
      unanswered = 0
      this.#spec.onHang()
      await endProcess(record, 0)
    }
  }

  async #waitUntilReady(): Promise<void> {
    const deadline = performance.now() + readyWithinMs
    const isOver = { value: false }
    const over = this.#loop.then(() => (isOver.value = true))
    while (!(await this.#spec.isReady(this.#said))) {
      if (this.#isStopping) return
      if (isOver.value || performance.now() > deadline) throw new Error(`${this.#spec.name} did not start`)
      await Promise.race([over, sleep(15)])
    }
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}
