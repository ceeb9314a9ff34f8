import { cookieName, type LocalProcess } from '../../platform/compute/local.ts'
import { processesByVariable, sweep } from '../../platform/compute/procfs.ts'
import { PythonEnvironments } from '../../platform/compute/python.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { StoredEvent } from '../../platform/events/outbox.ts'
import { claimNodes, finishAttempt, listUnfinished, type Attempt, type Outcome } from './attempt.ts'
import { Backoff } from './backoff.ts'
import { adoptCommand, runCommand, tidy, type CommandParts } from './command.ts'
import type { PipelineHooks } from './hooks.ts'
import { beatMs, holderOf, Leases } from './lease.ts'
import { runPlatformStep } from './platform-node.ts'
import * as q from './queries/runs.ts'
import * as t from './queries/triggers.ts'
import { EventTriggers, fireDue } from './triggers.ts'

export interface RunnerOptions {
  ctx: Ctx
  home: string
  python: string
  /** Command steps that run at once on this machine. */
  width: number
  hooks: PipelineHooks
  trackingUri(): string
}

interface Active {
  attempt: Attempt
  cancel: AbortController
  process: LocalProcess | undefined
  work: Promise<void>
}

const platformWidth = 16
const longestSleepMs = 5_000
const sweepAfterMs = 1_000
const wakingEvents = new Set<string>(['pipelines.run_started', 'pipelines.saved'])

/**
 * Drives runs: claims ready nodes, watches their processes, records how they end. It holds no state that is not
 * in the database or in /proc, so it may be killed at any point; stopping it leaves steps running.
 */
export class PipelineRunner implements AsyncDisposable {
  readonly #ctx: Ctx
  readonly #options: RunnerOptions
  readonly #parts: CommandParts
  readonly #active = new Map<string, Active>()
  readonly #leave = new AbortController()
  readonly #backoff: Backoff
  readonly #eventTriggers = new EventTriggers()
  readonly #timers: NodeJS.Timeout[] = []
  readonly #tidying = new Set<Promise<void>>()
  #eventTypes = new Set<string>()
  #wake: (() => void) | undefined
  #dirty = false
  #nextFire = 0
  #look = { cancels: true, events: true, schedules: true }
  #sweepTimer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> = Promise.resolve()
  #loop: Promise<void> | undefined

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#ctx = options.ctx
    this.#backoff = new Backoff(options.ctx.clock)
    const { ctx, home, hooks, trackingUri } = options
    const pythons = new PythonEnvironments(home, options.python)
    const onProcess = (id: string, process: LocalProcess): void => {
      const active = this.#active.get(id)
      if (active) active.process = process
    }
    this.#parts = { ctx, home, hooks, pythons, trackingUri, onProcess }
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  nudge(): void {
    this.#dirty = true
    this.#wake?.()
  }

  /** Tells that a run was asked to be cancelled. */
  nudgeCancel(): void {
    this.#look.cancels = true
    this.nudge()
  }

