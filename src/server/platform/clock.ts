/** Time as the program sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds UTC, for stamps that people read. */
  now(): number
  /** Milliseconds that never jump, for leases, timeouts and backoff. */
  monotonic(): number
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
