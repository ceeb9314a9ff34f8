/**
 * Chance that so many of m new units lie above all of n earlier ones, or below all, when old and new are alike; two-sided.
 * `above` and `below` are the shares of rows outside; at least that share of the units has a row there, so with several
 * rows to a unit the p-value is too large rather than too small. Source: Epstein, JASA 49 (1954).
 */
export function exceedanceP(above: number, below: number, n: number, m: number): number {
  const most = Math.max(above, below)
  const units = Math.ceil(most * m - 1e-9)
  let p = 2
  for (let i = 0; i < units; i++) p *= (m - i) / (n + m - i)
  return Math.min(1, p)
}
