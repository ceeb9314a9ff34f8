import { useQueryErrorResetBoundary } from '@tanstack/react-query'
import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { Failed } from '../ui/Failed.tsx'
import { Page } from '../ui/Page.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'

export function PageFailed({ error, reset }: ErrorComponentProps) {
  const queries = useQueryErrorResetBoundary()
  const router = useRouter()
  return (
    <Page title="This page could not be shown">
      <Failed
        error={error}
        onRetry={() => {
          queries.reset()
          reset()
          void router.invalidate()
        }}
      />
    </Page>
  )
}

export function PageMissing() {
  return (
    <Page title="There is no page at this address" facts="It may have been moved or deleted, or the link is not whole.">
      <Link to="/">Go to the overview</Link>
    </Page>
  )
}

export function PageWaits() {
  return (
    <Page title="…">
      <Skeleton rows={8} />
    </Page>
  )
}
