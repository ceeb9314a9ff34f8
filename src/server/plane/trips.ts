import { join } from 'node:path'
import type { PlaneTrip } from '../../contract/plane.ts'
import type { Logger } from '../platform/log.ts'
import { writeFileDurably } from '../platform/spool/files.ts'
import { readKept } from './kept-file.ts'

interface KeptTrip extends PlaneTrip {
  /** Generation that was being served when control confirmed the trip; null until then. */
  ackedAt: number | null
}

export interface TripName {
  endpoint: string
  rollout: string
  variant: string
}

const isSame = (a: TripName, b: TripName): boolean =>
  a.endpoint === b.endpoint && a.rollout === b.rollout && a.variant === b.variant

/**
 * Variants this plane took out of traffic. A trip holds against every snapshot until control has confirmed it, and then
 * against those up to the generation of that moment: what control sends later was decided with the trip in mind.
 */
export class Trips {
  readonly #path: string
  #trips: KeptTrip[] = []

  constructor(folder: string, log: Logger) {
    this.#path = join(folder, 'trips.json')
    this.#trips = readKept(this.#path, (json) => json as KeptTrip[], log) ?? []
  }

  add(trip: PlaneTrip): void {
    if (this.#trips.some((other) => isSame(other, trip))) return
    this.#trips.push({ ...trip, ackedAt: null })
    this.#write()
  }

  holds(name: TripName, generation: number): boolean {
    return this.#trips.some((trip) => isSame(trip, name) && (trip.ackedAt === null || generation <= trip.ackedAt))
  }

  has(name: TripName): boolean {
    return this.#trips.some((trip) => isSame(trip, name))
  }

  /** The number of trips that were open and are now confirmed. */
  acknowledge(names: TripName[], generation: number): number {
    let count = 0
    for (const trip of this.#trips) {
      if (trip.ackedAt !== null || !names.some((name) => isSame(name, trip))) continue
      trip.ackedAt = generation
      count++
    }
    if (count > 0) this.#write()
    return count
  }

  /** Forgets confirmed trips that no snapshot from here on can meet. */
  prune(generation: number): void {
    const kept = this.#trips.filter((trip) => trip.ackedAt === null || trip.ackedAt >= generation)
    if (kept.length === this.#trips.length) return
    this.#trips = kept
    this.#write()
  }

  /** Rows hurt since, by requests that were already under way. */
  noteHurt(name: TripName, hurtRows: number): void {
    const trip = this.#trips.find((other) => isSame(other, name))
    if (trip && trip.hurtRows !== hurtRows) trip.hurtRows = hurtRows
  }

  open(): PlaneTrip[] {
    return this.#trips.filter((trip) => trip.ackedAt === null).map(({ ackedAt: _, ...trip }) => trip)
  }

  #write(): void {
    writeFileDurably(this.#path, JSON.stringify(this.#trips))
  }
}
