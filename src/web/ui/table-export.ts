import type { CellValue, Filterable } from './table-filter.ts'

interface Exported<T> extends Filterable<T> {
  head: string
}

const quoted = (value: CellValue): string => {
  const text = value === null || value === undefined ? '' : String(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function toCsv<T>(rows: readonly T[], columns: readonly Exported<T>[]): string {
  const withValue = columns.filter((column) => column.value)
  const head = withValue.map((column) => quoted(column.head || column.id)).join(',')
  return [head, ...rows.map((row) => withValue.map((column) => quoted(column.value?.(row))).join(','))].join('\r\n')
}

export function toJson<T>(rows: readonly T[], columns: readonly Exported<T>[]): string {
  const withValue = columns.filter((column) => column.value)
  return JSON.stringify(
    rows.map((row) => Object.fromEntries(withValue.map((column) => [column.id, column.value?.(row) ?? null]))),
    null,
    2,
  )
}

/** Hands a text to the browser as a file. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
