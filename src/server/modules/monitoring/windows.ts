import { toMs, type Duration } from '../../../contract/duration.ts'
import type { MonitorSpec } from '../../../contract/monitoring.ts'
import type { Unit } from '../../../stats/blocks.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

export interface MonitorWindows {
  inputs: number
  performance: number
  labelDelay: number
  unit: number
}

/** Single rows say little: a window of fewer is made longer, where nobody declared its length. */
export const enoughRows = 100

const lengths = [hourMs, dayMs, 7 * dayMs]

/** The shortest of 1 h, 1 d, 7 d that holds enough units. */
function shortest(unitMs: number, units: number): number {
  return lengths.find((length) => length >= unitMs * units) ?? 7 * dayMs
}

/** Entities lie in no span of time: a day of theirs is what is taken or left whole. */
const unitLengths: Record<Unit, number> = { row: hourMs, entity: dayMs, hour: hourMs, day: dayMs }

/** Lengths in ms, from the spec and the unit that the reference asked for. */
export function windowsOf(spec: MonitorSpec, unit: Unit): MonitorWindows {
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

/** The window, stretched on its grid over all that follow before the next row at `rows`, as far as they have closed. */
export function acrossGap(window: Span, rows: number, now: number): Span {
  const length = window.end - window.start
  const empty = Math.floor((Math.min(rows, now) - window.start) / length)
  return empty > 1 ? { start: window.start, end: window.start + empty * length } : window
}
