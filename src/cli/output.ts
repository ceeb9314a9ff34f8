import pc from 'picocolors'
import type { Failure } from './failure.ts'

type Text = string | number | boolean | null | undefined

export interface TableColumn<T> {
  head: string
  cell(row: T): Text
  align?: 'right'
}

const shown = (value: Text): string => (value === null || value === undefined || value === '' ? '–' : String(value))
// oxlint-disable-next-line no-control-regex -- colours are control characters
const colours = /\u001b\[\d+m/g
const width = (text: string): number => text.replace(colours, '').length

/** Columns as wide as their widest cell; the last one is never padded. */
export function table<T>(rows: readonly T[], columns: readonly TableColumn<T>[]): string {
  const cells = rows.map((row) => columns.map((column) => shown(column.cell(row))))
  const widths = columns.map((column, index) =>
    Math.max(width(column.head), ...cells.map((row) => width(row[index] ?? ''))),
  )
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => {
        const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - width(text)))
        if (columns[index]?.align === 'right') return space + text
        return index === columns.length - 1 ? text : text + space
      })
      .join('  ')
      .trimEnd()
  return [pc.dim(line(columns.map((column) => column.head))), ...cells.map(line)].join('\n')
}

/** A table, or the command that fills it; with --json the bare value. */
export function printList<T>(
  rows: readonly T[],
  columns: readonly TableColumn<T>[],
  options: { json?: boolean | undefined; empty: string },
): void {
  if (options.json === true) printJson(rows)
  else console.log(rows.length === 0 ? options.empty : table(rows, columns))
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}

/** Name and value, one a line. */
export function printFacts(facts: Readonly<Record<string, Text>>): void {
  const longest = Math.max(...Object.keys(facts).map((name) => name.length))
  for (const [name, value] of Object.entries(facts)) console.log(`${pc.dim(name.padEnd(longest))}  ${shown(value)}`)
}

/** `2011-06-16 03:00`; the seconds only where they say something. */
export function when(at: number | null | undefined): string {
  if (at === null || at === undefined) return '–'
  const text = new Date(at).toISOString()
  return `${text.slice(0, 10)} ${at % 60_000 === 0 ? text.slice(11, 16) : text.slice(11, 19)}`
}

export function number(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined) return '–'
  return Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(digits)))
}

const stateColours: Record<string, (text: string) => string> = {
  ok: pc.green,
  healthy: pc.green,
  serving: pc.green,
  succeeded: pc.green,
  done: pc.green,
  ready: pc.green,
  READY: pc.green,
  warning: pc.yellow,
  recovering: pc.yellow,
  insufficient: pc.yellow,
  quarantined: pc.yellow,
  proposed: pc.yellow,
  critical: pc.red,
  degraded: pc.red,
  failed: pc.red,
  unreachable: pc.red,
  open: pc.red,
  dead: pc.red,
  FAILED_REGISTRATION: pc.red,
}

export const state = (name: string): string => (stateColours[name] ?? pc.reset)(name)

const lineEveryMs = 30_000

/** One line that is written over itself; where it goes to a file, a line every half minute. */
export class Progress {
  readonly #isShown = process.stderr.isTTY === true
  #length = 0
  #lineAt = performance.now() + lineEveryMs

  show(text: string): void {
    if (!this.#isShown) {
      if (performance.now() < this.#lineAt) return
      this.#lineAt = performance.now() + lineEveryMs
      process.stderr.write(`${text}\n`)
      return
    }
    const cut = text.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1))
    process.stderr.write(`\r${cut.padEnd(this.#length)}`)
    this.#length = cut.length
  }

  end(): void {
    if (this.#isShown && this.#length > 0) process.stderr.write(`\r${' '.repeat(this.#length)}\r`)
    this.#length = 0
  }
}

export function printFailure(failure: Failure, json: boolean): void {
  if (json) {
    console.error(
      JSON.stringify({
        error: { code: failure.code ?? 'cli.failed', message: failure.message, next: failure.next ?? null },
      }),
    )
    return
  }
  console.error(`${pc.red('error')} ${failure.message}`)
  if (failure.next !== undefined) console.error(`      ${failure.next}`)
}
