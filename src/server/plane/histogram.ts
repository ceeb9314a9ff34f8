import { lastLatencyBucket, latencyBucketOf } from '../../stats/latency-buckets.ts'

const RECENT = 10_000

/** Latencies of one variant: counts for tests of quantiles, and the newest ones for p50 and p99. */
export class LatencyHistogram {
  readonly counts = new Array<number>(lastLatencyBucket + 1).fill(0)
  sumUs = 0
  total = 0
  readonly #recent = new Uint32Array(RECENT)

  add(us: number): void {
    const at = latencyBucketOf(us)
    this.counts[at] = (this.counts[at] ?? 0) + 1
    this.#recent[this.total % RECENT] = us
    this.total++
    this.sumUs += us
  }

  /** Milliseconds, or null before the first request. */
  quantiles(...shares: number[]): (number | null)[] {
    const size = Math.min(this.total, RECENT)
    if (size === 0) return shares.map(() => null)
    const sorted = this.#recent.slice(0, size).sort()
    return shares.map((share) => (sorted[Math.min(size - 1, Math.floor(size * share))] ?? 0) / 1000)
  }

  cumulative(): number[] {
    let sum = 0
    return this.counts.map((count) => (sum += count))
  }
}
