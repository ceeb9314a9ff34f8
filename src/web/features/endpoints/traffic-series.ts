import type { TrafficBucket } from '../../../contract/serving.ts'
import type { Slot } from '../../lib/colour.ts'
import { slotOf } from './endpoint-words.ts'

interface VariantSeries {
  name: string
  slot: Slot
  /** Null where it answered nothing. */
  rows: readonly (number | null)[]
  p50: readonly (number | null)[]
  p99: readonly (number | null)[]
}

export interface TrafficSeries {
  /** The beginning of each span, without gaps. */
  x: readonly number[]
  variants: readonly VariantSeries[]
  failed: readonly number[]
  rows: number
  errors: number
}

const sumOf = (items: readonly TrafficBucket[], what: 'rows' | 'errors'): number =>
  items.reduce((sum, item) => sum + item[what], 0)

/** What callers got, as one series for each version on one axis of time; `step` is the length of a span in ms. */
export function trafficSeries(items: readonly TrafficBucket[], step: number): TrafficSeries {
  const starts = items.map((item) => item.start)
  const first = starts.reduce((least, start) => Math.min(least, start), Infinity)
  const last = starts.reduce((most, start) => Math.max(most, start), -Infinity)
  const x = items.length === 0 ? [] : Array.from({ length: (last - first) / step + 1 }, (_, i) => first + i * step)
  const names = new Map(items.toSorted((a, b) => a.version - b.version).map((item) => [item.variant, item.version]))
  const variants = [...names].map(([name, version]): VariantSeries => {
    const at = new Map(items.filter((item) => item.variant === name).map((item) => [item.start, item]))
    const read = (what: 'rows' | 'p50' | 'p99') => x.map((start) => at.get(start)?.[what] ?? null)
    return { name, slot: slotOf(version), rows: read('rows'), p50: read('p50'), p99: read('p99') }
  })
  const failed = new Map<number, number>()
  for (const { start, errors } of items) failed.set(start, (failed.get(start) ?? 0) + errors)
  return {
    x,
    variants,
    failed: x.map((start) => failed.get(start) ?? 0),
    rows: sumOf(items, 'rows'),
    errors: sumOf(items, 'errors'),
  }
}
