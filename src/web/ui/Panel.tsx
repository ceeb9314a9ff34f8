import { useQueryErrorResetBoundary } from '@tanstack/react-query'
import { CatchBoundary } from '@tanstack/react-router'
import { Suspense, type ReactNode } from 'react'
import { Failed } from './Failed.tsx'
import { Skeleton } from './Skeleton.tsx'

/** One part of a page that loads and fails by itself; the others stay. `rows` is about as high as what will come. */
export function Panel({ rows, children }: { rows: number; children: ReactNode }) {
  const { reset: resetQueries } = useQueryErrorResetBoundary()
  return (
    <CatchBoundary
      getResetKey={() => 'panel'}
      errorComponent={({ error, reset }) => (
        <Failed
          error={error}
          onRetry={() => {
            resetQueries()
            reset()
          }}
        />
      )}
    >
      <Suspense fallback={<Skeleton rows={rows} />}>{children}</Suspense>
    </CatchBoundary>
  )
}
