type Edges = readonly (readonly [string, string])[]

/** Leaves out an edge that a longer way implies: what must end before the step before, must end before the step. */
export function directEdges(edges: Edges): Edges {
  const next = new Map<string, string[]>()
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to])
  const leadsTo = (from: string, to: string, seen = new Set<string>()): boolean =>
    (next.get(from) ?? []).some((one) => {
      if (one === to) return true
      if (seen.has(one)) return false
      seen.add(one)
      return leadsTo(one, to, seen)
    })
  return edges.filter(([from, to]) => !(next.get(from) ?? []).some((one) => one !== to && leadsTo(one, to)))
}

/** How many nodes stand over each other where most do: about how high the graph will be. */
export function lanesOf(ids: readonly string[], edges: Edges): number {
  const ranks = new Map<string, number>()
  const rankOf = (id: string, depth: number): number => {
    const known = ranks.get(id)
    if (known !== undefined || depth > ids.length) return known ?? 0
    const before = edges.filter(([, to]) => to === id).map(([from]) => rankOf(from, depth + 1) + 1)
    const rank = Math.max(0, ...before)
    ranks.set(id, rank)
    return rank
  }
  const counts = new Map<number, number>()
  for (const id of ids) counts.set(rankOf(id, 0), (counts.get(rankOf(id, 0)) ?? 0) + 1)
  return Math.max(1, ...counts.values())
}
