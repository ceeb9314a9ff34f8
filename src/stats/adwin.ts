export type AdwinOptions = {
  delta: number
  clock: number
  maxBuckets: number
  minWindowLength: number
  gracePeriod: number
}

export const ADWIN_DEFAULTS: AdwinOptions = {
  delta: 0.002,
  clock: 32,
  maxBuckets: 5,
  minWindowLength: 5,
  gracePeriod: 10,
}

/** Rows of buckets: row r holds sums over 2^r values, oldest first. Plain data of about 6·log₂(width) buckets. */
export type AdwinState = {
  tick: number
  width: number
  total: number
  variance: number
  rows: { total: number; variance: number }[][]
}

export function startAdwin(): AdwinState {
  return { tick: 0, width: 0, total: 0, variance: 0, rows: [[]] }
}

/**
 * Adaptive window (Bifet and Gavaldà 2007, with river's variance bound): one value in; true when the window's older and newer part
 * differ in mean, upon which the older is dropped. `total / width` is the current mean. Looks every `clock` values.
 */
export function updateAdwin(state: AdwinState, value: number, options: AdwinOptions = ADWIN_DEFAULTS): boolean {
  state.tick++
  state.width++
  if (state.width > 1) {
    const before = state.total / (state.width - 1)
    state.variance += ((state.width - 1) * (value - before) ** 2) / state.width
  }
  state.total += value
  ;(state.rows[0] as AdwinState['rows'][number]).push({ total: value, variance: 0 })
  compress(state, options.maxBuckets)
  if (state.tick % options.clock !== 0 || state.width <= options.gracePeriod) return false
  let detected = false
  while (cutOnce(state, options)) detected = true
  return detected
}

function compress(state: AdwinState, maxBuckets: number): void {
  for (let r = 0; r < state.rows.length; r++) {
    const row = state.rows[r] as AdwinState['rows'][number]
    if (row.length <= maxBuckets) return
    const [a, b] = row.splice(0, 2) as [{ total: number; variance: number }, { total: number; variance: number }]
    const size = 2 ** r
    const gap = (a.total - b.total) / size
    const merged = { total: a.total + b.total, variance: a.variance + b.variance + (size * gap * gap) / 2 }
    const next = state.rows[r + 1]
    if (next) next.push(merged)
    else state.rows.push([merged])
  }
}

function cutOnce(state: AdwinState, options: AdwinOptions): boolean {
  let n0 = 0
  let u0 = 0
  for (let r = state.rows.length - 1; r >= 0; r--) {
    const row = state.rows[r] as AdwinState['rows'][number]
    // The newest bucket of each row is left out of the comparison, as in river.
    for (let k = 0; k < row.length - 1; k++) {
      n0 += 2 ** r
      u0 += (row[k] as { total: number }).total
      const n1 = state.width - n0
      if (n1 < options.minWindowLength) return false
      if (n0 < options.minWindowLength) continue
      if (Math.abs(u0 / n0 - (state.total - u0) / n1) > cutWidth(state, options, n0, n1)) {
        dropOldest(state)
        return true
      }
    }
  }
  return false
}

function cutWidth(state: AdwinState, options: AdwinOptions, n0: number, n1: number): number {
  const log = Math.log((2 * Math.log(state.width)) / options.delta)
  const m = 1 / (n0 - options.minWindowLength + 1) + 1 / (n1 - options.minWindowLength + 1)
  return Math.sqrt(2 * m * (state.variance / state.width) * log) + (2 / 3) * log * m
}

function dropOldest(state: AdwinState): void {
  const row = state.rows[state.rows.length - 1] as AdwinState['rows'][number]
  const bucket = row.shift() as { total: number; variance: number }
  const n = 2 ** (state.rows.length - 1)
  state.width -= n
  state.total -= bucket.total
  const gap = bucket.total / n - state.total / state.width
  state.variance -= bucket.variance + (n * state.width * gap * gap) / (n + state.width)
  if (row.length === 0 && state.rows.length > 1) state.rows.pop()
}
