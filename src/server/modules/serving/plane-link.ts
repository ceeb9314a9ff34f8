import type { PlaneStatus, PlaneTrip } from '../../../contract/plane.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { PlaneClient, type PushAnswer } from './plane-client.ts'
import * as q from './queries/endpoints.ts'
import { buildSnapshot } from './snapshot.ts'
import { noteSilence, silentMs } from './silence.ts'
import { hasSealed } from './spool.ts'

export interface Acknowledgement {
  generation: number
  acknowledged: string[]
  /** Replicas that did not take the generation, with why. */
  missing: string[]
}

const pollMs = 1_000
const flushEveryMs = 5_000

/**
 * Keeps the data planes of this home in step: pushes new generations, asks them to seal what they captured,
 * and takes note of variants that they took out of traffic by themselves.
 */
export class PlaneLink implements AsyncDisposable {
  readonly #ctx: Ctx
  readonly #client: PlaneClient
  readonly #home: string
  readonly #told = new Set<string>()
  readonly #statuses = new Map<string, PlaneStatus>()
  /** When a replica last answered, by the monotonic clock; this link's beginning for one that never did. */
  readonly #answeredAt = new Map<string, number>()
  readonly #since: number
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #lastFlush = 0
  #pushing: Promise<unknown> = Promise.resolve()
  #complained = false

  constructor(ctx: Ctx, home: string) {
    this.#ctx = ctx
    this.#home = home
    this.#since = ctx.clock.monotonic()
    this.#client = new PlaneClient(home)
  }

  start(): void {
    const tick = async (): Promise<void> => {
      await this.#tick()
      if (!this.#stopped) this.#timer = setTimeout(() => void tick(), pollMs)
    }
    void tick()
  }

  /** The newest status of every replica that answers. */
  statuses(): readonly PlaneStatus[] {
    return [...this.#statuses.values()]
  }

  /** Brings every live plane to the present generation; one push at a time, each with the newest rows. */
  push(): Promise<Acknowledgement> {
    const next = this.#pushing.then(() => this.#pushNow())
    this.#pushing = next.catch(() => undefined)
    return next
  }

  /** Seals what is captured so that it can be ingested now. */
  async flush(): Promise<void> {
    this.#lastFlush = this.#ctx.clock.monotonic()
    for (const replica of await this.#client.replicas()) {
      const status = await this.#answered(replica, () => this.#client.flush(replica))
      if (status) this.#statuses.set(replica, status)
    }
    await this.#enqueueIngest()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#pushing
  }

  async #pushNow(): Promise<Acknowledgement> {
    const snapshot = await buildSnapshot(this.#ctx, this.#home)
    const result: Acknowledgement = { generation: snapshot.generation, acknowledged: [], missing: [] }
    for (const replica of await this.#client.replicas()) {
      const answer = await this.#answered(replica, () => this.#client.push(replica, snapshot))
      if (!answer) result.missing.push(replica)
      else this.#judge(replica, answer, result)
    }
    return result
  }

  #judge(replica: string, answer: PushAnswer, result: Acknowledgement): void {
    const failed = answer.variants.filter((variant) => variant.loaded === 'failed')
    for (const variant of failed) this.#ctx.log.error({ replica, ...variant }, 'a variant did not load')
    result.acknowledged.push(replica)
  }

  async #tick(): Promise<void> {
    try {
      const generation = await q.currentGeneration(this.#ctx.db)
      let behind = false
      const replicas = await this.#client.replicas()
      for (const replica of replicas) {
        const status = await this.#answered(replica, () => this.#client.status(replica))
        if (!status) continue
        this.#statuses.set(replica, status)
        behind ||= status.generation < generation
        await this.#recordTrips(replica, status.trips)
      }
      for (const known of this.#statuses.keys()) if (!replicas.includes(known)) this.#statuses.delete(known)
      if (behind) await this.push()
      await this.#collect()
      await noteSilence(this.#ctx, this.#home, (replica) => this.#isSilent(replica))
    } catch (error) {
      this.#ctx.log.error({ err: error }, 'the data planes could not be looked after')
    }
  }

  #isSilent(replica: string): boolean {
    const status = this.#statuses.get(replica)
    if (status) return status.isReady && status.openRows === 0
    return this.#ctx.clock.monotonic() - (this.#answeredAt.get(replica) ?? this.#since) > silentMs
  }

  async #collect(): Promise<void> {
    const open = this.statuses().some((status) => status.openRows > 0)
    if (open && this.#ctx.clock.monotonic() - this.#lastFlush > flushEveryMs) await this.flush()
    else await this.#enqueueIngest()
  }

  async #enqueueIngest(): Promise<void> {
    if (!(await hasSealed(this.#home))) return
    await this.#ctx.tx((ctx) => ctx.enqueue({ kind: 'serving.ingest', key: 'spool', lane: 'capture' }))
  }

  /**
   * The plane repeats a trip until it is confirmed; each is told once. It is confirmed only when the routing no longer
   * holds the variant: a snapshot that was built before would put it back into traffic.
   */
  async #recordTrips(replica: string, trips: readonly PlaneTrip[]): Promise<void> {
    const keyOf = (trip: PlaneTrip): string => JSON.stringify([trip.endpoint, trip.rollout, trip.variant])
    const fresh = trips.filter((trip) => !this.#told.has(keyOf(trip)))
    if (fresh.length > 0) {
      await this.#ctx.tx((ctx) => {
        for (const trip of fresh) ctx.emit({ type: 'serving.variant_tripped', endpoint: trip.endpoint, trip })
        return Promise.resolve()
      })
      for (const trip of fresh) this.#told.add(keyOf(trip))
    }
    const ended: PlaneTrip[] = []
    for (const trip of trips) {
      const endpoint = await q.findEndpoint(this.#ctx.db, trip.endpoint)
      if (endpoint?.errorTest?.rollout !== trip.rollout) ended.push(trip)
    }
    if (ended.length > 0) {
      const names = ended.map(({ endpoint, rollout, variant }) => ({ endpoint, rollout, variant }))
      await this.#answered(replica, () => this.#client.acknowledgeTrips(replica, names))
    }
  }

  /** A plane that is starting or gone is no error of ours; it is said once. */
  async #answered<T>(replica: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await ask()
      this.#answeredAt.set(replica, this.#ctx.clock.monotonic())
      this.#complained = false
      return answer
    } catch (error) {
      if (!this.#complained) this.#ctx.log.warn({ replica, err: error }, 'a data plane does not answer')
      this.#complained = true
      this.#statuses.delete(replica)
      return undefined
    }
  }
}
