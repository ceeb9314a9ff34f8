import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { searchRuns, type Run } from '../../../contract/experiments.ts'
import { ApiError, call } from '../../lib/api.ts'
import { liveMs } from './live-run.ts'

const pageSize = 200

const plain: Readonly<Record<string, string>> = {
  name: 'attributes.run_name',
  state: 'attributes.status',
  user: 'attributes.user_id',
  started: 'attributes.start_time',
  id: 'attributes.run_id',
}

/** The table's sort as MLflow orders: `-metrics.mae` → ``metrics.`mae` DESC``. */
export function orderOf(sort: string): string | undefined {
  const found = /^(-?)(.+)$/.exec(sort)
  if (!found?.[2]) return undefined
  const way = found[1] === '-' ? 'DESC' : 'ASC'
  const keyed = /^(metrics|params|tags)\.(.+)$/.exec(found[2])
  if (keyed) return `${keyed[1]}.\`${keyed[2]}\` ${way}`
  const attribute = plain[found[2]]
  return attribute ? `${attribute} ${way}` : undefined
}

/** The runs of an experiment as the server filters and orders them; what is shown stays until the new has come. */
export function useRunList(experiment: string, filter: string, sort: string) {
  const order = orderOf(sort)
  const asked = { experiment, limit: pageSize, ...(filter ? { filter } : {}), ...(order ? { order } : {}) }
  const query = useInfiniteQuery({
    queryKey: ['experiments', 'runs', asked],
    queryFn: ({ pageParam, signal }) =>
      call(searchRuns, { ...asked, ...(pageParam ? { after: pageParam } : {}) }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    // Pages are read again one by one; somebody far down the list waits a little longer.
    refetchInterval: ({ state }) => liveMs * Math.max(1, state.data?.pages.length ?? 1),
    throwOnError: (error) => !(error instanceof ApiError && error.status === 400),
  })
  const [kept, setKept] = useState<typeof query.data>(undefined)
  if (query.data && query.data !== kept) setKept(query.data)
  const runs: Run[] = (query.data ?? kept)?.pages.flatMap((page) => page.items) ?? []
  return {
    runs,
    waits: query.isPending && kept === undefined,
    problem: query.error ? query.error.message : undefined,
    /** Fetches the next page, if there is one; asked again meanwhile it does nothing. */
    more: query.hasNextPage ? () => void (query.isFetchingNextPage || query.fetchNextPage()) : undefined,
    loadingMore: query.isFetchingNextPage,
  }
}
