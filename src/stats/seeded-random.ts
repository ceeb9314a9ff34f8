/** Random numbers that repeat with their seed, for simulations, bootstraps and reservoirs. */
export type SeededRandom = {
  uniform: () => number
  normal: () => number
  exponential: () => number
  integer: (below: number) => number
}

/** Mulberry32: 32 bits of state, period 2³²; for sampling, never for secrets. `uniform` lies in (0, 1). */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 0x1_0000_0000
  }
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
    exponential: () => -Math.log(uniform()),
    integer: (below) => Math.floor(uniform() * below),
  }
}
