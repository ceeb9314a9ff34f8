// How numbers and days are written for people, by the server's sentences and the pages alike.

const minus = '−'
const none = '—'

/** What rounds to zero has no sign. */
const withMinus = (text: string): string => text.replace(/^-/, /[1-9]/.test(text) ? minus : '')

/** A measured number with `digits` significant digits, zeros kept: `42.0`, `0.0300`. A missing value is a dash. */
export function number(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return none
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${minus}∞`
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size < 1e-4 || size >= 1e12) return value.toExponential(digits - 1).replaceAll('-', minus)
  if (size >= 10 ** digits) return count(value)
  return fixed(value, Math.max(0, digits - 1 - Math.floor(Math.log10(size))))
}

/** A number that somebody wrote, or a tick: as many digits as it has, `0.05`, `6`, `400`. */
export function given(value: number | null | undefined, digits = 6): string {
  if (value === null || value === undefined || Number.isNaN(value)) return none
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e12))
    return String(Number(value.toPrecision(digits))).replaceAll('-', minus)
  return withMinus(Number(value.toPrecision(digits)).toLocaleString('en', { maximumFractionDigits: 10 }))
}

/** With so many decimal places, for a column whose numbers stand under each other. */
export function fixed(value: number | null | undefined, places: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return none
  return withMinus(value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places }))
}

/** `12,431` */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return none
  return withMinus(Math.round(value).toLocaleString('en'))
}

/** Puts the plus before a text that says a number above zero: `+3.1`, `−0.4`. */
export function signed(value: number | null | undefined, text: string): string {
  return value !== null && value !== undefined && value > 0 ? `+${text}` : text
}

/** A share of one as per cent: `25 %`, `0.8 %`. */
export function percent(share: number | null | undefined, digits = 2): string {
  if (share === null || share === undefined || Number.isNaN(share)) return none
  const value = share * 100
  const places =
    Number.isInteger(value) || Math.abs(value) >= 10 ** digits
      ? 0
      : Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))))
  return `${withMinus(value.toLocaleString('en', { maximumFractionDigits: Math.min(places, 4) }))} %`
}

/** `27.9 – 36.4` */
export function interval(low: number | null | undefined, high: number | null | undefined, digits = 3): string {
  return `${number(low, digits)} – ${number(high, digits)}`
}

/** Of the metrics that are no abbreviation. */
const metricWords = new Map([
  ['log_loss', 'log loss'],
  ['accuracy', 'accuracy'],
  ['precision', 'precision'],
  ['recall', 'recall'],
])

/** A metric within a sentence: `WAPE`, `log loss`. */
export function metricName(metric: string): string {
  return metricWords.get(metric) ?? metric.toUpperCase()
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `3 May`, in UTC; the year is said by the event time beside the sentence. */
export function dayText(ms: number): string {
  const date = new Date(ms)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`
}

/** `1 May to 8 May`: the days from one instant up to another. */
export function spanText(start: number, end: number): string {
  const last = end - 1
  return dayText(start) === dayText(last) ? dayText(start) : `${dayText(start)} to ${dayText(last)}`
}
