import { useQuery } from '@tanstack/react-query'
import { listEndpoints, type ServedEndpoint } from '../../../contract/serving.ts'
import { read } from '../../lib/api.ts'

/** Undefined while it is not known where models are served: that is not the same as nowhere. */
export const useEndpoints = (): readonly ServedEndpoint[] | undefined =>
  useQuery({ ...read(listEndpoints, {}), retry: false }).data?.items
