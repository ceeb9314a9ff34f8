import { isUtf8 } from 'node:buffer'
import { MainstayError } from '../../../contract/errors.ts'
import type { ColumnKind } from '../../../contract/signature.ts'
import { assertRows, emptyBlock, refuse, setCell } from './cells.ts'
import type { Layout, RowBlock } from './layout.ts'

/** A scoring body as CSV: a head that names the columns, in any order, then rows. An empty cell is a missing value. */
export function readCsvRequest(body: Buffer, layout: Layout, maxRows: number): RowBlock {
  if (!isUtf8(body)) throw new MainstayError('serving.invalid_input', 'the CSV body is not UTF-8')
  const [names, ...rows] = splitCsv(body.toString('utf8').replace(/^\ufeff/, ''))
  if (!names) refuse('the CSV body is empty: its first line must name the columns')
  const side = layout.inputs
  const at = side.columns.map((column) => {
    const index = names.indexOf(column.name)
    if (names.lastIndexOf(column.name) !== index) refuse(`the CSV names column '${column.name}' twice`)
    if (index < 0 && !column.missing) refuse(`the model needs column '${column.name}', which the CSV lacks`)
    return index
  })
  assertRows(rows.length, maxRows)
  const block = emptyBlock(side, rows.length)
  for (const [row, texts] of rows.entries()) {
    if (texts.length !== names.length)
      refuse(`CSV row ${row} has ${texts.length} cells, its head names ${names.length} columns`)
    for (const [index, column] of side.columns.entries()) {
      setCell(side, block, row, index, cellOf(texts[at[index] ?? -1] ?? '', column.kind))
    }
  }
  return block
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i

/** What JSON would say. A text that is none stays one, and is refused as such by its column. */
function cellOf(text: string, kind: ColumnKind): unknown {
  if (text === '') return null
  if (kind === 'string') return text
  if (NUMBER.test(text)) return Number(text)
  if (/^nan$/i.test(text)) return null
  return kind === 'bool' && /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y

/** RFC 4180; blank lines are skipped. */
function splitCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  FIELD.lastIndex = 0
  while (FIELD.lastIndex < text.length) {
    const start = FIELD.lastIndex
    const field = FIELD.exec(text)
    if (!field) refuse(`the CSV body cannot be read from character ${start}: a quote is not closed or stands alone`)
    const [, quoted, plain = '', end] = field
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',' && FIELD.lastIndex < text.length) continue
    if (end === ',') row.push('')
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  return rows
}
