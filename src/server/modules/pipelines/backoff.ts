import type { Clock } from '../../platform/clock.ts'
import type { Ctx } from '../../platform/ctx.ts'
import * as q from './queries/runs.ts'

/** Times the pauses between attempts with the monotonic clock; after a restart a pause begins anew. */
export class Backoff {
  readonly #clock: Clock
  #due = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Lets those of the given ready nodes whose pause is over be claimed; true if there were any. */
  async release(ctx: Ctx, ready: readonly q.NodeRow[]): Promise<boolean> {
    const now = this.#clock.monotonic()
    const due = new Map<string, number>()
    let released = false
    for (const node of ready) {
      if (node.backoff_ms === 0) continue
      const id = `${node.run_id}/${node.name}/${node.fence}`
      const at = this.#due.get(id) ?? now + node.backoff_ms
      if (at > now) due.set(id, at)
      else released = (await q.changeNode(ctx.db, node, ['ready'], { backoff_ms: 0 })) || released
    }
    this.#due = due
    return released
  }

  nextMs(): number {
    return Math.max(1, Math.min(...this.#due.values(), Number.POSITIVE_INFINITY) - this.#clock.monotonic())
  }
}
