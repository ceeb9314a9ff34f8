/** Running moments of finite values. `m2` is the sum of squared deviations; `min`, `max` and `mean` mean nothing while n is 0. */
export type Moments = { n: number; mean: number; m2: number; min: number; max: number }

export function emptyMoments(): Moments {
  return { n: 0, mean: 0, m2: 0, min: 0, max: 0 }
}

/** Welford's update in place: one value, no allocation, stable on data far from zero (Technometrics 4, 1962). */
export function addMoment(moments: Moments, value: number): void {
  const n = moments.n + 1
  if (n === 1) {
    moments.min = value
    moments.max = value
  } else {
    if (value < moments.min) moments.min = value
    if (value > moments.max) moments.max = value
  }
  const delta = value - moments.mean
  const mean = moments.mean + delta / n
  moments.n = n
  moments.mean = mean
  moments.m2 += delta * (value - mean)
}

/** Chan, Golub and LeVeque's pairwise merge (1979): the moments of both samples together. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0) return { ...b }
  if (b.n === 0) return { ...a }
  const n = a.n + b.n
  const delta = b.mean - a.mean
  return {
    n,
    mean: a.mean + (delta * b.n) / n,
    m2: a.m2 + b.m2 + (delta * delta * a.n * b.n) / n,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  }
}

export function momentsOf(values: Iterable<number>): Moments {
  const moments = emptyMoments()
  for (const value of values) addMoment(moments, value)
  return moments
}

/** Sample variance (divisor n − 1); undefined below two values. */
export function sampleVariance(moments: Moments): number | undefined {
  return moments.n < 2 ? undefined : moments.m2 / (moments.n - 1)
}

/** Population variance (divisor n); undefined without values. */
export function populationVariance(moments: Moments): number | undefined {
  return moments.n < 1 ? undefined : moments.m2 / moments.n
}

/** (mean of current − mean of reference) in standard deviations of the reference; undefined on a constant reference. */
export function meanShift(reference: Moments, current: Moments): number | undefined {
  const variance = populationVariance(reference)
  if (variance === undefined || variance <= 0 || current.n === 0) return undefined
  return (current.mean - reference.mean) / Math.sqrt(variance)
}
