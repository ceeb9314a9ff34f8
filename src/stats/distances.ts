import { chiSquareQuantile, chiSquareSf } from './distributions.ts'

/** Two count vectors over the same bins or categories; every distance is undefined when one of them is empty. */
type Counts = readonly number[]

const total = (counts: Counts) => {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

function sharesOf(reference: Counts, current: Counts): { p: number[]; q: number[] } | undefined {
  if (reference.length !== current.length) {
    throw new RangeError(`counts of ${reference.length} and of ${current.length} bins cannot be compared`)
  }
  const n = total(reference)
  const m = total(current)
  if (n <= 0 || m <= 0) return undefined
  return { p: reference.map((x) => x / n), q: current.map((x) => x / m) }
}

/** Kolmogorov–Smirnov D at the bin borders: below the true D by at most the largest bin share. */
export function ksFromCounts(reference: Counts, current: Counts): number | undefined {
  const shares = sharesOf(reference, current)
  if (!shares) return undefined
  let gap = 0
  let largest = 0
  for (let i = 0; i < shares.p.length; i++) {
    gap += (shares.p[i] as number) - (shares.q[i] as number)
    largest = Math.max(largest, Math.abs(gap))
  }
  return largest
}

/** How PSI and KL treat an empty cell: add to every count, raise shares to a floor, or replace zeros only. */
export type ZeroPolicy = { add: number } | { floor: number } | { fill: number }

/**
 * Population stability index Σ(p − q)·ln(p/q). The default adds ½ to every count before taking shares, which keeps
 * the known null law (see `psiNullThreshold`) and never divides by zero.
 */
export function psiFromCounts(
  reference: Counts,
  current: Counts,
  zeros: ZeroPolicy = { add: 0.5 },
): number | undefined {
  if (!sharesOf(reference, current)) return undefined
  const add = 'add' in zeros ? zeros.add : 0
  const shares = sharesOf(
    reference.map((x) => x + add),
    current.map((x) => x + add),
  )
  if (!shares) return undefined
  const guard = (x: number) =>
    'floor' in zeros ? Math.max(x, zeros.floor) : 'fill' in zeros && x === 0 ? zeros.fill : x
  let sum = 0
  for (let i = 0; i < shares.p.length; i++) {
    const p = guard(shares.p[i] as number)
    const q = guard(shares.q[i] as number)
    if (p === 0 && q === 0) continue
    sum += (p - q) * Math.log(p / q)
  }
  return sum
}

/**
 * The value PSI stays below with probability 1 − alpha when nothing drifted: (1/n + 1/m)·χ²(B − 1).
 * With 50 current rows and ten bins it is 0.44, so that the customary 0.1 alarms in 77 % of windows.
 */
export function psiNullThreshold(n: number, m: number, bins: number, alpha = 0.01): number | undefined {
  if (n <= 0 || m <= 0 || bins < 2) return undefined
  return (1 / n + 1 / m) * chiSquareQuantile(1 - alpha, bins - 1)
}

/** P(PSI > psi) when nothing drifted. */
export function psiNullP(psi: number, n: number, m: number, bins: number): number | undefined {
  if (n <= 0 || m <= 0 || bins < 2) return undefined
  return chiSquareSf(psi / (1 / n + 1 / m), bins - 1)
}

/** KL(reference ‖ current) in nats; Infinity where the current sample lacks a bin, unless zeros are filled. */
export function klFromCounts(reference: Counts, current: Counts, zeros?: ZeroPolicy): number | undefined {
  const add = zeros && 'add' in zeros ? zeros.add : 0
  const shares = sharesOf(
    reference.map((x) => x + add),
    current.map((x) => x + add),
  )
  if (!shares) return undefined
  const guard = (x: number) =>
    zeros && 'floor' in zeros ? Math.max(x, zeros.floor) : zeros && 'fill' in zeros && x === 0 ? zeros.fill : x
  let sum = 0
  for (let i = 0; i < shares.p.length; i++) {
    const p = guard(shares.p[i] as number)
    const q = guard(shares.q[i] as number)
    if (p > 0) sum += p * Math.log(p / q)
  }
  return sum
}

/** Jensen–Shannon divergence in nats (0 to ln 2). The distance is its root; divide by ln 2 for bits. */
export function jsDivergence(reference: Counts, current: Counts): number | undefined {
  const shares = sharesOf(reference, current)
  if (!shares) return undefined
  let sum = 0
  for (let i = 0; i < shares.p.length; i++) {
    const p = shares.p[i] as number
    const q = shares.q[i] as number
    const middle = (p + q) / 2
    if (p > 0) sum += (p * Math.log(p / middle)) / 2
    if (q > 0) sum += (q * Math.log(q / middle)) / 2
  }
  return Math.max(0, sum)
}

/** Jensen–Shannon distance in base 2 (0 to 1). */
export function jsDistance(reference: Counts, current: Counts): number | undefined {
  const divergence = jsDivergence(reference, current)
  return divergence === undefined ? undefined : Math.sqrt(divergence / Math.LN2)
}

/** Σ√(p·q), 1 for equal shares. */
export function bhattacharyya(reference: Counts, current: Counts): number | undefined {
  const shares = sharesOf(reference, current)
  return shares?.p.reduce((sum, p, i) => sum + Math.sqrt(p * (shares.q[i] as number)), 0)
}

/** Hellinger distance √(1 − Σ√(p·q)), from squared root differences so that small values keep their digits. */
export function hellinger(reference: Counts, current: Counts): number | undefined {
  const shares = sharesOf(reference, current)
  if (!shares) return undefined
  const sum = shares.p.reduce((s, p, i) => s + (Math.sqrt(p) - Math.sqrt(shares.q[i] as number)) ** 2, 0)
  return Math.sqrt(sum / 2)
}

/** Total variation ½Σ|p − q|. */
export function totalVariation(reference: Counts, current: Counts): number | undefined {
  const shares = sharesOf(reference, current)
  return shares && shares.p.reduce((sum, p, i) => sum + Math.abs(p - (shares.q[i] as number)), 0) / 2
}

/** Largest change of one share; calm on columns of many categories, where total variation is mostly noise. */
export function maxShareChange(reference: Counts, current: Counts): number | undefined {
  const shares = sharesOf(reference, current)
  return shares?.p.reduce((most, p, i) => Math.max(most, Math.abs(p - (shares.q[i] as number))), 0)
}

/**
 * Wasserstein-1 in the column's units from counts of bins with B + 1 `edges`: Σ|F − G| at each right edge × bin width.
 * The open ends have no width: move their counts into the outer bins first.
 */
export function wassersteinFromCounts(
  reference: Counts,
  current: Counts,
  edges: readonly number[],
): number | undefined {
  const shares = sharesOf(reference, current)
  if (!shares || edges.length !== reference.length + 1) return undefined
  let gap = 0
  let area = 0
  for (let i = 0; i < shares.p.length; i++) {
    gap += (shares.p[i] as number) - (shares.q[i] as number)
    area += Math.abs(gap) * ((edges[i + 1] as number) - (edges[i] as number))
  }
  return area
}
