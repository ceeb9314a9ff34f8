/** FNV-1a 32 over UTF-16 code units, as GrowthBook's hash (sdk-js `hashFnv32a`). */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

/** GrowthBook's hash v2: FNV-1a twice, 10 000 buckets in [0, 1). Two rounds undo the correlation between seeds. */
export function bucketGrowthBook(seed: string, key: string): number {
  return (fnv1a(String(fnv1a(seed + key))) % 10_000) / 10_000
}

/**
 * Where a key falls in [0, 1), the same for ever for one salt. FNV-1a twice as v2, then Murmur3's finaliser, because
 * the high bits of FNV are poorly mixed; 2³² buckets, so a weight of 0.01 % is met. A variant that holds
 * [0, w) keeps its early keys when w grows.
 */
export function stickyBucket(salt: string, key: string): number {
  let hash = fnv1a(String(fnv1a(`${salt}\u0000${key}`)))
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}

/**
 * The index of the variant that owns the bucket when weights (any positive scale) are laid side by side from 0;
 * undefined when all weights are 0.
 */
export function pickVariant(weights: readonly number[], bucket: number): number | undefined {
  let sum = 0
  for (const weight of weights) sum += weight
  if (sum <= 0) return undefined
  let edge = 0
  let last: number | undefined
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number
    if (weight <= 0) continue
    edge += weight / sum
    last = i
    if (bucket < edge) return i
  }
  return last
}
