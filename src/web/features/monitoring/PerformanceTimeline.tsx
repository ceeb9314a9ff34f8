import type { ReactNode } from 'react'
import { toMs } from '../../../contract/duration.ts'
import type { MonitorDetail } from '../../../contract/monitoring.ts'
import { count, day, duration, number, percent, signed } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { metricMeaning, metricName } from '../../lib/verdict-words.ts'
import { TextButton } from '../../ui/Button.tsx'
import type { Line } from '../../ui/chart-line.ts'
import type { Marker, Span } from '../../ui/chart-draw.ts'
import { Go } from '../../ui/Go.tsx'
import { Section } from '../../ui/Page.tsx'
import { Note, Quiet } from '../../ui/Quiet.tsx'
import type { State } from '../../ui/state.ts'
import { Segments } from '../../ui/Tabs.tsx'
import { TimeBars } from '../../ui/TimeBars.tsx'
import { TimeChart } from '../../ui/TimeChart.tsx'

type MarkerOf = MonitorDetail['markers'][number]

const markerStates: Record<MarkerOf['kind'], State> = {
  incident: 'crit',
  retrain: 'running',
  promote: 'ok',
  deploy: 'ok',
  rollback: 'crit',
  quarantine: 'warn',
  lift: 'ok',
  refused: 'unknown',
}

const spanStates: Record<MonitorDetail['spans'][number]['kind'], State> = {
  degraded: 'crit',
  quarantined: 'warn',
  rollout: 'running',
}

interface View {
  x: readonly number[]
  lines: readonly Line[]
  limit?: { value: number; word: string } | undefined
  fromZero: boolean
  shown?: (value: number) => string
  about: ReactNode
  name: string
  note?: (index: number) => string | undefined
}

const asShare = (value: number): string => signed(value, percent(value))

function metricView({ series, metric, limit, spec }: MonitorDetail): View {
  const hasShadow = series.some((point) => point.shadow !== null)
  const delay = toMs(spec.performance?.label_delay ?? '0s')
  const live: Line = {
    name: 'live, trailing window, 95 % interval',
    values: series.map((point) => point.value),
    low: series.map((point) => (point.lower === null ? null : Math.max(0, point.lower))),
    high: series.map((point) => point.upper),
    slot: 1,
  }
  const shadow: Line = { name: 'the version before, had it stayed', values: series.map((point) => point.shadow) }
  return {
    x: series.map((point) => point.at),
    lines: hasShadow ? [live, shadow] : [live],
    limit: limit === null ? undefined : { value: limit, word: `limit ${number(limit)}` },
    fromZero: true,
    name: metricName(metric),
    about: (
      <span title={metricMeaning(metric)}>
        {metricMeaning(metric).split(':')[0]} · by event time
        {delay === 0 ? '' : ` · labels ${duration(delay)} late`}
      </span>
    ),
    note: (index) => {
      const point = series[index]
      if (!point) return undefined
      const version = point.version === null ? '' : ` · v${point.version}`
      const bias = point.bias === null ? '' : ` · bias ${asShare(point.bias)}`
      return `${count(point.labelled)} of ${count(point.n)} labelled${bias}${version}`
    },
  }
}

function biasView({ series }: MonitorDetail): View {
  return {
    x: series.map((point) => point.at),
    lines: [{ name: 'bias', values: series.map((point) => point.bias), slot: 1 }],
    fromZero: false,
    shown: asShare,
    name: 'Bias',
    about: 'sum of prediction − truth over sum of |truth|; below zero it predicts too little',
  }
}

function driftView({ tiles, drifted }: MonitorDetail): View {
  const points = tiles.find((tile) => tile.name === 'drift')?.series ?? []
  return {
    x: points.map((point) => point.at),
    lines: [{ name: 'drifted columns', values: points.map((point) => point.value), slot: 1 }],
    fromZero: true,
    shown: count,
    name: 'Drifted columns',
    about: drifted ? `of ${drifted.of} judged, by window` : 'by window',
  }
}

const views = { metric: metricView, bias: biasView, drift: driftView }

/** Every line, ground and mark of one model over event time. */
export function PerformanceTimeline({ monitor, onWindows }: { monitor: MonitorDetail; onWindows: () => void }) {
  const [chosen, setChosen] = useUrl('view', 'metric')
  const kind = chosen === 'bias' || chosen === 'drift' ? chosen : 'metric'
  const view = views[kind](monitor)
  const x = monitor.series.map((point) => point.at)
  const spans: Span[] = monitor.spans.map((span) => ({
    from: span.from,
    to: span.to,
    word: span.label,
    state: spanStates[span.kind],
  }))
  const markers: Marker[] = monitor.markers.map(({ at, kind: of, label }) => ({
    at,
    word: label,
    state: markerStates[of],
  }))
  const hasValues = view.lines.some(({ values }) => values.some((value) => value !== null))
  const hasBars = kind === 'metric' && monitor.series.some((point) => point.bias !== null)
  return (
    <Section
      name={view.name}
      about={view.about}
      actions={
        <>
          <TextButton onClick={onWindows}>Windows</TextButton>
          <Segments
            label="What is shown"
            choices={[
              { id: 'metric', word: metricName(monitor.metric) },
              { id: 'bias', word: 'Bias' },
              { id: 'drift', word: 'Drift' },
            ]}
            chosen={kind}
            onChoose={setChosen}
          />
        </>
      }
    >
      {!hasValues ? (
        <Quiet>
          {view.x.length > 0 && kind !== 'drift'
            ? 'No row in this range has a label, so there is no error to show.'
            : 'Nothing was judged in this range.'}
        </Quiet>
      ) : (
        <TimeChart
          label={`${view.name} of ${monitor.endpoint}`}
          x={view.x}
          by="time"
          lines={view.lines}
          height={hasBars ? 200 : 250}
          limit={view.limit}
          spans={spans}
          markers={markers}
          fromZero={view.fromZero}
          sync={monitor.endpoint}
          shown={view.shown}
          yWords={view.shown}
          {...(view.note ? { note: view.note } : {})}
          xWords={!hasBars}
        />
      )}
      {hasBars ? (
        <TimeBars
          name="bias"
          x={x}
          values={monitor.series.map((point) => point.bias)}
          height={60}
          sync={monitor.endpoint}
        />
      ) : null}
      <MarkerLinks markers={monitor.markers} />
    </Section>
  )
}

/** A mark in a canvas cannot be clicked by keyboard; here they are in words. */
function MarkerLinks({ markers }: { markers: readonly MarkerOf[] }) {
  const linked = markers.filter((marker) => marker.link !== null)
  if (linked.length === 0) return null
  return (
    <Note>
      Marked:{' '}
      {linked.map((marker, index) => (
        <span key={`${marker.at}-${marker.kind}`}>
          {index > 0 ? ' · ' : ''}
          <Go to={marker.link ?? '/'}>
            {marker.label}, {day(marker.at)}
          </Go>
        </span>
      ))}
    </Note>
  )
}
