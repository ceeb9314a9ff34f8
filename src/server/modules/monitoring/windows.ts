import { toMs, type Duration } from '../../../contract/serving.ts'
import type { MonitorSpec } from '../../../contract/monitoring.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

export interface MonitorWindows {
  inputs: number
  performance: number
  labelDelay: number
  unit: number
}

const lengths = [hourMs, dayMs, 7 * dayMs]

/** The shortest of 1 h, 1 d, 7 d that holds enough units. */
function shortest(unitMs: number, units: number): number {
  return lengths.find((length) => length >= unitMs * units) ?? 7 * dayMs
}

const unitLengths = { row: hourMs, entity: hourMs, hour: hourMs, day: dayMs } as const

/** Lengths in ms, from the spec and the unit that the reference asked for. */
export function windowsOf(spec: MonitorSpec, unit: keyof typeof unitLengths): MonitorWindows {
  const unitMs = unitLengths[unit]
  const given = (duration: Duration | undefined, fallback: number): number =>
    duration === undefined ? fallback : toMs(duration)
  return {
    unit: unitMs,
    inputs: given(spec.inputs.window, Math.max(hourMs, Math.min(dayMs, unitMs * 24))),
    performance: given(spec.performance?.window, shortest(unitMs, 5)),
    labelDelay: given(spec.performance?.label_delay, 0),
  }
}

export interface Span {
  start: number
  end: number
}

/** The first window of one length, counted from an anchor, that starts at or after `from` and has closed by `now`. */
export function nextClosed(anchor: number, length: number, from: number, now: number): Span | undefined {
  const start = anchor + Math.max(0, Math.ceil((from - anchor) / length)) * length
  return start + length <= now ? { start, end: start + length } : undefined
}

const dateFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** `3 May`, in UTC. */
export const dayText = (ms: number): string => dateFormat.format(ms)

/** `1 – 8 May`: the days a window covers. */
export function spanText(start: number, end: number): string {
  const last = end - 1
  return dayText(start) === dayText(last) ? dayText(start) : `${dayText(start)} to ${dayText(last)}`
}
