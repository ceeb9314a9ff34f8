import { useSuspenseQueries } from '@tanstack/react-query'
import { useDeferredValue, useMemo } from 'react'
import { getTraffic, type ServedEndpoint } from '../../../contract/serving.ts'
import { read } from '../../lib/api.ts'
import { count, given } from '../../lib/format.ts'
import { Section } from '../../ui/Page.tsx'
import { Note, Quiet } from '../../ui/Quiet.tsx'
import { TimeChart } from '../../ui/TimeChart.tsx'

const hour = 3_600_000
const day = 24 * hour

interface PredictionsChartProps {
  endpoints: readonly ServedEndpoint[]
  from: number
  to: number
}

const thousands = (value: number): string => (value >= 10_000 ? `${given(value / 1000)} k` : given(value))

/** Captured rows of all endpoints whose event time reaches into the range. */
export function PredictionsChart({ endpoints, from, to }: PredictionsChartProps) {
  const bucket = to - from > 8 * day ? 'day' : 'hour'
  const step = bucket === 'day' ? day : hour
  const names = endpoints.filter((one) => one.watermark !== null && one.watermark >= from).map((one) => one.name)
  // A bucket that the range cuts would look like a fall.
  const begin = Math.ceil(from / step) * step
  const asked = useDeferredValue(JSON.stringify({ names, from: begin, to, bucket }))
  const input = useMemo(
    () => JSON.parse(asked) as { names: string[]; from: number; to: number; bucket: 'hour' | 'day' },
    [asked],
  )
  const answers = useSuspenseQueries({
    queries: input.names.map((name) =>
      read(getTraffic, { name, from: input.from, to: input.to, bucket: input.bucket }),
    ),
  })
  const rows = new Map<number, number>()
  for (const { data } of answers) {
    for (const { start, rows: more } of data.items) rows.set(start, (rows.get(start) ?? 0) + more)
  }
  const starts = [...rows.keys()].toSorted((a, b) => a - b)
  const first = starts[0] ?? 0
  const x = Array.from(
    { length: starts.length === 0 ? 0 : Math.round(((starts.at(-1) ?? 0) - first) / step) + 1 },
    (_, i) => first + i * step,
  )
  const values = x.map((at) => rows.get(at) ?? 0)
  const behind = endpoints.filter((one) => one.watermark !== null).length - input.names.length
  const about = `${input.names.length === endpoints.length ? 'all endpoints' : `${input.names.length} of ${endpoints.length} endpoints`} · event time`
  return (
    <Section name={`Predictions per ${bucket}`} about={about}>
      {values.length === 0 ? (
        <Quiet>No prediction was captured in this range.</Quiet>
      ) : (
        <TimeChart
          label={`Predictions per ${bucket}`}
          x={x}
          by="time"
          lines={[{ name: 'predictions', values, low: values.map(() => 0), high: values, slot: 1 }]}
          height={130}
          fromZero
          shown={count}
          yWords={thousands}
        />
      )}
      {behind > 0 ? <Note>{`The newest event of ${behind} more lies before this range.`}</Note> : null}
    </Section>
  )
}
