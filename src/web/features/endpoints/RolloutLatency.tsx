import { useSuspenseQuery } from '@tanstack/react-query'
import { useDeferredValue } from 'react'
import type { Rollout } from '../../../contract/rollouts.ts'
import { getTraffic } from '../../../contract/serving.ts'
import { read } from '../../lib/api.ts'
import { LatencyChart } from './LatencyChart.tsx'
import { trafficSeries } from './traffic-series.ts'

const hour = 3_600_000
const day = 24 * hour

/** How long callers waited from a day before the rollout to its end, so that the two versions can be held together. */
export function RolloutLatency({ rollout, watermark }: { rollout: Rollout; watermark: number | null }) {
  const begun = rollout.started_event_time ?? rollout.started_at
  const ended = rollout.ended_event_time ?? watermark ?? begun
  const from = useDeferredValue((Math.floor(begun / day) - 1) * day)
  const to = useDeferredValue((Math.floor(ended / day) + 1) * day)
  const bucket = to - from > 8 * day ? 'day' : 'hour'
  const { data } = useSuspenseQuery(read(getTraffic, { name: rollout.endpoint, from, to, bucket }))
  return <LatencyChart series={trafficSeries(data.items, bucket === 'day' ? day : hour)} height={130} />
}
