import { lazy, Suspense } from 'react'
import { directEdges, lanesOf } from './dag-edges.ts'
import type { DagProps } from './dag-model.ts'

const DagCanvas = lazy(() => import('./DagCanvas.tsx'))

const lane = 96
const gapBetween = 47

/** Steps and what they wait for, from left to right. Its library is loaded when the first graph is drawn. */
export function Dag({ edges: all, ...props }: DagProps) {
  const edges = directEdges(all)
  const lanes = lanesOf(
    props.nodes.map(({ id }) => id),
    edges,
  )
  return (
    <Suspense fallback={<div style={{ height: lanes * lane - gapBetween + 16 }} aria-busy="true" />}>
      <DagCanvas {...props} edges={edges} />
    </Suspense>
  )
}
