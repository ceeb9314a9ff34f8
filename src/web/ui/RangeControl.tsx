import { Popover } from '@mantine/core'
import { useState } from 'react'
import { day, zone } from '../lib/format.ts'
import { Button } from './Button.tsx'
import { Segments } from './Tabs.tsx'
import css from './RangeControl.module.css'

/** A length back from now (`24h`, `7d`, `30d`), or two dates `2011-04-01..2011-07-05`; as it stands in the URL. */
export type Range = string

interface Length {
  id: string
  word: string
}

export const shortLengths: readonly Length[] = [
  { id: '24h', word: '24 h' },
  { id: '7d', word: '7 d' },
  { id: '30d', word: '30 d' },
]

/** For what is judged by the week. */
export const longLengths: readonly Length[] = [
  { id: '7d', word: '7 d' },
  { id: '30d', word: '30 d' },
  { id: '100d', word: '100 d' },
]
const hours: Record<string, number> = { h: 1, d: 24 }

/** The instants a range means; for a length they end at `now`, which for event time is the last event. */
export function rangeBounds(range: Range, now: Date): { from: Date; to: Date } {
  const [from, to] = range.split('..')
  if (from && to)
    return { from: new Date(`${from}T00:00:00Z`), to: new Date(new Date(`${to}T00:00:00Z`).getTime() + 86_400_000) }
  const length = /^(\d+)([hd])$/.exec(range)
  const back = Number(length?.[1] ?? 30) * (hours[length?.[2] ?? 'd'] ?? 24) * 3_600_000
  return { from: new Date(now.getTime() - back), to: now }
}

/** `1 Apr – 5 Jul 2011`: the year once, when both days lie in it. */
function asWords(range: Range): string {
  const [from = '', to = ''] = range.split('..')
  const first = day(`${from}T00:00:00Z`)
  const last = day(`${to}T00:00:00Z`)
  return `${from.slice(0, 4) === to.slice(0, 4) ? first.replace(/ \d{4}$/, '') : first} – ${last}`
}

interface RangeControlProps {
  range: Range
  onRange: (range: Range) => void
  /** Which time the page goes by. */
  by: 'event time' | 'arrival time'
  lengths?: readonly Length[]
  /** The instant a length ends at: the last event, where time is event time. */
  now?: Date
}

/** The one control for time on every page that has time. */
export function RangeControl({ range, onRange, by, lengths = shortLengths, now }: RangeControlProps) {
  const [open, setOpen] = useState(false)
  const isCustom = range.includes('..')
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" offset={4} trapFocus returnFocus withRoles={false}>
      <Popover.Target>
        <div title={`by ${by}, ${zone}`}>
          {isCustom ? (
            <Button onClick={() => setOpen(!open)}>{asWords(range)} ⌄</Button>
          ) : (
            <Segments
              label={`Time range, by ${by}, ${zone}`}
              choices={[...lengths, { id: 'custom', word: 'Custom' }]}
              chosen={range}
              onChoose={(id) => (id === 'custom' ? setOpen(true) : onRange(id))}
            />
          )}
        </div>
      </Popover.Target>
      <Popover.Dropdown>
        <DateForm
          range={range}
          by={by}
          lengths={lengths}
          {...(now ? { now } : {})}
          onRange={(next) => {
            setOpen(false)
            onRange(next)
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}

function DateForm({ range, by, onRange, lengths = shortLengths, now }: RangeControlProps) {
  const [opened] = useState(() => now ?? new Date())
  const bounds = rangeBounds(range, opened)
  const [from, setFrom] = useState(bounds.from.toISOString().slice(0, 10))
  const [to, setTo] = useState(new Date(bounds.to.getTime() - 1).toISOString().slice(0, 10))
  const refused = from > to ? 'The first day comes after the last.' : undefined
  return (
    <form
      className={css['form']}
      onSubmit={(event) => {
        event.preventDefault()
        if (!refused) onRange(`${from}..${to}`)
      }}
    >
      <Segments label="Length" choices={lengths} chosen={range} onChoose={onRange} />
      <label className={css['label']}>
        First day
        <input
          className={css['date']}
          type="date"
          value={from}
          required
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label className={css['label']}>
        Last day
        <input
          className={css['date']}
          type="date"
          value={to}
          required
          onChange={(event) => setTo(event.target.value)}
        />
      </label>
      <p className={css['zone']}>
        By {by}, whole days in {zone}
      </p>
      <Button weight="primary" refused={refused} onClick={() => onRange(`${from}..${to}`)}>
        Show
      </Button>
    </form>
  )
}
