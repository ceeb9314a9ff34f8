export type Side = 'left' | 'right' | undefined

/** Between a marker and its word. */
export const wordGap = 6
const apart = 4

interface Marked {
  x: number
  width: number
}

interface Plan {
  sides: readonly Side[]
  /** The right end of the last word. */
  end: number
  said: number
}

/**
 * On which side of its marker each word stands so that as many as possible are said and none overlap; right is
 * preferred. The markers come from left to right. Of two plans that say as much, the one that ends earlier goes on.
 */
export function wordSides(markers: readonly Marked[], room: { from: number; to: number }): readonly Side[] {
  let plans: Plan[] = [{ sides: [], end: room.from, said: 0 }]
  for (const { x, width } of markers) {
    const grown = plans.flatMap((plan): Plan[] => {
      const options: Plan[] = []
      if (x + wordGap >= plan.end && x + wordGap + width <= room.to)
        options.push({ sides: [...plan.sides, 'right'], end: x + wordGap + width + apart, said: plan.said + 1.01 })
      if (x - wordGap - width >= plan.end)
        options.push({ sides: [...plan.sides, 'left'], end: x + apart, said: plan.said + 1 })
      return [...options, { sides: [...plan.sides, undefined], end: plan.end, said: plan.said }]
    })
    plans = grown.filter(
      (plan) =>
        !grown.some(
          (other) =>
            other !== plan &&
            other.said >= plan.said &&
            other.end <= plan.end &&
            (other.said > plan.said || other.end < plan.end),
        ),
    )
  }
  return (
    plans.reduce<Plan | undefined>((best, plan) => (best && best.said >= plan.said ? best : plan), undefined)?.sides ??
    []
  )
}
