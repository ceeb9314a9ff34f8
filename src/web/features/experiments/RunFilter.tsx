import { useRef, useState } from 'react'
import { FilterLine } from '../../ui/Toolbar.tsx'

interface RunFilterProps {
  value: string
  onChange: (filter: string) => void
  words: readonly string[]
  problem: string | undefined
}

const settleMs = 450

/** A filter as MLflow writes it; asked of the server when typing rests. */
export function RunFilter({ value, onChange, words, problem }: RunFilterProps) {
  const [draft, setDraft] = useState(value)
  const [from, setFrom] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  if (value !== from) {
    // The URL changed by itself: by Back, or by a link.
    setFrom(value)
    setDraft(value)
  }
  const type = (next: string): void => {
    setDraft(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      setFrom(next)
      onChange(next.trim() === '' ? '' : next)
    }, settleMs)
  }
  return (
    <FilterLine
      label="Filter runs"
      value={draft}
      onChange={type}
      placeholder="metrics.mae < 60 and params.model = 'gbm'"
      words={words}
      problem={problem}
    />
  )
}
