/** p or e values in, adjusted values out in the same order. */
const ascending = (p: readonly number[]) => p.map((_, i) => i).sort((a, b) => (p[a] as number) - (p[b] as number))

function stepUp(p: readonly number[], factor: (rank: number) => number): number[] {
  const order = ascending(p)
  const q = new Array<number>(p.length).fill(1)
  let least = 1
  for (let k = order.length - 1; k >= 0; k--) {
    const i = order[k] as number
    least = Math.min(least, (p[i] as number) * factor(k + 1))
    q[i] = least
  }
  return q
}

/** Benjamini–Hochberg q-values (JRSS B 57, 1995): rejecting q ≤ level keeps the false discovery rate at level. */
export function benjaminiHochberg(p: readonly number[]): number[] {
  return stepUp(p, (rank) => p.length / rank)
}

/** Benjamini–Yekutieli q-values: valid under any dependence, dearer by the factor Σ1/i. */
export function benjaminiYekutieli(p: readonly number[]): number[] {
  let harmonic = 0
  for (let i = 1; i <= p.length; i++) harmonic += 1 / i
  return stepUp(p, (rank) => (p.length * harmonic) / rank)
}

/** Holm's adjusted p-values: family-wise error without assumptions (Scand. J. Stat. 6, 1979). */
export function holm(p: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length).fill(1)
  let most = 0
  ascending(p).forEach((i, k) => {
    most = Math.max(most, Math.min(1, (p[i] as number) * (p.length - k)))
    adjusted[i] = most
  })
  return adjusted
}

export function bonferroni(p: readonly number[]): number[] {
  return p.map((value) => Math.min(1, value * p.length))
}

/**
 * e-BH (Wang and Ramdas 2022): the largest k whose k-th largest e-value satisfies k·e ≥ K/alpha is rejected with all above.
 * False discovery rate alpha under any dependence and at any stopping time. True = rejected.
 */
export function eBenjaminiHochberg(e: readonly number[], alpha = 0.05): boolean[] {
  const order = ascending(e).reverse()
  let rejected = 0
  order.forEach((i, k) => {
    if ((k + 1) * (e[i] as number) >= e.length / alpha) rejected = k + 1
  })
  const chosen = new Set(order.slice(0, rejected))
  return e.map((_, i) => chosen.has(i))
}
