import { duration, given } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { Section } from '../../ui/Page.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { Segments } from '../../ui/Tabs.tsx'
import { TimeChart } from '../../ui/TimeChart.tsx'
import type { TrafficSeries } from './traffic-series.ts'

const quantiles = [
  { id: 'p50', word: 'p50' },
  { id: 'p99', word: 'p99' },
]

const meanings = {
  p50: 'half of the rows were answered within this time',
  p99: '99 of 100 rows were answered within this time',
}

/** How long callers waited for each version, over event time. */
export function LatencyChart({ series, height, sync }: { series: TrafficSeries; height: number; sync?: string }) {
  const [chosen, choose] = useUrl('latency', 'p99')
  const quantile = chosen === 'p50' ? 'p50' : 'p99'
  const lines = series.variants
    .filter((variant) => variant[quantile].some((value) => value !== null))
    .map((variant) => ({ name: variant.name, slot: variant.slot, values: variant[quantile] }))
  return (
    <Section
      name={`Latency, ${quantile}`}
      about={<span title="read from counts in steps of 9 %">{`ms · ${meanings[quantile]}`}</span>}
      actions={<Segments label="Which latency" choices={quantiles} chosen={quantile} onChoose={choose} />}
    >
      {lines.length === 0 ? (
        <Quiet>No latency was kept for these rows.</Quiet>
      ) : (
        <TimeChart
          label={`Latency by version, ${quantile}, in milliseconds`}
          x={series.x}
          by="time"
          lines={lines}
          height={height}
          fromZero
          bridge
          {...(sync ? { sync } : {})}
          shown={duration}
          yWords={(value) => given(value)}
        />
      )}
    </Section>
  )
}
