import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { listAudit, type AuditRecord } from '../../../contract/audit.ts'
import { call } from '../../lib/api.ts'

const pageSize = 200

/** The records that hold all words of the search, newest first; what is shown stays until the new has come. */
export function useAuditList(search: string) {
  const query = useInfiniteQuery({
    queryKey: ['audit', 'list', search],
    queryFn: ({ pageParam, signal }) =>
      call(
        listAudit,
        { limit: pageSize, ...(search ? { search } : {}), ...(pageParam ? { after: pageParam } : {}) },
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    throwOnError: true,
  })
  const records: AuditRecord[] = query.data?.pages.flatMap((page) => page.items) ?? []
  return {
    records,
    waits: query.isPending,
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    loadingMore: query.isFetchingNextPage,
  }
}
