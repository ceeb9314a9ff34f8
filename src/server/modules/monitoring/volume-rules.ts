/** How many rows came, against the feed's own past; `unknown` while there is too little of it. */
export interface Volume {
  state: 'usual' | 'low' | 'high' | 'unknown'
  usual: number | null
  weeks: number
}

export const volumeWeeks = 8
const fewestWeeks = 4
const fewestRows = 20
const farFrom = 4
const beyondPast = 2

/**
 * Rows of one window against the same window of up to eight weeks before, so that nights, weekends and the hours of
 * business are like themselves. Far is less than a quarter or more than four times their median, and twice beyond all
 * of them but one: what a feed has done by itself is usual, and one odd week neither alarms nor hides the next.
 */
export function judgeVolume(rows: number, past: readonly number[]): Volume {
  const sorted = [...past].sort((a, b) => a - b)
  const weeks = sorted.length
  const [low, high] = [sorted[Math.floor((weeks - 1) / 2)] ?? 0, sorted[Math.ceil((weeks - 1) / 2)] ?? 0]
  const usual = (low + high) / 2
  if (weeks < fewestWeeks || usual < fewestRows) return { state: 'unknown', usual: weeks === 0 ? null : usual, weeks }
  const least = sorted[1] as number
  const most = sorted[weeks - 2] as number
  const isLow = rows * farFrom < usual && rows * beyondPast < least
  const isHigh = rows > farFrom * usual && rows > beyondPast * most
  return { state: isLow ? 'low' : isHigh ? 'high' : 'usual', usual, weeks }
}

/** Told as an incident when it lasts: a holiday or two is no fault. */
export const volumeLastsMs = 3 * 86_400_000

/** Whether one direction has held for all that could be said over three days; windows are oldest first. */
export function lasts(
  direction: Volume['state'],
  windows: readonly { start: number; stop: number; volume: Volume['state'] }[],
): boolean {
  const [first, last] = [windows[0], windows.at(-1)]
  if (!first || !last || last.stop - first.start < volumeLastsMs) return false
  const same = windows.filter(({ volume }) => volume === direction).length
  return same * 2 >= windows.length && windows.every(({ volume }) => volume === direction || volume === 'unknown')
}
