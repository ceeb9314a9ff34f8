import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

export type Search = Readonly<Record<string, string | undefined>>

/**
 * One value that lives in the URL, so that a copied link shows the same page. The initial value is left out of the link.
 */
export function useUrl(name: string, initial: string): [string, (next: string) => void] {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const set = useCallback(
    (next: string) =>
      void navigate({
        to: '.',
        search: ((old: Search) => ({ ...old, [name]: next === initial ? undefined : next })) as never,
        replace: true,
        resetScroll: false,
      }),
    [navigate, name, initial],
  )
  return [search[name] ?? initial, set]
}

const isHere = /^(127(\.\d+){3}|0\.0\.0\.0|localhost|\[::1?\])$/

/** An address that the server says of itself, as this browser reaches it: another machine's `127.0.0.1` is not ours. */
export function fromHere(address: string): string {
  const url = new URL(address)
  if (isHere.test(url.hostname)) url.hostname = location.hostname
  return url.href.replace(/\/$/, '')
}
