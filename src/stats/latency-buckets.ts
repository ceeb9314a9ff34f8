/**
 * Latencies are counted in steps of 9 %, eight to a doubling: bucket b holds (2^((b−1)/8), 2^(b/8)] µs, bucket 0 all up to
 * 1 µs and the last one all above a minute. Counts of replicas, segments and hours add up.
 */
export const bucketsPerDoubling = 8
export const lastLatencyBucket = 26 * bucketsPerDoubling

export function latencyBucketOf(us: number): number {
  return us <= 1 ? 0 : Math.min(lastLatencyBucket, Math.ceil(Math.log2(us) * bucketsPerDoubling))
}

/** Upper end of a bucket in µs; a fraction lies between the ends of the bucket below and its own. */
export function latencyBucketEnd(bucket: number): number {
  return 2 ** (bucket / bucketsPerDoubling)
}
