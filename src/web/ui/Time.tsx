import { exact, relative, type Instant } from '../lib/format.ts'

/** `2 min ago`, with the exact time on hover. */
export function Time({ at }: { at: Instant }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)}>
      {relative(at)}
    </time>
  )
}

/** A rounded number with its full value on hover. */
export function Num({ text, full }: { text: string; full: number | null | undefined }) {
  return <span title={full === null || full === undefined ? 'no value' : String(full)}>{text}</span>
}

/** An id, a version, a path: mono, and only these. */
export function Mono({ children }: { children: string }) {
  return <code>{children}</code>
}
