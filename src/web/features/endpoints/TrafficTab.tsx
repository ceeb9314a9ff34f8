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
import { VariantsTable } from './VariantsTable.tsx'
import { slotOf } from './endpoint-words.ts'

const hour = 3_600_000
const day = 24 * hour

/** Captured rows by variant over event time, the failed ones below. */
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

function Captured({ endpoint, watermark }: { endpoint: ServedEndpoint; watermark: number }) {
  const { name, variants } = endpoint
  const [range, setRange] = useUrl('range', '30d')
  const end = new Date((Math.floor(watermark / hour) + 1) * hour)
  const bounds = rangeBounds(range, end)
  const from = useDeferredValue(bounds.from.getTime())
  const to = useDeferredValue(bounds.to.getTime())
  const bucket = to - from > 8 * day ? 'day' : 'hour'
  const { data } = useSuspenseQuery(read(getTraffic, { name, from, to, bucket }))
  const step = bucket === 'day' ? day : hour
  const first = data.items.reduce((least, item) => Math.min(least, item.start), Infinity)
  const last = data.items.reduce((most, item) => Math.max(most, item.start), 0)
  const x = last === 0 ? [] : Array.from({ length: Math.round((last - first) / step) + 1 }, (_, i) => first + i * step)
  const place = new Map(x.map((at, index) => [at, index]))
  const names = [...new Set(data.items.map((item) => item.variant))].toSorted((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  )
  const versionOf = (variant: string): number =>
    variants.find((one) => one.name === variant)?.version ?? (Number(/\d+/.exec(variant)?.[0] ?? 1) || 1)
  const rowsOf = (variant: string): (number | null)[] => {
    const values: (number | null)[] = x.map(() => null)
    for (const item of data.items)
      if (item.variant === variant && item.rows > 0) values[place.get(item.start) ?? 0] = item.rows
    return values
  }
  const failed = x.map(() => 0)
  for (const item of data.items) {
    const index = place.get(item.start) ?? 0
    failed[index] = (failed[index] ?? 0) + item.errors
  }
  const rows = data.items.reduce((sum, item) => sum + item.rows, 0)
  const errors = failed.reduce((sum, value) => sum + value, 0)
  return (
    <Section
      name={`Captured rows per ${bucket}`}
      about={`${count(rows)} rows, ${count(errors)} failed (${rows === 0 ? '—' : percent(errors / rows)}) · event time`}
      actions={<RangeControl range={range} onRange={setRange} by="event time" lengths={longLengths} now={end} />}
    >
      {x.length === 0 ? (
        <Quiet>No row was captured in this range.</Quiet>
      ) : (
        <>
          <TimeChart
            label={`Rows of ${name} by version`}
            x={x}
            by="time"
            lines={names.map((variant) => ({
              name: variant,
              values: rowsOf(variant),
              slot: slotOf(versionOf(variant)),
            }))}
            height={220}
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
      )}
    </Section>
  )
}
