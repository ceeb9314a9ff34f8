import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** A link to a place the server named: a path of the product, with or without a query, or an address elsewhere. */
export function Go({ to, children, title }: { to: string; children: ReactNode; title?: string | undefined }) {
  if (!to.startsWith('/')) {
    return (
      <a href={to} title={title}>
        {children}
      </a>
    )
  }
  const [path = '/', query] = to.split('?')
  return (
    <Link to={path} search={Object.fromEntries(new URLSearchParams(query)) as never} title={title}>
      {children}
    </Link>
  )
}
