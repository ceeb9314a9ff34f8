import { lazy, Suspense } from 'react'
import type { ParallelProps } from './parallel-model.ts'

const Canvas = lazy(() => import('./ParallelCanvas.tsx'))

/** Parameters against a metric, a line per run. Drag along an axis keeps only the lines that pass there. */
export function ParallelCoordinates(props: ParallelProps) {
  return (
    <Suspense fallback={<div style={{ height: props.height }} aria-busy="true" />}>
      <Canvas {...props} />
    </Suspense>
  )
}
