import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Search } from './url.ts'

interface UrlTable {
  sort: string
  filter: string
  columns: string
}

/** A table's state in the URL: `?sort=-mae&filter=…&columns=a,b`; `usualSort` is left out of the link. */
export function useTableUrl(usualSort = ''): [UrlTable, (next: UrlTable) => void] {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const state = {
    sort: search['sort'] ?? usualSort,
    filter: search['filter'] ?? '',
    columns: search['columns'] ?? '',
  }
  const set = (next: UrlTable): void =>
    void navigate({
      to: '.',
      search: ((old: Search) => ({
        ...old,
        sort: next.sort === usualSort ? undefined : next.sort,
        filter: next.filter === '' ? undefined : next.filter,
        columns: next.columns === '' ? undefined : next.columns,
      })) as never,
      replace: true,
      resetScroll: false,
    })
  return [state, set]
}
