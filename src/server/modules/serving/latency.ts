import type { EndpointSpec } from '../../../contract/serving.ts'
import { bucketsPerDoubling, lastLatencyBucket, latencyBucketEnd } from '../../../stats/latency-buckets.ts'
import type { Analytics } from '../../platform/analytics/analytics.ts'
import { literal } from '../../platform/analytics/protocol.ts'

const hourMs = 3_600_000

/** How many live rows of an hour were answered within a bucket's time, as the data plane counts them too. */
export interface LatencyCount {
  hour: number
  variant: string
  bucket: number
  rows: number
}

/** Counts the latencies of a segment's file; counts of segments and replicas add up exactly. */
export async function countLatencies(
  analytics: Analytics,
  file: string,
  clock: EndpointSpec['clock'],
): Promise<LatencyCount[]> {
  const time = clock === 'event' ? 'event_time' : 'arrival'
  const bucket = `case when latency_us <= 1 then 0
    else least(${lastLatencyBucket}, cast(ceil(log2(latency_us) * ${bucketsPerDoubling}) as bigint)) end`
  return await analytics.query(`select ${time} - ${time} % ${hourMs} as hour, variant, ${bucket} as bucket, count(*) as rows
    from read_parquet(${literal(file)}) where kind = 'live' and ${time} is not null group by all`)
}

/** The latency in ms that this share of the rows stayed within, read between the borders of its bucket. */
export function quantileOfCounts(counts: ReadonlyMap<number, number>, share: number): number | null {
  const buckets = [...counts].sort(([a], [b]) => a - b)
  const wanted = share * buckets.reduce((sum, [, rows]) => sum + rows, 0)
  let below = 0
  for (const [bucket, rows] of buckets) {
    if (rows > 0 && below + rows >= wanted) {
      const inside = (wanted - below) / rows
      return latencyBucketEnd(bucket - 1 + inside) / 1000
    }
    below += rows
  }
  return null
}
