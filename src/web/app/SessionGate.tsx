import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, type ReactNode } from 'react'
import { about } from '../../contract/system.ts'
import { ApiError, read } from '../lib/api.ts'

const SignInPage = lazy(async () => ({ default: (await import('./SignInPage.tsx')).SignInPage }))

/** The pages, for whom the server knows; else the one page that asks for a token. */
export function SessionGate({ children }: { children: ReactNode }) {
  // Asked again after a failure it is pending anew: what is on the screen stays, else the pages and their own
  // questions would come and go for ever, and a half typed token with them.
  const { error, isPending, errorUpdateCount } = useQuery({ ...read(about, {}), refetchOnWindowFocus: false })
  if (isPending && errorUpdateCount === 0) return null
  if (!(error instanceof ApiError && error.status === 401)) return children
  return (
    <Suspense>
      <SignInPage />
    </Suspense>
  )
}
