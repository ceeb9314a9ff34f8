import { lazy, Suspense } from 'react'
import type { DagProps } from './dag-model.ts'

const DagCanvas = lazy(() => import('./DagCanvas.tsx'))

/** Steps and what they wait for, from left to right. Its library is loaded when the first graph is drawn. */
export function Dag(props: DagProps) {
  return (
    <Suspense fallback={<div style={{ height: 176 }} aria-busy="true" />}>
      <DagCanvas {...props} />
    </Suspense>
  )
}
