import { count, given } from '../../contract/format.ts'

export { count, fixed, given, interval, number, percent, signed } from '../../contract/format.ts'

/** All times are shown in this zone; the top bar and the range control say so. */
export const zone = 'UTC'

const none = '—'

const id = /\b(act|prun|ro|inc|pa)_[0-9a-hjkmnp-tv-z]{26}\b/g

/** A sentence of the server for people: what stands in brackets only for machines is left out, other ids are short. */
export const plain = (sentence: string): string =>
  sentence
    .replace(/ \((?:act|prun|ro|inc|pa)_[0-9a-z]{26}\)/g, '')
    .replace(id, (whole, kind: string) => `${kind}_${whole.slice(-6)}`)

/** Begins with a capital, ends without a full stop: for a row or a step. */
export const asWords = (text: string): string => {
  const said = plain(text).replace(/\.*$/, '')
  return /^v\d/.test(said) ? said : said.charAt(0).toUpperCase() + said.slice(1)
}

/** The same with one full stop. */
export const asSentence = (text: string): string => `${asWords(text)}.`

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Decimal units: `1.2 GB`. */
export function size(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || Number.isNaN(bytes)) return none
  let value = bytes
  let step = 0
  while (Math.abs(value) >= 1000 && step < sizeUnits.length - 1) {
    value /= 1000
    step += 1
  }
  return `${step === 0 || value >= 100 ? count(value) : given(value, 2)} ${sizeUnits[step]}`
}

/** Milliseconds as `0.41 ms`, `0.4 s`, `21 s`, `12 min`, `1 h 12 min`, `1 day`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return none
  const size = Math.abs(ms)
  if (size < 100) return `${given(ms, size < 10 ? 3 : 2)} ms`
  if (size < 59_500) return `${given(ms / 1000, 2)} s`
  const minutes = Math.round(size / 60_000)
  const seconds = Math.round(size / 1000)
  if (seconds < 600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  if (minutes < 60) return `${minutes} min`
  if (minutes === 24 * 60) return '1 day'
  if (minutes < 48 * 60) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  return `${Math.round(minutes / 1440)} days`
}

const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`

export const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

export type Instant = Date | string | number

const at = (time: Instant): Date => (time instanceof Date ? time : new Date(time))
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number): string => String(value).padStart(2, '0')

/** `2 May 2011`; the year is left out when it is this one. */
export function day(time: Instant, now: Date = new Date()): string {
  const date = at(time)
  const year = date.getUTCFullYear()
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]}${year === now.getUTCFullYear() ? '' : ` ${year}`}`
}

/** The days from one instant up to another, the year once: `2 – 8 May 2011`, `28 Apr – 4 May 2011`. */
export function spanOf({ from, to }: { from: number; to: number }): string {
  const [first, last] = [day(from), day(to - 1)]
  const [firstDay, firstMonth, firstYear] = first.split(' ')
  const [, lastMonth, lastYear] = last.split(' ')
  if (first === last) return last
  if (firstYear !== lastYear) return `${first} – ${last}`
  return firstMonth === lastMonth ? `${firstDay} – ${last}` : `${firstDay} ${firstMonth} – ${last}`
}

/** `14:02` */
export function clock(time: Instant): string {
  const date = at(time)
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
}

/** `9 May 2011 14:02:11 UTC`, for hover and for records. */
export function exact(time: Instant): string {
  const date = at(time)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()} ${clock(date)}:${two(date.getUTCSeconds())} ${zone}`
}

/** `2 min ago`, `in 3 h`, `yesterday`; beyond a week the day. */
export function relative(time: Instant, now: Date = new Date()): string {
  const date = at(time)
  const past = now.getTime() - date.getTime()
  const minutes = Math.abs(past) / 60_000
  if (minutes < 0.75) return 'now'
  if (minutes < 60) return phrase(past, `${Math.max(1, Math.round(minutes))} min`)
  if (minutes < 22 * 60) return phrase(past, `${Math.round(minutes / 60)} h`)
  const days = Math.round(minutes / 1440)
  if (days <= 1 && past > 0) return 'yesterday'
  if (days < 8) return phrase(past, days === 1 ? '1 day' : `${days} days`)
  return day(date, now)
}

const phrase = (past: number, text: string): string => (past >= 0 ? `${text} ago` : `in ${text}`)

/** An axis tick for a time: as much as tells neighbours `step` ms apart from each other. */
export function tick(time: number, step: number): string {
  const date = new Date(time)
  if (step >= 360 * 86_400_000) return String(date.getUTCFullYear())
  if (step >= 86_400_000 || (date.getUTCHours() === 0 && date.getUTCMinutes() === 0))
    return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`
  return step < 60_000 ? `${clock(date)}:${two(date.getUTCSeconds())}` : clock(date)
}

/** The words of one axis with as many decimals each: `0, 0.5, 1, 1.5` → `0, 0.5, 1.0, 1.5`. */
export function alike(words: readonly string[]): string[] {
  const places = Math.max(0, ...words.map((word) => /\.(\d+)/.exec(word)?.[1]?.length ?? 0))
  const isPlain = places === 0 || words.some((word) => word.includes('e'))
  return words.map((word) =>
    isPlain || word === '0'
      ? word
      : word.replace(
          /^(\D*[\d,]+)(?:\.(\d+))?/,
          (_, whole: string, rest = '') => `${whole}.${rest.padEnd(places, '0')}`,
        ),
  )
}
