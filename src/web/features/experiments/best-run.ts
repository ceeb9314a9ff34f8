import { useQuery } from '@tanstack/react-query'
import { searchRuns, type Run } from '../../../contract/experiments.ts'
import { read } from '../../lib/api.ts'
import { number } from '../../lib/format.ts'
import { leadOf, metricOf, type Measure } from './run-words.ts'

interface BestInput {
  experiment: string
  filter: string
  measure: Measure | undefined
  /** More runs fit the filter than are here, so the server is asked. */
  several: boolean
  runs: readonly Run[]
}

interface Best {
  run: Run | undefined
  sentence: ((total: string) => string) | undefined
  lead: string | undefined
}

/** The best run of all that fit the filter, and its lead over the next. */
export function useBest({ experiment, filter, measure, several, runs }: BestInput): Best {
  const order = measure ? `metrics.\`${measure.key}\` ${measure.lower ? 'ASC' : 'DESC'}` : ''
  const { data } = useQuery({
    ...read(searchRuns, { experiment, limit: 2, ...(filter ? { filter } : {}), order }),
    enabled: several && measure !== undefined,
  })
  if (!measure) return { run: undefined, sentence: undefined, lead: undefined }
  const sign = measure.lower ? 1 : -1
  const valued = (several ? (data?.items ?? []) : runs)
    .flatMap((run) => {
      const value = metricOf(run, measure.key)
      return value === null ? [] : [{ run, value }]
    })
    .toSorted((a, b) => sign * (a.value - b.value))
  const [first, second] = valued
  if (!first) return { run: undefined, sentence: undefined, lead: undefined }
  const { run, value } = first
  return {
    run,
    sentence: (total) => `${run.name} is the best of ${total}: ${measure.key} ${number(value)}.`,
    lead: second ? leadOf(value, second.value) : undefined,
  }
}