  /** To be called with every fact of the platform. */
  notice(stored: StoredEvent): void {
    if (this.#eventTypes.has(stored.event.type)) this.#look.events = true
    else if (!wakingEvents.has(stored.event.type)) return
    if (stored.event.type === 'pipelines.saved') this.#look = { ...this.#look, events: true, schedules: true }
    this.nudge()
  }

  /** Steps go on by themselves and are adopted at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave.abort()
    for (const timer of this.#timers) clearInterval(timer)
    clearTimeout(this.#sweepTimer)
    this.#wake?.()
    await this.#loop
    await Promise.all([...this.#active.values()].map(({ work }) => work))
    await Promise.all(this.#tidying)
    await this.#sweeping
  }

  async #run(): Promise<void> {
    const holder = await this.#begin()
    while (!this.#leave.signal.aborted) {
      this.#dirty = false
      let pause = longestSleepMs
      try {
        pause = await this.#round(holder)
      } catch (error) {
        this.#ctx.log.error({ err: error }, 'a round of the pipeline runner failed')
        pause = 1_000
        this.#dirty = false
      }
      if (!this.#dirty && !this.#leave.signal.aborted) await this.#sleep(pause)
    }
  }

  async #begin(): Promise<string> {
    const holder = await holderOf(this.#options.home)
    const leases = new Leases(this.#ctx, holder)
    await this.#safely('lease', () => leases.renew())
    for (const attempt of await listUnfinished(this.#ctx, holder)) this.#take(attempt, true)
    this.#scheduleSweep(0)
    this.#timers.push(setInterval(() => void this.#safely('lease', () => this.#beat(leases)), beatMs))
    this.#timers.push(setInterval(() => this.#lookAtAll(), longestSleepMs))
    return holder
  }

  #lookAtAll(): void {
    this.#look = { cancels: true, events: true, schedules: true }
    this.nudge()
  }

  async #round(holder: string): Promise<number> {
    const { cancels, events, schedules } = this.#look
    this.#look = { cancels: false, events: false, schedules: false }
    if (cancels) await this.#cancelAsked()
    if (schedules || this.#nextFire <= this.#ctx.clock.now()) await this.#fireSchedules()
    if (events) await this.#deliverEvents()
    const others = await q.listReadyOthers(this.#ctx.db)
    if (await this.#backoff.release(this.#ctx, others)) this.nudge()
    await this.#claim(holder, others)
    return Math.min(longestSleepMs, this.#backoff.nextMs(), Math.max(0, this.#nextFire - this.#ctx.clock.now()))
  }

  async #claim(holder: string, others: readonly q.NodeRow[]): Promise<void> {
    const running = [...this.#active.values()].filter(({ attempt }) => attempt.node.kind === 'run').length
    const free = Math.max(0, this.#options.width - running)
    const freePlatform = Math.max(0, platformWidth - (this.#active.size - running))
    const platform = others.filter(({ kind, backoff_ms }) => kind !== 'run' && backoff_ms === 0).slice(0, freePlatform)
    const commands = free === 0 ? [] : await q.listReadyCommands(this.#ctx.db, free)
    const ready = [...commands, ...platform]
    if (ready.length === 0 || this.#leave.signal.aborted) return
    for (const attempt of await claimNodes(this.#ctx, holder, ready)) this.#take(attempt, false)
  }

  #take(attempt: Attempt, adopted: boolean): void {
    const cancel = new AbortController()
    const active: Active = { attempt, cancel, process: undefined, work: Promise.resolve() }
    this.#active.set(attempt.id, active)
    if (attempt.node.state === 'cancelling') cancel.abort()
    active.work = this.#attempt(active, adopted).finally(() => this.#release(attempt))
  }

  async #attempt({ attempt, cancel }: Active, adopted: boolean): Promise<void> {
    const signals = { cancel: cancel.signal, leave: this.#leave.signal }
    const { ctx, hooks } = this.#options
    try {
      const isCommand = attempt.node.kind === 'run'
      const outcome = isCommand
        ? await (adopted ? adoptCommand : runCommand)(this.#parts, attempt, signals)
        : await runPlatformStep(ctx, hooks, attempt, signals)
      if (outcome) await this.#finish(attempt, outcome)
      if (isCommand && outcome) this.#scheduleSweep(sweepAfterMs)
    } catch (error) {
      // The row still says that it runs: the next look at unfinished attempts goes on from there.
      ctx.log.error({ attempt: attempt.id, node: attempt.node.name, err: error }, 'attempt could not be recorded')
      if (!this.#leave.signal.aborted) setTimeout(() => this.#take(attempt, true), 1_000).unref()
    }
  }

  async #finish(attempt: Attempt, outcome: Outcome): Promise<void> {
    const held = await finishAttempt(this.#ctx, attempt, outcome)
    if (!held) this.#ctx.log.warn({ attempt: attempt.id }, 'attempt was superseded; its result is dropped')
    this.#release(attempt)
    const tidied = this.#safely('tidy', () => tidy(this.#parts, attempt, outcome))
    this.#tidying.add(tidied)
    await tidied.finally(() => this.#tidying.delete(tidied))
  }

  /** Frees the attempt's place at once; what is still to be cleaned away holds up nobody. */
  #release(attempt: Attempt): void {
    if (this.#active.delete(attempt.id)) this.nudge()
  }

  async #cancelAsked(): Promise<void> {
    for (const { attempt, cancel } of this.#active.values()) {
      if (cancel.signal.aborted) continue
      const row = await q.findNode(this.#ctx.db, attempt.run.id, attempt.node.name)
      if (row?.state === 'cancelling' || row?.fence !== attempt.fence) cancel.abort()
    }
  }

  async #fireSchedules(): Promise<void> {
    await fireDue(this.#ctx)
    this.#nextFire = (await t.earliestNext(this.#ctx.db)) ?? Number.POSITIVE_INFINITY
  }

  async #deliverEvents(): Promise<void> {
    const triggers = await t.listEventTriggers(this.#ctx.db)
    this.#eventTypes = new Set(triggers.flatMap(({ event }) => event ?? []))
    await this.#eventTriggers.deliver(this.#ctx)
  }

  async #beat(leases: Leases): Promise<void> {
    if (leases.hasLapsed()) {
      for (const { process } of this.#active.values()) await process?.kill(0)
    }
    await leases.renew()
    if (await leases.takeFromTheDead()) this.nudge()
  }

  /** Processes that left their group and outlived their attempt, of this server's life or an earlier one. */
  #scheduleSweep(after: number): void {
    if (this.#sweepTimer) return
    this.#sweepTimer = setTimeout(() => {
      this.#sweepTimer = undefined
      this.#sweeping = this.#safely('sweep', () => this.#sweepEnded())
    }, after)
    this.#sweepTimer.unref()
  }

  async #sweepEnded(): Promise<void> {
    const cookies = [...(await processesByVariable(cookieName)).keys()]
    const ended = await q.endedAmong(this.#ctx.db, cookies)
    if (ended.length > 0) await sweep(cookieName, new Set(ended))
  }

  async #safely(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.#ctx.log.warn({ what, err: error }, 'the pipeline runner tries again later')
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
