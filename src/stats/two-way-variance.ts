import { momentsOf, sampleVariance } from './moments.ts'

/**
 * n times the variance of the mean of `differences` over n units when each row served one version only and the version was
 * drawn per entity: rows are then alike within a unit and within an entity, whom a sticky draw keeps on one side. `slices`
 * holds, for every unit, what each slice of the entities added to its difference (they sum to 0). Clustered both ways,
 * units + slices − cells, never less than either. Source: Cameron, Gelbach and Miller, J. Bus. Econ. Stat. 29 (2011).
 *
 * Example: with differences 1, 1, 1 and slices [2, −2] in each, units vary by 0, slices by 48: the variance is that of slices.
 */
export function twoWayVariance(
  differences: readonly number[],
  slices: readonly (readonly number[])[],
): number | undefined {
  const n = differences.length
  const byUnit = sampleVariance(momentsOf(differences))
  if (byUnit === undefined) return undefined
  const width = slices.reduce((most, unit) => Math.max(most, unit.length), 0)
  if (width < 2) return byUnit
  const sums = new Array<number>(width).fill(0)
  let cells = 0
  for (const unit of slices) {
    for (const [slice, value] of unit.entries()) {
      sums[slice] = (sums[slice] as number) + value
      cells += value * value
    }
  }
  const scale = width / ((width - 1) * n)
  const bySlice = scale * sums.reduce((sum, value) => sum + value * value, 0)
  return Math.max(byUnit, bySlice, byUnit + bySlice - scale * cells)
}
