import type { Ctx, TxCtx } from '../ctx.ts'
import type { Logger } from '../log.ts'
import {
  listEventsAfter,
  readCursor,
  writeCursor,
  type DomainEvent,
  type EventMap,
  type EventType,
  type StoredEvent,
} from './outbox.ts'

/**
 * A consumer of facts. It runs inside the transaction that moves its cursor, so what it writes to the
 * database happens exactly once per event; anything else it wants done it enqueues as a job.
 */
export interface Subscriber {
  name: string
  handlers: { [K in EventType]?: (ctx: TxCtx, event: { type: K } & EventMap[K], stored: StoredEvent) => Promise<void> }
}

const batch = 200
const idleMs = 1_000

/** Delivers committed facts to every subscriber, in order, at least once. */
export class Dispatcher {
  readonly #ctx: Ctx
  readonly #log: Logger
  readonly #subscribers: readonly Subscriber[]
  readonly #listeners = new Set<(stored: StoredEvent) => void>()
  #wake: (() => void) | undefined
  #stopped = false
  #dirty = true
  #loop: Promise<void> | undefined
  #published = 0

  constructor(ctx: Ctx, subscribers: readonly Subscriber[], startAt: number) {
    this.#ctx = ctx
    this.#log = ctx.log
    this.#subscribers = subscribers
    this.#published = startAt
  }

  start(): void {
    this.#loop = this.#run()
  }

  nudge(): void {
    this.#dirty = true
    this.#wake?.()
  }

  /** Live facts for open pages; a slow page misses nothing, since it asks again from its last id. */
  listen(listener: (stored: StoredEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** True when every subscriber has seen every fact. */
  async isIdle(): Promise<boolean> {
    for (const subscriber of this.#subscribers) {
      const pending = await listEventsAfter(this.#ctx.db, await readCursor(this.#ctx.db, subscriber.name), 1)
      if (pending.length > 0) return false
    }
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#wake?.()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#dirty = false
      let moved = await this.#publish()
      for (const subscriber of this.#subscribers) moved = (await this.#deliver(subscriber)) || moved
      if (!moved && !this.#dirty) await this.#sleep()
    }
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, idleMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #publish(): Promise<boolean> {
    const events = await listEventsAfter(this.#ctx.db, this.#published, batch)
    for (const stored of events) {
      this.#published = stored.id
      for (const listener of this.#listeners) listener(stored)
    }
    return events.length === batch
  }

  async #deliver(subscriber: Subscriber): Promise<boolean> {
    const events = await listEventsAfter(this.#ctx.db, await readCursor(this.#ctx.db, subscriber.name), batch)
    for (const stored of events) {
      if (this.#stopped || !(await this.#deliverOne(subscriber, stored))) return false
    }
    return events.length > 0
  }

  /** A handler that fails holds its subscriber at this event; it is tried again on the next round. */
  async #deliverOne(subscriber: Subscriber, stored: StoredEvent): Promise<boolean> {
    const handler = subscriber.handlers[stored.event.type] as
      | ((ctx: TxCtx, event: DomainEvent, stored: StoredEvent) => Promise<void>)
      | undefined
    try {
      await this.#ctx.tx(async (ctx) => {
        if (handler) await handler(ctx, stored.event, stored)
        await writeCursor(ctx.db, subscriber.name, stored.id)
      })
      return true
    } catch (error) {
      this.#log.error(
        { subscriber: subscriber.name, event: stored.id, type: stored.event.type, err: error },
        'event handler failed',
      )
      return false
    }
  }
}
