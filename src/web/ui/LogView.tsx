import { useVirtualizer } from '@tanstack/react-virtual'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { count } from '../lib/format.ts'
import { ansi, withoutAnsi } from './ansi.ts'
import css from './LogView.module.css'

interface LogViewProps {
  label: string
  lines: readonly string[]
  /** More lines are coming: the view follows the end until it is scrolled up. */
  live: boolean
  height: number
}

const lineHeight = 20
const followSlack = 24

/** A log of any length: only what is seen is drawn. */
export function LogView({ label, lines, live, height }: LogViewProps) {
  const box = useRef<HTMLDivElement>(null)
  const [search, setSearch] = useState('')
  const [follow, setFollow] = useState(live)
  const asked = useDeferredValue(search.toLowerCase())
  const shown = useMemo(
    () =>
      asked === ''
        ? lines.map((_, index) => index)
        : lines.flatMap((line, index) => (withoutAnsi(line).toLowerCase().includes(asked) ? [index] : [])),
    [lines, asked],
  )
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  })

  useEffect(() => {
    if (follow && shown.length > 0) virtual.scrollToIndex(shown.length - 1)
  }, [follow, shown.length, virtual])

  return (
    <div className={css['log']}>
      <div className={css['tools']}>
        <input
          className={css['search']}
          type="search"
          aria-label={`Search ${label}`}
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <span className={css['count']} aria-live="polite">
          {asked === '' ? `${count(lines.length)} lines` : `${count(shown.length)} of ${count(lines.length)} lines`}
        </span>
        <label className={css['follow']}>
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} />
          Follow
        </label>
      </div>
      <div
        ref={box}
        className={css['lines']}
        style={{ height: Math.min(height, Math.max(60, shown.length * lineHeight + 18)) }}
        tabIndex={0}
        role="log"
        aria-label={label}
        aria-live="off"
        onWheel={(event) => {
          const element = event.currentTarget
          if (event.deltaY < 0) setFollow(false)
          else if (element.scrollHeight - element.scrollTop - element.clientHeight < followSlack && live)
            setFollow(true)
        }}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => (
            <div key={item.key} className={css['line']} style={{ transform: `translateY(${item.start}px)` }}>
              <LogLine line={lines[shown[item.index] ?? 0] ?? ''} asked={asked} />
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}

const stamp = /^(\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d(\.\d+)?Z?/

function LogLine({ line, asked }: { line: string; asked: string }) {
  const time = stamp.exec(line)?.[0] ?? ''
  return (
    <>
      <span className={css['time']}>{time}</span>
      {ansi(line.slice(time.length)).map((part, index) => (
        <span
          key={index}
          style={{
            ...(part.colour ? { color: `var(--${part.colour})` } : {}),
            ...(part.bold ? { fontWeight: 600 } : {}),
          }}
        >
          <Marked text={part.text} asked={asked} />
        </span>
      ))}
    </>
  )
}

function Marked({ text, asked }: { text: string; asked: string }) {
  const at = asked === '' ? -1 : text.toLowerCase().indexOf(asked)
  if (at < 0) return text
  return (
    <>
      {text.slice(0, at)}
      <mark className={css['mark']}>{text.slice(at, at + asked.length)}</mark>
      <Marked text={text.slice(at + asked.length)} asked={asked} />
    </>
  )
}
