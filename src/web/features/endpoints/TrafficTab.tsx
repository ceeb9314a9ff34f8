import { useSuspenseQuery } from '@tanstack/react-query'
import { useDeferredValue } from 'react'
import { getTraffic, type ServedEndpoint } from '../../../contract/serving.ts'
import { read } from '../../lib/api.ts'
import { count, given, percent } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { Empty } from '../../ui/Empty.tsx'
import { Section } from '../../ui/Page.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { RangeControl, longLengths, rangeBounds } from '../../ui/RangeControl.tsx'
import { TimeBars } from '../../ui/TimeBars.tsx'
import { TimeChart } from '../../ui/TimeChart.tsx'
import { LatencyChart } from './LatencyChart.tsx'
import { VariantsTable } from './VariantsTable.tsx'
import { trafficSeries, type TrafficSeries } from './traffic-series.ts'

const hour = 3_600_000
const day = 24 * hour

/** How much, how well and how fast each version answered, over event time. */
export function TrafficTab({ endpoint }: { endpoint: ServedEndpoint }) {
  const { name, watermark } = endpoint
  if (watermark === null) {
    return (
      <Empty title="No prediction yet" command={`mainstay predict ${name} NAME=VALUE …`}>
        Every answered request is counted here by version, at the hour its event happened.
      </Empty>
    )
  }
  return (
    <>
      <Captured endpoint={endpoint} watermark={watermark} />
      <Section name="Who answers now" about="since the data plane started">
        <VariantsTable endpoint={endpoint} />
      </Section>
    </>
  )
}

function Captured({ endpoint: { name }, watermark }: { endpoint: ServedEndpoint; watermark: number }) {
  const [range, setRange] = useUrl('range', '30d')
  const end = new Date((Math.floor(watermark / hour) + 1) * hour)
  const bounds = rangeBounds(range, end)
  const from = useDeferredValue(bounds.from.getTime())
  const to = useDeferredValue(bounds.to.getTime())
  const bucket = to - from > 8 * day ? 'day' : 'hour'
  const { data } = useSuspenseQuery(read(getTraffic, { name, from, to, bucket }))
  const series = trafficSeries(data.items, bucket === 'day' ? day : hour)
  const { rows, errors } = series
  return (
    <>
      <Section
        name={`Rows per ${bucket}`}
        about={`${count(rows)} captured, ${count(errors)} failed${rows === 0 ? '' : ` (${percent(errors / rows)})`} · by event time`}
        actions={<RangeControl range={range} onRange={setRange} by="event time" lengths={longLengths} now={end} />}
      >
        {rows === 0 ? <Quiet>No row was captured in this range.</Quiet> : <RowsChart name={name} series={series} />}
      </Section>
      {rows === 0 ? null : <LatencyChart series={series} height={180} sync={`traffic-${name}`} />}
    </>
  )
}

function RowsChart({ name, series }: { name: string; series: TrafficSeries }) {
  const { x, variants, failed, errors } = series
  return (
    <>
      <TimeChart
        label={`Rows of ${name} by version`}
        x={x}
        by="time"
        lines={variants.map((variant) => ({ name: variant.name, values: variant.rows, slot: variant.slot }))}
        height={200}
        fromZero
        stacked
        sync={`traffic-${name}`}
        shown={count}
        yWords={(value) => given(value)}
        xWords={errors === 0}
        note={(index) => ((failed[index] ?? 0) > 0 ? `${count(failed[index])} failed` : undefined)}
      />
      {errors > 0 ? (
        <TimeBars name="failed" x={x} values={failed} height={52} sync={`traffic-${name}`} state="crit" />
      ) : null}
    </>
  )
}
