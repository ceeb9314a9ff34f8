import { readdir } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import type { PlaneStatus, PlaneTrip, Snapshot } from '../../../contract/plane.ts'

export interface PushAnswer {
  generation: number
  variants: { endpoint: string; variant: string; loaded: 'inline' | 'worker' | 'failed'; error: string | null }[]
}

/** What a plane knows a trip by. */
export type TripName = Pick<PlaneTrip, 'endpoint' | 'rollout' | 'variant'>

/** Speaks HTTP over the Unix sockets on which data planes of this home take orders. */
export class PlaneClient {
  readonly #run: string

  constructor(home: string) {
    this.#run = join(home, 'run')
  }

  async replicas(): Promise<string[]> {
    const names = await readdir(this.#run).catch(() => [])
    return names.flatMap((name) => /^plane-(.+)\.sock$/.exec(name)?.[1] ?? [])
  }

  push(replica: string, snapshot: Snapshot): Promise<PushAnswer> {
    return this.#call(replica, 'PUT', '/snapshot', snapshot, 60_000) as Promise<PushAnswer>
  }

  flush(replica: string): Promise<PlaneStatus> {
    return this.#call(replica, 'POST', '/flush', {}, 10_000) as Promise<PlaneStatus>
  }

  status(replica: string): Promise<PlaneStatus> {
    return this.#call(replica, 'GET', '/status', undefined, 5_000) as Promise<PlaneStatus>
  }

  async acknowledgeTrips(replica: string, trips: readonly TripName[]): Promise<void> {
    await this.#call(replica, 'POST', '/trips/ack', { trips }, 5_000)
  }

  #call(replica: string, method: string, path: string, body: unknown, timeout: number): Promise<unknown> {
    const socketPath = join(this.#run, `plane-${replica}.sock`)
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { socketPath, method, path, timeout, headers: { 'content-type': 'application/json', host: 'plane' } },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('error', reject)
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            if (answer.statusCode !== 200)
              reject(new Error(`the data plane answered ${answer.statusCode} to ${path}: ${text.slice(0, 300)}`))
            else resolve(text === '' ? {} : JSON.parse(text))
          })
        },
      )
      outgoing.on('timeout', () =>
        outgoing.destroy(new Error(`the data plane did not answer ${path} within ${timeout} ms`)),
      )
      outgoing.on('error', reject)
      outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }
}
