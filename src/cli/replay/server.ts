import type { z } from 'zod'
import { toMs } from '../../contract/duration.ts'
import type { LabelInput, ServedEndpoint } from '../../contract/serving.ts'
import { getEndpoint, getSettled, putLabels } from '../../contract/serving.ts'
import { call } from '../call.ts'
import { Failure } from '../failure.ts'

export type Label = z.input<typeof LabelInput>

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What a replay needs of the control process. It may be starting again at any moment, so every call is patient. */
export class ReplayServer {
  readonly #endpoint: string
  readonly #target: { url?: string; token?: string | undefined }
  readonly #patienceMs: number

  constructor(endpoint: string, target: { url?: string; token?: string | undefined }, patienceMs: number) {
    this.#endpoint = endpoint
    this.#target = target
    this.#patienceMs = patienceMs
  }

  async endpoint(): Promise<ServedEndpoint> {
    return await this.#patiently(() => call(getEndpoint, { name: this.#endpoint }, this.#target))
  }

  async sendLabels(labels: Label[]): Promise<void> {
    const batch = 5_000
    for (let start = 0; start < labels.length; start += batch) {
      await this.#patiently(() =>
        call(putLabels, { name: this.#endpoint, labels: labels.slice(start, start + batch) }, this.#target),
      )
    }
  }

  /** Waits until all is captured, judged and decided up to a time; `onPending` hears what is not, from 5 s on. */
  async settle(through: number, timeoutMs: number, onPending: (pending: string[]) => void): Promise<number> {
    const began = performance.now()
    for (let pause = 20; ; pause = Math.min(250, pause * 1.5)) {
      const { settled, pending } = await this.#patiently(() =>
        call(getSettled, { name: this.#endpoint, through }, this.#target),
      )
      const waited = performance.now() - began
      if (settled) return waited
      if (waited > timeoutMs) {
        throw new Failure(
          `not settled after ${Math.round(waited / 1_000)} s at ${new Date(through).toISOString()}: ${pending.join('; ')}`,
          {
            next: '`mainstay doctor` shows dead jobs and what does not answer; --barrier-timeout waits longer.',
          },
        )
      }
      if (waited > 5_000) onPending(pending)
      await sleep(pause)
    }
  }

  async #patiently<T>(run: () => Promise<T>): Promise<T> {
    const began = performance.now()
    for (;;) {
      try {
        return await run()
      } catch (error) {
        const isPassing = error instanceof Failure && (error.code === 'cli.unreachable' || error.status === 503)
        if (!isPassing || performance.now() - began > this.#patienceMs) throw error
        await sleep(300)
      }
    }
  }
}

export function liveVersion(endpoint: ServedEndpoint): number | null {
  return endpoint.variants.find((variant) => variant.role === 'live')?.version ?? null
}

export const latenessMs = (endpoint: ServedEndpoint): number => toMs(endpoint.spec.allowed_lateness)
