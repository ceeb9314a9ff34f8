import { Graph, layout } from '@dagrejs/dagre'

const widest = 169
/** Narrower boxes cut words; only then everything shrinks. */
const narrowest = 128
export const nodeHeight = 49

export interface DagShape {
  ids: readonly string[]
  edges: readonly (readonly [string, string])[]
}

export interface DagLayout {
  places: ReadonlyMap<string, { x: number; y: number }>
  width: number
  height: number
  nodeWidth: number
}

function place({ ids, edges }: DagShape, rankGap: number, nodeWidth: number): DagLayout {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 47, ranksep: rankGap, marginx: 1, marginy: 4 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const id of ids) graph.setNode(id, { width: nodeWidth, height: nodeHeight })
  for (const [from, to] of edges) graph.setEdge(from, to)
  layout(graph)
  const places = new Map(
    ids.map((id) => [id, { x: graph.node(id).x - nodeWidth / 2, y: graph.node(id).y - nodeHeight / 2 }]),
  )
  const { width = 0, height = 0 } = graph.graph()
  return { places, width, height, nodeWidth }
}

/** Spreads the ranks over the width there is, between a narrow and a wide gap. */
export function layOutDag(shape: DagShape, room: number): DagLayout {
  const tight = place(shape, 36, widest)
  const ranks = new Set([...tight.places.values()].map((at) => Math.round(at.x))).size
  if (ranks < 2) return tight
  if (room <= tight.width) {
    const fitting = Math.floor((room - 2 - 24 * (ranks - 1)) / ranks)
    return place(shape, 24, Math.max(narrowest, Math.min(widest, fitting)))
  }
  const gap = 36 + (room - tight.width) / (ranks - 1)
  return place(shape, Math.min(gap, 110), widest)
}
