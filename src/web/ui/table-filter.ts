/** What a cell is sorted, filtered and exported by. */
export type CellValue = string | number | boolean | null | undefined

export interface Filterable<T> {
  id: string
  value?: ((row: T) => CellValue) | undefined
}

interface Term {
  column?: string
  sign: '<' | '<=' | '>' | '>=' | '=' | '!=' | 'has'
  text: string
}

const comparison = /^([\w.@/-]+)\s*(<=|>=|!=|=|<|>)\s*("[^"]*"|\S+)$/
const splitter = /\s+and\s+/i

const unquote = (text: string): string => text.replace(/^"(.*)"$/, '$1')

function termOf(text: string, columns: ReadonlySet<string>): Term {
  const found = comparison.exec(text)
  if (!found || !columns.has(found[1] ?? '')) return { sign: 'has', text: text.toLowerCase() }
  return { column: found[1] ?? '', sign: (found[2] ?? '=') as Term['sign'], text: unquote(found[3] ?? '') }
}

function holds(value: CellValue, term: Term): boolean {
  if (value === null || value === undefined) return term.sign === '!='
  if (term.sign === 'has') return String(value).toLowerCase().includes(term.text)
  const asked = Number(term.text)
  if (typeof value === 'number' && !Number.isNaN(asked)) {
    const signs = {
      '<': value < asked,
      '<=': value <= asked,
      '>': value > asked,
      '>=': value >= asked,
      '=': value === asked,
      '!=': value !== asked,
    }
    return signs[term.sign]
  }
  const order = String(value).localeCompare(term.text, 'en', { numeric: true })
  const signs = {
    '<': order < 0,
    '<=': order <= 0,
    '>': order > 0,
    '>=': order >= 0,
    '=': order === 0,
    '!=': order !== 0,
  }
  return signs[term.sign]
}

/** A line such as `mae < 60 and state = failed`, or plain words that any column may hold. */
export function rowFilter<T>(line: string, columns: readonly Filterable<T>[]): (row: T) => boolean {
  const byId = new Map(columns.map((column) => [column.id, column]))
  const names = new Set(byId.keys())
  const terms = line
    .trim()
    .split(splitter)
    .filter((text) => text !== '')
    .map((text) => termOf(text, names))
  return (row) =>
    terms.every((term) =>
      term.column === undefined
        ? columns.some((column) => holds(column.value?.(row), term))
        : holds(byId.get(term.column)?.value?.(row), term),
    )
}
