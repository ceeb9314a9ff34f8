import { getRun, type Run } from '../../../contract/experiments.ts'
import { read } from '../../lib/api.ts'

/** No fact tells of each run that begins or metric that is logged: there may be thousands a second. */
export const liveMs = 2_000

/** A run that is asked for again as long as it runs. */
export const readRun = (id: string) => ({
  ...read(getRun, { id }),
  refetchInterval: ({ state }: { state: { data: Run | undefined } }) =>
    state.data?.status === 'RUNNING' ? liveMs : false,
})
