/** Page–Hinkley's state. Values are to be scaled first (divided by the reference's sd): `threshold` is in units × samples. */
export type PageHinkleyState = {
  n: number
  mean: number
  increase: number
  decrease: number
  minIncrease: number
  maxDecrease: number
  detected: boolean
}

export function startPageHinkley(): PageHinkleyState {
  return { n: 0, mean: 0, increase: 0, decrease: 0, minIncrease: 0, maxDecrease: 0, detected: false }
}

export type PageHinkleyOptions = { delta: number; threshold: number; alpha: number; minInstances: number }

/**
 * One value in; true on a change of mean in either direction, after which it starts afresh. Statistics are the forgetful sums of
 * deviations from the running mean less their extremes. Source: Page 1954; river's `PageHinkley`.
 */
export function updatePageHinkley(state: PageHinkleyState, value: number, options: PageHinkleyOptions): boolean {
  if (state.detected) Object.assign(state, startPageHinkley())
  state.n++
  state.mean += (value - state.mean) / state.n
  const deviation = value - state.mean
  state.increase = options.alpha * state.increase + deviation - options.delta
  state.decrease = options.alpha * state.decrease + deviation + options.delta
  state.minIncrease = state.n === 1 ? state.increase : Math.min(state.minIncrease, state.increase)
  state.maxDecrease = state.n === 1 ? state.decrease : Math.max(state.maxDecrease, state.decrease)
  if (state.n >= options.minInstances) {
    state.detected =
      state.increase - state.minIncrease > options.threshold || state.maxDecrease - state.decrease > options.threshold
  }
  return state.detected
}

/** Drift detection on error bits (Gama et al. 2004): upward only, slow after long quiet stretches. */
export type DdmState = { n: number; errors: number; minRate: number | null; minDeviation: number; detected: boolean }

export function startDdm(): DdmState {
  return { n: 0, errors: 0, minRate: null, minDeviation: 0, detected: false }
}

export type DdmOptions = { warmStart: number; warning: number; drift: number }

/** One error bit in. The error rate plus its deviation is held against the lowest seen; afresh after a drift. */
export function updateDdm(state: DdmState, isError: boolean, options: DdmOptions): 'stable' | 'warning' | 'drift' {
  if (state.detected) Object.assign(state, startDdm())
  state.n++
  if (isError) state.errors++
  const rate = state.errors / state.n
  const deviation = Math.sqrt((rate * (1 - rate)) / state.n)
  if (state.n <= options.warmStart) return 'stable'
  if (state.minRate === null || rate + deviation <= state.minRate + state.minDeviation) {
    state.minRate = rate
    state.minDeviation = deviation
  }
  if (rate + deviation > state.minRate + options.drift * state.minDeviation) {
    state.detected = true
    return 'drift'
  }
  return rate + deviation > state.minRate + options.warning * state.minDeviation ? 'warning' : 'stable'
}

/** Tabular CUSUM around a pinned target: both sums and the first index where one exceeds h (in σ). */
export function cusum(
  values: readonly number[],
  options: { mu: number; sigma: number; k: number; h: number },
): { upper: number[]; lower: number[]; firstAlarm: number | undefined } {
  const upper: number[] = []
  const lower: number[] = []
  let up = 0
  let down = 0
  let firstAlarm: number | undefined
  values.forEach((value, i) => {
    const z = (value - options.mu) / options.sigma
    up = Math.max(0, up + z - options.k)
    down = Math.max(0, down - z - options.k)
    upper.push(up)
    lower.push(down)
    if (firstAlarm === undefined && (up > options.h || down > options.h)) firstAlarm = i
  })
  return { upper, lower, firstAlarm }
}

/** Exponentially weighted mean chart with limits that widen to L·σ·√(λ/(2 − λ)). */
export function ewmaChart(
  values: readonly number[],
  options: { lambda: number; L: number; mu: number; sigma: number },
): { ewma: number[]; ucl: number[]; firstAlarm: number | undefined } {
  const { lambda, L, mu, sigma } = options
  const ewma: number[] = []
  const ucl: number[] = []
  let z = mu
  let firstAlarm: number | undefined
  values.forEach((value, i) => {
    z = lambda * value + (1 - lambda) * z
    const half = L * sigma * Math.sqrt((lambda / (2 - lambda)) * (1 - (1 - lambda) ** (2 * (i + 1))))
    ewma.push(z)
    ucl.push(mu + half)
    if (firstAlarm === undefined && Math.abs(z - mu) > half) firstAlarm = i
  })
  return { ewma, ucl, firstAlarm }
}
