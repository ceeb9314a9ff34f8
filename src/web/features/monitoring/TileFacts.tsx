import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { MonitorDetail } from '../../../contract/monitoring.ts'
import { count, percent, spanOf } from '../../lib/format.ts'
import { saidOfCheck } from '../../lib/verdict-words.ts'
import { KeyValue, type Fact } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { Verdict } from '../../ui/Verdict.tsx'

type Tile = MonitorDetail['tiles'][number]
export type AskedTile = Exclude<Tile['name'], 'performance'>

const sum = (values: readonly (number | null)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0)

function trafficFacts({ series, endpoint }: MonitorDetail): Fact[] {
  return [
    { key: 'What is counted', value: 'rows that callers sent, by the time of their event' },
    { key: 'Left out', value: 'shadows, replays and the playground' },
    { key: 'Window', value: 'the newest seven closed windows of the inputs' },
    { key: 'In this range', value: `${count(sum(series.map((point) => point.n)))} rows` },
    { key: 'With a label', value: `${count(sum(series.map((point) => point.labelled)))} rows` },
    {
      key: 'By version',
      value: (
        <Link to="/endpoints/$name" params={{ name: endpoint }} search={{ tab: 'traffic' } as never}>
          traffic of the endpoint
        </Link>
      ),
    },
  ]
}

function qualityFacts({ spec, spans }: MonitorDetail): Fact[] {
  const broken = spans.filter((span) => span.kind === 'quarantined')
  return [
    { key: 'When', value: 'at each window’s close, before labels and before anything else' },
    { key: 'What is judged', value: 'nulls, types, codings, ranges, constant columns, refused rows' },
    { key: 'Reference', value: 'the training data of the live version, and the clean windows before' },
    { key: 'Nulls', value: `break it ${percent(spec.inputs.nulls)} of the rows above the usual share` },
    {
      key: 'Then',
      value: 'the window counts for nothing, retraining and rollouts wait; it lifts after two clean windows',
    },
    ...broken.map((span) => ({ key: 'Quarantined', value: spanOf(span) })),
  ]
}

function driftFacts({ columns, columns_window: window, version }: MonitorDetail): Fact[] {
  const methods = [...new Set(columns.map((column) => column.method))].join(', ')
  return [
    { key: 'Window', value: window ? spanOf(window) : 'none has enough units yet' },
    { key: 'Reference', value: version === null ? 'no version is live' : `the training data of version ${version}` },
    { key: 'Effect', value: methods === '' ? '—' : methods, note: 'how far the distribution moved' },
    { key: 'Significance', value: 'q after Benjamini–Hochberg over all columns', note: 'counts units, not rows' },
    { key: 'Then', value: 'it is shown as a cause; drift alone never retrains and never rolls back' },
  ]
}

const notMeasured = (what: string): Fact[] => [
  { key: 'Why', value: `Mainstay cannot be told ${what} yet, so nothing is computed.` },
  { key: 'State', value: 'not known; it does not count as healthy' },
]

const facts: Record<AskedTile, (monitor: MonitorDetail) => Fact[]> = {
  traffic: trafficFacts,
  quality: qualityFacts,
  drift: driftFacts,
  fairness: () => notMeasured('which column names the groups'),
  value: () => notMeasured('what a prediction is worth'),
}

/** Where a tile's number comes from: what is counted, over which window, against which reference. */
export function TileFacts({ monitor, name }: { monitor: MonitorDetail; name: AskedTile }): ReactNode {
  const tile = monitor.tiles.find((one) => one.name === name)
  if (!tile) return null
  const { state } = saidOfCheck(tile.state)
  return (
    <>
      <Section name="Now">
        <Verdict state={state}>
          <b>
            {tile.value} {tile.value === '—' ? '' : tile.unit}
          </b>{' '}
          {tile.note}
        </Verdict>
      </Section>
      <Section name="How it is found">
        <KeyValue facts={facts[name](monitor)} />
      </Section>
    </>
  )
}
